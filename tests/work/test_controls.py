"""Controls of a batch, as the journal is told of them."""

from __future__ import annotations

import pytest

from nbrunbook.errors import RefusedError
from nbrunbook.runbook import events
from nbrunbook.work import controls
from nbrunbook.work.session import Session
from tests.batch_steps import run_as, with_a_batch
from tests.conftest import Workplace
from tests.making import session_on


@pytest.fixture
def ana(work: Workplace, engine: str) -> Session:
    """Ana at work on a runbook with a batch."""
    return with_a_batch(work)


def test_others_see_who_holds_it(ana: Session) -> None:
    """Paused, sized and resumed; each says which nbrunbook it needs, and repeating gives the first answer."""
    run_as(ana, "a")
    event_id, ben = events.new_id(), session_on(operator="ben")
    first = controls.pause(ben, "fill", event_id=event_id, reason="the site is slow")
    assert controls.pause(ben, "fill", event_id=event_id) == first
    assert first.data == {"reason": "the site is slow", "needs": "0.5.0"}
    controls.resize(ben, "fill", 500)
    ana.refresh()
    assert (ana.progress.of("fill").paused_by, ana.progress.of("fill").batch_size) == ("ben", 500)
    controls.resume(ana, "fill")
    controls.resize(ana, "fill", None)
    ben.refresh()
    assert (ben.progress.of("fill").paused_by, ben.progress.of("fill").batch_size) == ("", None)


def test_what_makes_no_sense_is_refused(ana: Session) -> None:
    """In words, and nothing is recorded."""
    with pytest.raises(RefusedError, match="cannot resume fill: nobody has paused it"):
        controls.resume(ana, "fill")
    controls.pause(ana, "fill")
    with pytest.raises(RefusedError, match="cannot pause fill: already paused by ana"):
        controls.pause(session_on(operator="ben"), "fill")
    for size in (0, -1, 100_001):
        with pytest.raises(RefusedError, match="from 1 to 100,000"):
            controls.resize(ana, "fill", size)
    with pytest.raises(RefusedError, match="cannot pause drop: it is no batch"):
        controls.pause(ana, "drop")
    assert [event.kind for event in session_on().events] == ["opened", "paused"]
