"""Skipping a release that never went to an environment."""

from __future__ import annotations

import pytest

from nbrunbook.errors import NbrunbookError, RefusedError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.operator import declared
from nbrunbook.project.settings import find_project
from nbrunbook.work import skip
from nbrunbook.work.keys import parse_key
from nbrunbook.work.skip import Skip
from tests.conftest import Workplace
from tests.making import registered, session_on

ANA = declared("ana", "env")


def _prepared(key: str, reason: str = "1.1 followed") -> Skip:
    return skip.prepare(find_project(), parse_key(key), reason, ANA)


def test_looking_writes_nothing(work: Workplace) -> None:
    """Until it is carried out, not even a journal is made."""
    prepared = _prepared("staging/1.0")
    assert (prepared.left, prepared.already, prepared.is_known) == (["staging"], {}, False)
    assert Journal.if_any(find_project().journal) is None


def test_a_release_that_never_went_there_gets_a_runbook_without_steps(work: Workplace) -> None:
    """It is made and skipped at once, and a second time it is skipped already."""
    prepared = _prepared("staging/1.0")
    assert not prepared.has_runbook("staging")
    session = skip.carry_out(prepared, skip.open_journal(prepared), "staging")
    assert (session.key, [event.kind for event in session_on().events]) == ("staging/1.0", ["opened", "skipped"])
    again = _prepared("staging/1.0")
    assert (again.left, [event.operator for event in again.already.values()]) == ([], ["ana"])


def test_an_open_runbook_is_skipped_as_a_whole(work: Workplace) -> None:
    """What is left of it is skipped, and it stays the runbook of its deployment."""
    registered("- [ ] A {#a}")
    prepared = _prepared("staging/1.0")
    assert prepared.has_runbook("staging")
    assert skip.carry_out(prepared, skip.open_journal(prepared), "staging").progress.state == "skipped"


def test_what_is_signed_off_is_not_skipped(work: Workplace) -> None:
    """It was done: RefusedError says by whom, before anything is written."""
    registered("- [ ] A {#a .optional}")
    session_on().append("signed_off")
    with pytest.raises(RefusedError, match=r"cannot skip staging/1\.0: staging/1\.0 is signed off by ana"):
        skip.open_journal(_prepared("staging/1.0"))


@pytest.mark.parametrize(
    ("key", "reason", "words"),
    [
        ("staging/next", "never", "'next' is no release"),
        ("staging", "never", "release"),
        ("staging/1.0", "", "a reason is asked for"),
    ],
)
def test_what_cannot_be_skipped_is_told(work: Workplace, key: str, reason: str, words: str) -> None:
    """A folder of parts, no release at all, and no reason."""
    with pytest.raises(NbrunbookError, match=words):
        _prepared(key, reason)
