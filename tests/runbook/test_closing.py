"""What a sign-off closes."""

from __future__ import annotations

from datetime import timedelta

from nbrunbook.runbook import closing
from nbrunbook.runbook.events import Kind
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.replay import apply_all, start
from nbrunbook.runbook.times import utc
from tests.making import AT, clock, event, plan_of, with_event
from tests.runbook.conftest import with_facts

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


def test_what_is_left_begins_with_what_is_late() -> None:
    """What keeps it from being signed off comes first, and of each kind what is overdue."""
    steps = "- [ ] A {#a}\n- [ ] B {#b due=1h}\n- [ ] C {#c .optional}"
    progress = _after(steps=steps)
    later = AT + timedelta(hours=2)
    found = [(each.words, [step.id for step in each.steps]) for each in closing.left(progress, now=later)]
    assert found == [("Open before sign-off: 2", ["b", "a"]), ("Optional and open: 1", ["c"])]
    assert closing.left(_after(("abandoned", "", "rolled back"), steps=steps), now=later) == []


def test_the_end_in_one_line() -> None:
    """Nothing before the sign-off; then by whom, how much of each, and how long from the first recorded work."""
    said: list[tuple[Kind, str, str]] = [("ticked", "mail", ""), ("skipped", "tidy", "not here")]
    assert closing.ended(_after(*said)) == closing.from_to(_after(*said), utc(AT)) == ""
    progress = apply_all(
        _after(("noted", "", "soon"), *said), [event("signed_off", seq=5, at=AT + timedelta(minutes=6))]
    )
    assert closing.ended(progress) == "Signed off by ana, 1 done, 1 skipped, 1 left open, in 6 min"
    assert "from the first recorded work, " in closing.from_to(progress, utc(AT))
    again = apply_all(progress, [event("reopened", seq=6, reason="not the end")])
    assert closing.ended(again) == ""


def test_the_sign_off_says_what_is_open() -> None:
    """What stands between a runbook and its sign-off is listed; then that it can be signed off."""
    assert closing.sign_off_text(with_facts(), clock()).splitlines() == [
        "Open before sign-off: 3",
        "- Mail",
        "- Board",
        "- Web",
    ]
    settled = with_facts(*(("skipped", step) for step in ("mail", "board", "web")))
    assert "can be signed off" in closing.sign_off_text(settled, clock())
    assert closing.sign_off_text(with_event(settled, event("signed_off", seq=9)), clock()) == (
        "This runbook is signed off by ana (declared), 22 Nov 14:02 UTC."
    )
