"""What was out of the ordinary in what a machine did."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from nbrunbook.runbook import replay
from nbrunbook.runbook.account import people
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.times import utc
from nbrunbook.runbook.unusual import unusual
from tests.making import AT, event, plan_of
from tests.runbook.test_past_runs import Said
from tests.runbook.test_runs import CODE, DECLARED, STEPS

PLAN = plan_of(STEPS, declare=DECLARED, code=CODE)
MADE: Said = ("opened", "", {})
START: Said = ("started", "green", {"key": "k"})


def _happened(*said: Said) -> list[Event]:
    return [
        event(kind, step, seq=seq, at=AT + timedelta(minutes=10 * seq), **more)
        for seq, (kind, step, more) in enumerate([MADE, *said], 1)
    ]


def _of(happened: list[Event]) -> list[str]:
    progress = replay.apply_all(replay.start(PLAN), happened)
    told = unusual(progress, happened, {}, utc(happened[-1].at))
    lines = [f"{each.kind}: {each.subject}: {each.words}" for each in told]
    return [each.replace("22 Nov 2026 ", "").replace(" UTC", "").replace(" by ana (declared),", "") for each in lines]


def _told(*said: Said) -> list[str]:
    return _of(_happened(*said))


def test_what_passed_is_ordinary() -> None:
    """However often it is looked at."""
    assert _told(START, ("passed", "green", {"value": "12"}), START, ("passed", "green", {})) == []


def test_failures_are_counted() -> None:
    """By outcome, out of how many runs, with the last of them and what it said; one alone needs no count."""
    red: Said = ("failed", "green", {"message": "red"})
    assert _told(START, red) == ["failed: green: failed, 14:32 — red"]
    lost: Said = ("undecided", "green", {"message": "no route"})
    found = _told(START, red, START, red, START, lost, START, ("passed", "green", {}))
    assert found == [
        "failed: green: 2 failed of 4 runs, the last one 14:52 — red",
        "undecided: green: 1 undecided of 4 runs, 15:12 — no route",
    ]


def test_stopped_and_warned_are_told() -> None:
    """With who pressed, and what was warned of."""
    found = _told(START, ("stopped", "green", {"seconds": "1"}), START, ("warned", "green", {"message": "slow"}))
    assert found == [
        "stopped: green: 1 stopped of 2 runs, 14:32",
        "warned: green: 1 passed with a warning of 2 runs, 14:52 — slow",
    ]


def test_force_is_told_with_its_reason() -> None:
    """Each of them: a machine did again what was done."""
    again: Said = ("started", "purge", {"forced": "yes", "reason": "the CDN lost it", "key": "k2"})
    first: list[Said] = [("started", "purge", {"key": "k"}), ("passed", "purge", {})]
    assert _told(*first, again, ("passed", "purge", {})) == ["forced: purge: 14:42 — the CDN lost it"]


def test_an_operators_word_is_told() -> None:
    """That it ran or did not, why, and that its host is gone; it is neither by hand nor a stop."""
    ran: Said = ("ticked", "green", {"run": "r", "reason": "I looked", "host_is_gone": "web-1"})
    found = _told(START, ran)
    assert found == ["decided: green: it ran, said 14:32 — I looked; its host web-1 is gone"]
    found = _told(START, ("stopped", "green", {"run": "r", "note": "nothing there"}))
    assert found == ["decided: green: it did not run, said 14:32 — nothing there"]


def test_by_hand_is_told() -> None:
    """Of what a machine does; a manual step is done by hand always."""
    found = _told(("ticked", "green", {"reason": "the cluster is gone"}), ("ticked", "manual", {}))
    assert found == ["by hand: green: 14:22 — the cluster is gone"]


def test_a_regression_is_told() -> None:
    """A check that had passed and fails opens its step again; under a parent that is done it only fails."""
    failing: list[Said] = [START, ("failed", "green", {"message": "red"})]
    found = _told(START, ("passed", "green", {}), *failing)
    assert found == ["failed: green: 1 failed of 2 runs, 14:52 — red", "regressed: green: 14:52 — red"]
    inner = [(kind, "inner", more) for kind, _, more in (START, ("passed", "", {}))]
    again = [(kind, "inner", more) for kind, _, more in failing]
    kinds = [each.partition(":")[0] for each in _told(*inner, ("ticked", "manual", {}), *again)]  # type: ignore[arg-type]
    assert kinds == ["failed"]


def test_what_was_redacted_says_so() -> None:
    """Not what it was, but that there was something."""
    happened = _happened(START, ("failed", "green", {"message": "hunter2"}))
    happened[2] = replace(happened[2], data={}, salt="")
    assert _of(happened) == ["failed: green: failed, 14:32 — (what was said here was redacted)"]


def test_code_that_was_blanked_is_told() -> None:
    """It is no event that was."""
    found = _told(("redacted", "", {"blobs": "0" * 64, "reason": "a password"}))
    assert found == ["code redacted: : code that its steps load, 14:22 — a password"]


def test_who_did_what() -> None:
    """Who pressed Run, who did by hand what a machine does, who said what became of a run; an end is nobody's deed."""
    word: Said = ("ticked", "green", {"run": "r", "reason": "I looked"})
    happened = _happened(START, ("failed", "green", {}), START, word, ("ticked", "purge", {"reason": "x"}))
    progress = replay.apply_all(replay.start(PLAN), happened)
    did = "made the runbook, 1 done by hand, said what became of 1 run, pressed Run 2 times"
    assert people(happened, progress)[0].did == did
    assert people(_happened(START, ("passed", "green", {}), ("ticked", "green", {})))[0].did.endswith(
        "1 confirmed as reworded, pressed Run"
    )


def test_what_is_confirmed_was_not_done_by_hand() -> None:
    """The machine did it: an operator's tick on a step that is done says that it holds for its new wording."""
    code = CODE.replace("def look(): ...", "def look(): return 1")
    plan = plan_of(STEPS, declare=DECLARED, code=code)
    passed: list[Said] = [START, ("passed", "green", {})]
    happened = _happened(*passed, ("revised", "", {"plan": plan.digest}), ("ticked", "green", {}))
    progress = replay.apply_all(replay.start(PLAN), happened, {plan.digest: plan})
    assert progress.of("green").confirmed
    assert "by hand" not in [each.kind for each in unusual(progress, happened, {}, utc(happened[-1].at))]
