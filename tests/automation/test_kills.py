"""Kills and freezes of whoever has a hand in a run, at each point of it; the journal tells no lie about it."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess

import pytest

from nbrunbook.automation import asking, lock
from tests.automation.effects import (
    acts,
    at,
    check_truth,
    child,
    died,
    effects,
    heard,
    kernel,
    last,
    pressed,
    said,
    settle,
    touch,
)
from tests.automation.halting import AFTER_CHILD, BEFORE_CHILD, OF_STARTER
from tests.conftest import Workplace
from tests.making import session_on
from tests.running import KEY, sampled, wait_for

__all__ = ["acts"]
pytestmark = pytest.mark.faults


@pytest.mark.parametrize("point", OF_STARTER)
def test_whoever_pressed_is_killed_before_it_begins(acts: Workplace, point: str) -> None:
    """Before `started` nothing is known of it; after it an operator says that it did not run; nothing ever did."""
    touch(acts, f"halt-{point}")
    with kernel():
        os.kill(at(acts, point), signal.SIGKILL)
    session = session_on()
    assert [event.kind for event in session.events] == ["opened", *(["started"] if point == "started" else [])]
    if point == "started":
        died(session)
        asking.catch_up(session)
        assert session.progress.of("act").run
    assert effects(acts) == []
    settle(acts)


@pytest.mark.parametrize("point", sampled([*BEFORE_CHILD, "in the function", *AFTER_CHILD], every=2))
def test_a_supervisor_is_killed(acts: Workplace, point: str) -> None:
    """What came out is known where it stood in the file, and nowhere else: not even where the function was done."""
    touch(acts, "slow" if point == "in the function" else f"halt-{point}")
    session, begun = pressed()
    if point == "in the function":
        child(acts)
        os.kill(heard(session).pid, signal.SIGKILL)
    else:
        os.kill(at(acts, point), signal.SIGKILL)
    wait_for(lambda: lock.is_free(begun.folder))
    asking.catch_up(session)
    did = [word for word, _ in effects(acts)]
    assert did == {"in the function": ["began"]}.get(point, [] if point in BEFORE_CHILD else ["began", "done"])
    assert last(session) == ("passed" if point in ("written", "recorded") else None)
    assert (session.progress.of("act").run is None) == (point in ("written", "recorded"))
    settle(acts)


def test_a_child_is_killed(acts: Workplace) -> None:
    """Undecided, at once; the next run goes on with the same key."""
    touch(acts, "slow")
    session, _ = pressed()
    os.kill(child(acts), signal.SIGKILL)
    wait_for(lambda: last(session) == "undecided")
    settle(acts)
    assert len({key for _, key in effects(acts)}) == 1


def test_whoever_pressed_is_killed_while_it_runs(acts: Workplace) -> None:
    """A kernel, with its whole group: the run does not care."""
    touch(acts, "slow")
    with kernel() as process:
        assert said(process).startswith("begun")
        child(acts)
        process.kill()
        process.wait()
        (acts.root / "slow").unlink()
        session = session_on()
        wait_for(lambda: last(session) == "passed")
    settle(acts)


@pytest.mark.parametrize("times", [5, pytest.param(100, marks=pytest.mark.whole)])
def test_a_kill_of_anybody_at_any_moment(acts: Workplace, times: int) -> None:
    """Of a kernel, a supervisor, its guard or its child: after each the story holds, and the check runs again."""
    for _ in range(times):
        with kernel("look") as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(random.uniform(0.3, 2.5))
            mine = [pid for each in (acts.root / ".nbrunbook" / "runs").glob("*") for pid in lock.holders(each)]
            victim = random.choice([process.pid, *mine])
            if process.poll() is None and victim in (process.pid, *mine):
                os.kill(victim, signal.SIGKILL)
            process.kill()
        _said_of_what_died()
        check_truth(acts)
    settle(acts, "look")


def _said_of_what_died() -> None:
    """Wait until a run is over, and say that it did not run where nobody knows."""
    session = session_on()
    if session.progress.of("look").run:
        died(session, "look")
        asking.catch_up(session)
        if session.progress.of("look").run:
            asking.say(session, "look", ran=False, note="I looked", gone=False)


# Freezes, for longer than a minute


def test_a_frozen_supervisor_is_unknown_until_it_goes_on(acts: Workplace) -> None:
    """Nobody decides on its host while it lives, nor runs it again; its next word takes all back."""
    touch(acts, "slow")
    session, _ = pressed()
    running = child(acts)
    pid = heard(session).pid
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: heard(session).is_unknown)
    assert acts.run("run", KEY, "act", "--it-ran", "--reason", "I looked") == 1
    assert "it runs still, or something of it, as processes " in acts.err
    assert {str(pid), str(running)} <= set(acts.err.replace(",", " ").replace("'", " ").split())
    assert acts.run("run", KEY, "act", "--it-did-not", "--reason", "it is gone", "--host-is-gone") == 1
    assert acts.run("run", KEY, "act", "--yes") == 1
    assert "it runs, started by" in acts.err
    assert acts.run("run", KEY, "act", "--stop") == 1
    os.kill(pid, signal.SIGCONT)
    wait_for(lambda: not heard(session).is_unknown)
    (acts.root / "slow").unlink()
    wait_for(lambda: last(session) == "passed")
    assert effects(acts) == [
        ["began", session.progress.of("act").evidence],
        ["done", session.progress.of("act").evidence],
    ]
    settle(acts)


def test_a_frozen_child_is_stopped(acts: Workplace) -> None:
    """Its supervisor is heard of all the while, and ends it."""
    touch(acts, "slow")
    session, _ = pressed()
    os.kill(child(acts), signal.SIGSTOP)
    first = heard(session)
    wait_for(lambda: heard(session).seconds < first.seconds or first.seconds == 0)
    assert acts.run("run", KEY, "act", "--stop") == 0, acts.err
    assert last(session) == "stopped"
    settle(acts)


@pytest.mark.parametrize("point", OF_STARTER)
def test_whoever_pressed_is_frozen(acts: Workplace, point: str) -> None:
    """Before `started` somebody else is faster, and it is refused; after it nobody else may, and it goes on."""
    touch(acts, f"halt-{point}")
    with kernel() as process:
        os.kill(at(acts, point), signal.SIGSTOP)
        session = session_on()
        if point == "started":
            wait_for(lambda: heard(session).is_unknown)
            assert acts.run("run", KEY, "act", "--it-did-not", "--reason", "I looked") == 1
            assert f"'kill -KILL {process.pid}'" in acts.err
            assert acts.run("run", KEY, "act", "--yes") == 1
        else:
            touch(acts, "slow")
            pressed()
            child(acts)
        (acts.root / f"halt-{point}").unlink()
        os.kill(process.pid, signal.SIGCONT)
        assert said(process).split()[:2] == (
            ["refused", "RefusedError"] if point == "pressed" else ["begun", session.events[-1].id]
        )
        (acts.root / "slow").unlink(missing_ok=True)
        wait_for(lambda: last(session) == "passed")
    assert [word for word, _ in effects(acts)] == ["began", "done"]
    settle(acts)


def _ready(work: Workplace, process: subprocess.Popen[str], number: int) -> subprocess.Popen[str]:
    wait_for(lambda: len(list((work.root / ".nbrunbook" / "runs").glob("*"))) == number)
    return process


@pytest.mark.parametrize("many", [4, pytest.param(20, marks=pytest.mark.whole)])
def test_many_who_press_at_once(acts: Workplace, many: int) -> None:
    """Each in a process of its own, all ready before the first one may: one run begins, and the others hear of it."""
    touch(acts, "slow", "halt-pressed")
    with contextlib.ExitStack() as stack:
        processes = [_ready(acts, stack.enter_context(kernel()), number) for number in range(1, many + 1)]
        (acts.root / "halt-pressed").unlink()
        answers = [said(process) for process in processes]
        odd = [each for each in answers if not each.startswith("refused RefusedError cannot run act: it runs, started")]
        assert [each.partition(" ")[0] for each in odd] == ["begun"], odd
        (acts.root / "slow").unlink()
        session = session_on()
        wait_for(lambda: last(session) == "passed")
    assert [word for word, _ in effects(acts)] == ["began", "done"]
    settle(acts)
