"""Opening: a session on what the journal knows, and one runbook for each deployment."""

from __future__ import annotations

import pytest

from nbrunbook.errors import RunbookExistsError, UnknownRunbookError
from nbrunbook.journal.journal import Journal, JournalError
from nbrunbook.project.operator import declared
from nbrunbook.project.settings import find_project
from nbrunbook.work.opening import free_key
from nbrunbook.work.session import Session
from tests.conftest import Workplace
from tests.making import raw_journal, registered, session_on
from tests.work.conftest import STEPS


def test_a_deployment_has_one_runbook(ana: Session) -> None:
    """A second runbook for one deployment is refused unless it is asked for; then it is @2, @3."""
    found, ben = find_project(), declared("ben", "env")
    with pytest.raises(RunbookExistsError, match=r"staging/1\.0 \(open\)"):
        free_key(ana.journal, found, "staging/1.0", ben, again=False)
    assert free_key(ana.journal, found, "staging/1.0", ben, again=True) == "staging/1.0@2"
    registered(STEPS, key="staging/1.0@2")
    assert free_key(ana.journal, found, "staging/1.0", ben, again=True) == "staging/1.0@3"
    assert free_key(ana.journal, found, "production/1.0", ben, again=False) == "production/1.0"


def test_an_unknown_runbook_is_told(ana: Session) -> None:
    """A session on a key that the journal does not hold is an error."""
    with pytest.raises(UnknownRunbookError, match=r"did you mean 'staging/1\.0'"):
        session_on("staging/1.1")


def test_a_plan_that_was_edited_opens_no_session(ana: Session, work: Workplace) -> None:
    """Nobody works from a plan that is not the one that the runbook was made from."""
    with raw_journal(without="plan") as raw:
        raw.execute("UPDATE plan SET body = replace(body, 'Mail', 'Male')")
    with pytest.raises(JournalError, match="was edited"):
        session_on()


def test_registering_opens_the_runbook(ana: Session) -> None:
    """A new runbook's first event says who opened it, and which notebook it is."""
    first = ana.events[0]
    assert (first.kind, first.step, first.seq, first.prev_hash) == ("opened", "", 1, ana.runbook.digest)
    assert Journal.open(find_project().journal).blob(first.data["notebook"]) == b"no notebook"
