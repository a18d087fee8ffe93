"""What a sign-off closes."""

from __future__ import annotations

from nbrunbook.runbook import closing
from nbrunbook.runbook.events import Kind
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.replay import apply_all, start
from tests.making import event, plan_of

STEPS = "- [ ] Mail {#mail}\n- [ ] Tidy {#tidy .optional}\n- [ ] Wait {#wait .optional}"


def _after(*said: tuple[Kind, str, str], steps: str = STEPS) -> Progress:
    events = [event(kind, step, seq=seq, reason=why) for seq, (kind, step, why) in enumerate(said, 2)]
    return apply_all(start(plan_of(steps)), [event("opened", seq=1), *events])


def test_what_is_left_behind_is_named() -> None:
    """Skipped with its reason, optional and open: one kind a line, and nothing where nothing is left."""
    progress = _after(("skipped", "mail", "nobody to mail"), ("ticked", "wait", ""))
    assert closing.question(progress, "staging/1.0").splitlines() == [
        "This closes staging/1.0: 1 of 3 done, 1 skipped.",
        "Skipped: Mail — nobody to mail",
        "Optional and open: Tidy",
    ]
    assert closing.lines(_after(*[("ticked", each, "") for each in ("mail", "tidy", "wait")])) == []


def test_many_are_counted() -> None:
    """Twelve are named, the rest is a number: it is read once, at the end."""
    steps = "\n".join(f"- [ ] S{number} {{#s{number} .optional}}" for number in range(20))
    (line,) = closing.lines(_after(steps=steps))
    assert line.endswith("S11; and 8 more")
