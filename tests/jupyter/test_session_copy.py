"""Session copies: made once from the journal's own notebook, and left to their operator."""

from __future__ import annotations

import json

import pytest

from nbrunbook.errors import RunbookError
from nbrunbook.jupyter.session_copy import session_copy
from nbrunbook.project.settings import find_project
from nbrunbook.work.session import Session
from tests.conftest import MakeRunbook, Workplace
from tests.making import session_on


@pytest.fixture
def ana(runbook: MakeRunbook) -> Session:
    """Ana at work on a runbook with a notebook."""
    return session_on(runbook("- [ ] A {#a}"))


def test_a_copy_is_what_the_runbook_was_made_as(ana: Session) -> None:
    """It comes from the journal, also where the file in the project was edited; git ignores it."""
    project = find_project()
    made = project.runbook_path(ana.key).read_bytes()
    project.runbook_path(ana.key).write_bytes(b"edited")
    path = session_copy(ana, project)
    assert (path, path.read_bytes()) == (project.session_path(ana.key), made)
    assert (path.parent / ".gitignore").is_file()


@pytest.mark.parametrize("content", ["half-sav", None])
def test_a_copy_that_is_there_stays_as_it_is(ana: Session, content: str | None) -> None:
    """What an operator has open is not written over, not even where it cannot be read just now."""
    project = find_project()
    path = session_copy(ana, project)
    document = {**json.loads(path.read_text(encoding="utf-8")), "cells": []}
    path.write_text(content or json.dumps(document), encoding="utf-8")
    before = path.read_bytes()
    assert session_copy(ana, project).read_bytes() == before


def test_a_copy_of_an_earlier_journal_is_put_aside(ana: Session) -> None:
    """A runbook that had the same key before keeps its copy under another name."""
    project = find_project()
    path = session_copy(ana, project)
    document = json.loads(path.read_text(encoding="utf-8"))
    document["metadata"]["nbrunbook"]["created_by"] = "somebody before"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert b"somebody before" not in session_copy(ana, project).read_bytes()
    (aside,) = path.parent.glob("*(of an earlier journal).ipynb")
    assert b"somebody before" in aside.read_bytes()


def test_a_release_that_was_skipped_has_no_copy(work: Workplace) -> None:
    """There is nothing to work on, and it is said what makes a runbook after all."""
    work.template("- [ ] A {#a}")
    assert work.run("skip", "staging/1.0", "--reason", "never there") == 0, work.err
    with pytest.raises(RunbookError, match=r"has no notebook: it was skipped .*--again' makes a runbook after all"):
        session_copy(session_on(), find_project())
