"""What a row shows of an automated step."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from nbrunbook.runbook import events, run_view
from nbrunbook.runbook.events import Kind
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.status import Heard
from nbrunbook.runbook.words import step_view
from tests.making import AT, clock, event, with_event
from tests.runbook.test_runs import after


def view(done: Progress, step: str = "green") -> dict[str, Any]:
    """Return what is shown of the runs of a step."""
    found: dict[str, Any] = step_view(done, done.plan.by_id[step], clock(), apart=True)["run"]
    return found


@pytest.mark.parametrize(
    ("said", "step", "is_"),
    [
        ([], "green", "ready"),
        ([], "purge", "waiting"),
        ([("started", "green")], "green", "running"),
        *[([("started", "green"), (kind, "green")], "green", kind) for kind in ("passed", "warned", "failed")],
        *[([("started", "green"), (kind, "green")], "green", kind) for kind in ("undecided", "stopped")],
        ([("skipped", "green")], "green", "skipped"),
        ([("started", "green"), ("passed", "green"), ("started", "green")], "green", "running"),
        ([("started", "green"), ("passed", "green"), ("unticked", "green")], "green", "ready"),
        ([("started", "green"), ("passed", "green"), ("started", "green"), ("undecided", "green")], "green", "passed"),
        ([("started", "green"), ("passed", "green"), ("started", "green"), ("warned", "green")], "green", "warned"),
    ],
)
def test_where_it_stands(said: list[tuple[Kind, str]], step: str, is_: str) -> None:
    """Each state has a sign of its own, and words for whoever cannot see it."""
    shown = view(after(*said), step)
    assert (shown["is"], shown["words"]) == (is_, run_view.STATES[is_])


def test_what_was_done_by_hand_is_told_from_what_passed() -> None:
    """A tick with a reason is by hand, whatever the machine tried before; a word on a run, that it ran, is not."""
    done = with_event(after(("started", "green"), ("failed", "green")), event("ticked", "green", seq=9, reason="seen"))
    assert view(done)["is"] == "by-hand"
    begun = after(("started", "green"))
    run = begun.of("green").run
    assert run
    said = with_event(begun, event("ticked", "green", seq=9, reason="the log says so", run=run.id))
    assert view(said)["is"] == "done"


@pytest.mark.parametrize(
    ("heard", "is_"),
    [
        ({"seconds": 3.0}, "running"),
        ({"seconds": 3.0, "stopper": "ben (declared)"}, "stopping"),
        ({"seconds": 90.0}, "unknown"),
    ],
)
def test_a_run_that_goes_on(heard: dict[str, Any], is_: str) -> None:
    """Since when, where, the attempt, when it was last heard of, and its last lines as text."""
    done = after(("started", "green"))
    run = done.of("green").run
    assert run
    said = Heard(host="h", attempt=2, lines=("\x1b[31mred\x1b[0m",), **heard)
    shown = view(replace(done, heard={run.id: said}))
    assert (shown["is"], shown["host"], shown["attempt"], shown["lines"]) == (is_, "h", 2, ["red"])
    assert shown["since"] == events.instant(run.at)
    assert shown["silent_since"] == events.instant(AT - timedelta(seconds=said.seconds))


def test_what_its_function_said_is_told_apart() -> None:
    """The message is no part of the line, where it would be cut; what can be unfolded is named."""
    said = {"message": "health is \x1b[31mred\x1b[0m\nlook", "output": "wrote", "seconds": "12.3", "attempts": "3"}
    done = after(("started", "green"), ("failed", "green"), **said)
    shown = view(done)
    assert shown["said"] == "health is red\nlook"
    assert shown["output"] == done.of("green").last.id  # type: ignore[union-attr]
    line = step_view(done, done.plan.by_id["green"], clock(), apart=True)["line"]
    assert line.endswith("failed, run by ana (declared), 22 Nov 14:02 UTC · took 12 s, 3 attempts")
    assert view(after(("started", "green"), ("passed", "green")))["output"] == ""
    again = view(after(("started", "green"), ("failed", "green"), ("started", "green"), **said))
    assert (again["is"], again["said"], again["output"]) == ("running", "", "")


def test_what_was_redacted_says_so() -> None:
    """What its function said is blank, and the row says that it was, as its line does."""
    done = after(("started", "green"), ("failed", "green"), message="hunter2")
    state = done.of("green")
    assert state.last
    blank = replace(done, steps={"green": replace(state, last=replace(state.last, data={}, salt=""))})
    assert (view(blank)["said"], view(blank)["output"]) == ("(redacted)", "")
    line = step_view(blank, blank.plan.by_id["green"], clock())["line"]
    assert ": (redacted)" in line
    assert "hunter2" not in line
