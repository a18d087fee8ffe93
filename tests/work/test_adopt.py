"""A runbook's file that the journal does not know is taken into it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.operator import declared
from nbrunbook.project.settings import find_project
from nbrunbook.work import adopt
from tests.conftest import Workplace

BEN = declared("ben", "env")


@pytest.fixture
def detached(work: Workplace) -> Path:
    """A runbook that no journal knows."""
    work.template("- [ ] A {#a}")
    assert work.run("instantiate", "1.0", "-e", "staging", "--detached") == 0
    return work.root / "runbooks" / "staging" / "1.0.ipynb"


def test_a_file_is_adopted_once(detached: Path) -> None:
    """It is registered by who adopts it; a second time its runbook is found in the journal."""
    project = find_project()
    first = adopt.look_up(project, detached)
    assert (first.known, first.journal.is_new) == (None, True)
    assert [event.operator for event in adopt.adopt(project, first, BEN).events] == ["ben"]
    again = adopt.look_up(project, detached)
    assert again.known is not None
    assert len(adopt.adopt(project, again, BEN).events) == 1


def test_another_project_s_file_is_told(detached: Path) -> None:
    """A journal takes the runbooks of its own project only."""
    with pytest.raises(NbrunbookError, match="belongs to the project 'shop'"):
        adopt.look_up(replace(find_project(), name="mill"), detached)


def test_another_runbook_of_the_key_is_told(detached: Path, work: Workplace) -> None:
    """Two files that say they are one key have to hold the same facts."""
    other = detached.read_bytes()
    detached.unlink()
    assert work.run("instantiate", "1.0", "-e", "staging") == 0
    detached.write_bytes(other)
    with pytest.raises(NbrunbookError, match="the journal knows another runbook of that key"):
        adopt.look_up(find_project(), detached)


def test_what_a_record_says_is_done_is_not_opened_again(detached: Path, work: Workplace) -> None:
    """Where the journal was lost, a record that holds keeps a file from being worked through once more."""
    project = find_project()
    adopt.adopt(project, adopt.look_up(project, detached), BEN)
    for verb in (("tick", "staging/1.0", "a"), ("sign-off", "staging/1.0"), ("archive", "staging/1.0")):
        assert work.run(*verb) == 0
    Path(Journal(project.journal).where).unlink()
    with pytest.raises(NbrunbookError, match="is signed off: a record says so"):
        adopt.look_up(project, detached)
