"""Whatever operators do beside a run, in either order and at once: the journal tells one story, and no other."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError, RefusedError
from nbrunbook.runbook import events
from nbrunbook.work import runs
from nbrunbook.work.session import Session
from tests.conftest import PARAMETERS, Workplace
from tests.making import plan_of, registered, session_on
from tests.running import sampled

pytestmark = pytest.mark.faults

STEPS = "- [ ] Act {#act .optional .approval}\n- [ ] Look {#look .optional}\n- [ ] By hand {#manual .optional}\n"
DECLARED = f"from nbrunbook import action, check\n{PARAMETERS}"
CODE = "@check('look')\ndef look(): ...\n@action('act')\ndef act(): ..."
Do = Callable[[Session, str], object]


def _revise(session: Session, step: str) -> object:
    made = plan_of(STEPS.replace("By hand", "By another hand"), declare=DECLARED, code=CODE)
    return session.revise(made, shown=session.progress.versions[-1].plan, template={"name": "1.0", "parts": []})


def _redact(session: Session, step: str) -> object:
    said = [event for event in session.events if event.kind == "noted"] or session.events
    return session.redact(said[0].seq, "a token")


def _begin(session: Session, step: str) -> object:
    return runs.begin(session, step, run=events.new_id(), folder=Path("/none"), data={})


def _ended(kind: str) -> Do:
    def end(session: Session, step: str) -> object:
        run = session.progress.of(step).run
        assert run
        return runs.end(session, step, run.id, kind, {"message": "so it was"})  # type: ignore[arg-type]

    return end


def _say(ran: bool) -> Do:
    return lambda session, step: runs.say(session, step, ran=ran, note="I looked", gone=False, is_free=True)


def _append(kind: str, **data: str) -> Do:
    return lambda session, step: session.append(kind, step, data=data)  # type: ignore[arg-type]


def _whole(kind: str, **data: str) -> Do:
    return lambda session, _: session.append(kind, data=data)  # type: ignore[arg-type]


REASON = {"reason": "because"}
BESIDE: Mapping[str, tuple[str, Do]] = {
    "tick": ("", _append("ticked", **REASON)),
    "untick": ("tick", _append("unticked", **REASON)),
    "skip": ("", _append("skipped", **REASON)),
    "unskip": ("skip", _append("unskipped", **REASON)),
    "note": ("", _append("noted", note="hello")),
    "note on the runbook": ("", _whole("noted", note="hello")),
    "take": ("", _append("taken")),
    "approve": ("", _append("approved")),
    "add": ("", lambda session, step: session.add("One more", after=step)),
    "revise": ("", _revise),
    "redact": ("note", _redact),
    "sign off": ("", _whole("signed_off")),
    "abandon": ("", _whole("abandoned", **REASON)),
    "tick another": ("", lambda session, _: session.append("ticked", "manual")),
}
"""What an operator does, and what was done before."""
ENDS: Mapping[str, Do] = {
    **{kind: _ended(kind) for kind in ("passed", "warned", "failed", "undecided", "stopped")},
    "it ran": _say(True),
    "it did not": _say(False),
}
MACHINE: Mapping[str, Do] = {"start": _begin, **ENDS}
"""What a run does; its end, once it has started."""
keys = itertools.count(1)
opened: list[Session] = []
"""Those of one story: an engine has only so many connections."""
Story = tuple[dict[str, str], list[tuple[str, str]], dict[str, object]]
"""What was refused, and why; the events; what the steps are then."""


def _session_on(key: str, operator: str = "ana") -> Session:
    opened.append(session_on(key, operator))
    return opened[-1]


def _runbook(beside: str, machine: str, step: str) -> str:
    """A runbook as it is before two do something: the step approved where it is asked for, done, or running."""
    key = registered(STEPS, key=f"staging/1.0@{next(keys)}", declare=DECLARED, code=CODE)
    kim, ana = _session_on(key, "kim"), _session_on(key)
    if step == "act" and beside != "approve":
        kim.append("approved", "act")
    before = BESIDE[beside][0]
    if before and not (machine in ENDS and before in ("tick", "skip")):
        BESIDE[before][1](ana, step)
    if machine in ENDS:
        if step == "act" and beside == "approve":
            kim.append("approved", "act")
        _begin(ana, step)
    return key


def _did(do: Do, session: Session, step: str, name: str, refused: dict[str, str]) -> None:
    try:
        do(session, step)
    except RefusedError:
        refused[name] = "refused"


def _story(key: str, refused: dict[str, str]) -> Story:
    try:
        return _told(_session_on(key), refused)
    finally:
        while opened:
            opened.pop().journal.close()


def _told(session: Session, refused: dict[str, str]) -> Story:
    assert session.journal.faults(session.runbook) == []
    progress = session.progress
    assert not (progress.running and progress.state != "open"), [event.kind for event in session.events]
    said = [(event.kind, event.step) for event in session.events]
    return refused, said, {step: (progress.of(step).status, bool(progress.of(step).run)) for step in ("act", "look")}


def _in_order(beside: str, machine: str, step: str, *, first: str, stale: bool) -> Story:
    """One after the other; `stale` is a second session that has not read what the first one did."""
    key, refused = _runbook(beside, machine, step), dict[str, str]()
    does = {beside: (BESIDE[beside][1], "bob"), machine: (MACHINE[machine], "ana")}
    second = machine if first == beside else beside
    sessions = {name: _session_on(key, does[name][1]) for name in (first, second)}
    _did(does[first][0], sessions[first], step, first, refused)
    if not stale:
        sessions[second].refresh()
    _did(does[second][0], sessions[second], step, second, refused)
    return _story(key, refused)


def _at_once(beside: str, machine: str, step: str) -> Story:
    key, refused, gate = _runbook(beside, machine, step), dict[str, str](), threading.Barrier(2)
    failures: list[BaseException] = []

    def do(what: Do, who: str, name: str) -> None:
        session = _session_on(key, who)
        gate.wait()
        try:
            _did(what, session, step, name, refused)
        except (NbrunbookError, AssertionError) as error:
            failures.append(error)

    threads = [
        threading.Thread(target=do, args=(BESIDE[beside][1], "bob", beside)),
        threading.Thread(target=do, args=(MACHINE[machine], "ana", machine)),
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join(90)
    assert not failures, failures
    return _story(key, refused)


@pytest.mark.parametrize("step", ["act", "look"])
@pytest.mark.parametrize("machine", sampled(MACHINE, every=4))
def test_two_at_once_tell_a_story_that_is_one_of_two(work: Workplace, engine: str, machine: str, step: str) -> None:
    """That of either order, which is the same for a session that does not know yet what the other one did."""
    for beside in BESIDE:
        stories = []
        for first in (beside, machine):
            fresh, stale = (_in_order(beside, machine, step, first=first, stale=each) for each in (False, True))
            if (first, machine) == ("revise", "start"):  # what would run is not what it was pressed for
                assert (fresh[0], stale[0]) == ({}, {"start": "refused"})
            else:
                assert stale == fresh, (beside, first)
            stories += [fresh, stale]
        at_once = _at_once(beside, machine, step)
        assert at_once in stories, (beside, at_once, stories)
