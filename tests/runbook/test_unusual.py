"""What was out of the ordinary: each kind is found, told with who, when and why, and nothing else is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from nbrunbook.runbook import replay
from nbrunbook.runbook.events import Event, Kind
from nbrunbook.runbook.plan import Plan
from nbrunbook.runbook.times import utc
from nbrunbook.runbook.unusual import KINDS, name_of, unusual
from tests.making import AT, event, plan_of

STEPS = """## Do
- [ ] Mail {#mail due=30m}
- [ ] Board {#board}
- [ ] Warm the caches {#warm .optional}

## Way back {.if-needed #back}
- [ ] Switch back {#switch}
"""
Said = tuple[Kind, str, dict[str, str]]
MADE: Said = ("opened", "", {})


def _happened(*said: Said) -> list[Event]:
    """Events ten minutes apart: what, on which step, and what was said."""
    return [
        event(kind, step, seq=seq, at=AT + timedelta(minutes=10 * seq), **more)
        for seq, (kind, step, more) in enumerate(said, 1)
    ]


def _found(*happened: Event, template: Mapping[str, Any] | None = None, to: Plan | None = None) -> list[str]:
    """All that is told, in one line each: the kind, the step and the words."""
    plans = {to.digest: to} if to else {}
    progress = replay.apply_all(replay.start(plan_of(STEPS)), happened, plans)
    told = unusual(progress, happened, template or {}, utc(happened[-1].at))
    lines = [f"{each.kind}: {each.subject}: {each.words}" for each in told]
    return [each.replace("22 Nov 2026 ", "").replace(" UTC", "") for each in lines]


def _told(*said: Said) -> list[str]:
    return _found(*_happened(MADE, *said))


ALL: list[Said] = [("ticked", "mail", {}), ("ticked", "board", {}), ("ticked", "warm", {}), ("signed_off", "", {})]


def test_nothing_is_told_of_what_went_as_it_was_written() -> None:
    """A runbook whose steps were done in time has nothing out of the ordinary; notes and takings are ordinary."""
    more: list[Said] = [("taken", "mail", {}), ("noted", "mail", {"note": "x"})]
    assert _told(*more, *ALL) == []


def test_a_skipped_step_is_told_with_its_reason() -> None:
    """Who skipped a step, when and why; what was said and redacted says so."""
    skipped = _happened(MADE, ("skipped", "board", {"reason": "none here"}))
    assert _found(*skipped) == ["skipped: board: by ana (declared), 14:22 — none here"]
    blanked = replace(skipped[1], data={}, salt="")
    words = "by ana (declared), 14:22 — (what was said here was redacted)"
    assert _found(skipped[0], blanked) == [f"skipped: board: {words}"]


def test_what_was_undone_is_told_although_it_was_done_again() -> None:
    """A tick or a skip that was taken back stays out of the ordinary."""
    again: list[Said] = [("skipped", "board", {"reason": "x"}), ("unskipped", "board", {"reason": "there is one"})]
    undone = "undone: board: unskipped by ana (declared), 14:32 — there is one"
    assert _told(*again, ("ticked", "board", {})) == [undone]
    assert _told(("ticked", "board", {}), ("unticked", "board", {"reason": "no"}), *ALL)[0].startswith("undone: board")


def test_what_was_settled_late_is_told() -> None:
    """A step that was settled after its due time says by how much, and one that never was says when it was due."""
    wait: list[Said] = [("noted", "", {"note": "x"})] * 3
    assert _told(*wait, ("ticked", "mail", {})) == [
        "late: mail: settled by ana (declared), 14:52, 10 min after it was due"
    ]
    assert _told(*wait) == []
    assert _told(*wait, *wait[:1]) == ["late: mail: not settled; it was due 14:42"]


def test_what_became_late_since_the_last_event_is_told() -> None:
    """Of a runbook that is open, as it is told now; of one that has ended, as it was then."""
    made, gone = _happened(MADE, ("abandoned", "", {"reason": "x"}))
    for happened, kinds in ([[made], ["late"]], [[made, gone], ["given up"]]):
        progress = replay.apply_all(replay.start(plan_of(STEPS)), happened)
        told = unusual(progress, happened, {}, utc(AT + timedelta(days=1)))
        assert [each.kind for each in told] == kinds


def test_an_optional_step_that_was_left_open_is_told() -> None:
    """What nobody settled at the sign-off is told; before it, open steps are ordinary."""
    left = "left open: warm: optional, and not settled at the sign-off"
    assert _told(*ALL[:2], ALL[3]) == [left]
    assert _told(*ALL[:2]) == []


def test_what_was_added_and_done_for_somebody_is_told() -> None:
    """A step that an operator put in, and a tick that somebody recorded for somebody else."""
    added: Said = ("added", "call", {"title": "Call Kim", "after": "mail"})
    found = _told(added, ("ticked", "call", {"for": "Kim"}))
    assert found == [
        "added: call: by ana (declared), 14:22",
        "on behalf: call: done by Kim, recorded by ana (declared), 14:32",
    ]


def test_a_revision_and_what_it_changed_are_told() -> None:
    """The revision with what it changed, what was settled as another text, and what it took away."""
    to = plan_of(STEPS.replace("Mail", "Mail all").replace("- [ ] Board {#board}\n", ""))
    done = [*_happened(MADE, *ALL[:2], ("revised", "", {"plan": to.digest, "summary": "1 changed"}))]
    reworded, removed, revised = _found(*done, to=to)
    assert reworded.startswith("reworded: mail: Reworded since done")
    assert reworded.endswith("it said “Mail”; not confirmed")
    assert removed == "removed: board: it was done by ana (declared), 14:32"
    assert revised == "revised: : by ana (declared), 14:42 — 1 changed"
    confirmed = event("ticked", "mail", seq=5, at=AT + timedelta(minutes=50), note="still so")
    assert _found(*done, confirmed, to=to)[0] == "reworded: mail: confirmed by ana (declared), 14:52 — still so"


def test_what_no_commit_holds_is_told() -> None:
    """Files of the template, or of a revision's, that were not committed."""
    (made,) = _happened(MADE)
    assert _found(made, template={"uncommitted": ["templates/1.0.md"]}) == ["not committed: : templates/1.0.md"]
    data = {"plan": plan_of(STEPS).digest, "template": '{"uncommitted":["a.md"]}'}
    found = _found(*_happened(MADE, ("revised", "", data)), to=plan_of(STEPS))
    assert found == ["revised: : by ana (declared), 14:22", "not committed: : revision of 14:22: a.md"]


def test_sections_that_are_closed_as_a_rule_are_told() -> None:
    """An `.if-needed` section that was opened, and that was closed again."""
    assert _told(("opened", "back", {}), ("closed", "back", {})) == [
        "only if needed: back: opened by ana (declared), 14:22",
        "only if needed: back: closed by ana (declared), 14:32",
    ]


def test_a_runbook_that_was_closed_before_is_told() -> None:
    """Reopened, with its reason; also what it had been closed by, where that was no sign-off."""
    again: Said = ("reopened", "", {"reason": "one was missing"})
    assert _told(*ALL, again) == ["reopened: : by ana (declared), 15:02 — one was missing"]
    given_up: Said = ("abandoned", "", {"reason": "rolled back"})
    given, reopened = _told(given_up, again)
    assert given == "given up: : abandoned by ana (declared), 14:22 — rolled back"
    assert reopened == "reopened: : by ana (declared), 14:32 — one was missing"


def test_a_redaction_is_told() -> None:
    """Which event was blanked, by whom and why; not what it said."""
    noted, redacted = _happened(("noted", "", {"note": "hunter2"}), ("redacted", "", {"reason": "a password"}))
    redacted = replace(redacted, data={**redacted.data, "seq": "1"})
    found = _found(replace(noted, data={}, salt=""), redacted)
    assert found == ["redacted: : what event 1 said, by ana (declared), 14:22 — a password"]


def test_a_second_runbook_of_a_deployment_is_told() -> None:
    """A runbook that was made again says which one came before it."""
    (made,) = _happened(MADE)
    words = "this is staging/1.0@2: staging/1.0 came before it"
    assert _found(replace(made, runbook="staging/1.0@2")) == [f"another runbook: : {words}"]


def test_all_kinds_stand_in_one_order() -> None:
    """Whatever came first, the kinds are told in the order of the table."""
    found = _told(("opened", "back", {}), ("ticked", "board", {"for": "Kim"}), ("skipped", "mail", {"reason": "x"}))
    kinds = [each.partition(":")[0] for each in found]
    assert kinds == sorted(kinds, key=list(KINDS).index) == ["skipped", "on behalf", "only if needed"]


def test_what_is_gone_has_a_name() -> None:
    """A step that a revision took away is told by its title, what nobody knows by its id."""
    to = plan_of(STEPS.replace("- [ ] Board {#board}\n", ""))
    happened = _happened(MADE, ("revised", "", {"plan": to.digest}))
    progress = replay.apply_all(replay.start(plan_of(STEPS)), happened, {to.digest: to})
    assert [name_of(progress, each) for each in ("board", "mail", "back", "?")] == ["Board", "Mail", "Way back", "?"]
