"""What is said of steps that a revision took away."""

from __future__ import annotations

from nbrunbook.runbook import removed_words, replay
from nbrunbook.runbook.events import Kind
from nbrunbook.runbook.html import removed_html
from nbrunbook.runbook.notes import HELD
from nbrunbook.runbook.progress import Progress
from tests.making import AT, clock, event, plan_of

MADE = "- [ ] Mail {#mail}\n- [ ] Drain {#drain}"
NEW = "- [ ] Mail {#mail}"


def _done(*facts: tuple[Kind, str], **more: str) -> Progress:
    made = [event(kind, step, seq=number, **more) for number, (kind, step) in enumerate([("opened", ""), *facts], 1)]
    last = event("revised", seq=len(made) + 1, operator="ben", plan=plan_of(NEW).digest)
    return replay.apply_all(replay.start(plan_of(MADE)), [*made, last], {plan_of(NEW).digest: plan_of(NEW)})


def test_removed_steps_are_told_with_what_became_of_them() -> None:
    """Who did it, with which evidence and notes; and that nobody did."""
    done = _done(("ticked", "drain"), ("noted", "drain"), evidence="https://x.org", note="late")
    assert removed_words.removed_text(done, clock()) == [
        "Drain  (drain): done by ana (declared), 22 Nov 14:02 UTC — late · Evidence: https://x.org"
        " · late — ana (declared), 22 Nov 14:02 UTC"
    ]
    assert removed_words.removed_text(_done(), clock()) == ["Drain  (drain): never settled"]
    assert removed_html(replay.start(plan_of(MADE)), now=AT) == ""


def test_many_notes_are_counted_and_a_record_has_them_all() -> None:
    """As with a step that is there."""
    done = _done(*[("noted", "drain")] * (HELD + 2), note="late")
    (told,) = removed_words.removed_text(done, clock())
    assert "2 earlier notes" in told
    assert told.count("late") == HELD
    assert removed_html(done, now=AT).count("late") == HELD + 2
