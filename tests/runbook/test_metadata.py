"""Metadata: a runbook comes back from its file alone, or it is said what was edited."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.errors import NbrunbookError, NotebookError
from nbrunbook.journal.journal import Journal
from nbrunbook.runbook.metadata import read_runbook
from tests.conftest import MakeRunbook, Workplace
from tests.making import runbook_file


@pytest.fixture
def made(work: Workplace, runbook: MakeRunbook) -> dict[str, Any]:
    """A runbook's file, as JSON."""
    runbook("- [ ] Mail {#mail}")
    return runbook_file(work)


def test_a_runbook_is_read_from_its_file(made: dict[str, Any], work: Workplace) -> None:
    """A runbook's facts and plan come back from its file alone."""
    path = work.root / "runbooks" / "staging" / "1.0.ipynb"
    read = read_runbook(path.read_bytes(), path)
    row = Journal.open(f"sqlite:///{work.root / '.nbrunbook' / 'journal.db'}").runbook("shop", "staging/1.0")
    assert (dict(read.facts), read.plan.digest) == (row.facts, row.plan_digest)


def _damaged(made: dict[str, Any], name: str, value: object) -> bytes:
    about = {**made["metadata"]["nbrunbook"], name: value}
    return json.dumps({**made, "metadata": {**made["metadata"], "nbrunbook": about}}).encode()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("schema", 2, "a runbook of format 2; expected a runbook of format 1"),
        ("schema", None, "a runbook of format None"),
        ("digest", None, "its facts were edited"),
        ("digest", "0", "its facts were edited"),
        ("digest", 7, "its facts were edited"),
        ("plan", None, "a plan of format None"),
        ("plan", [], "a plan of format None"),
        ("plan", "x", "a plan of format 'x'"),
        ("plan", {"schema": 1}, "a damaged plan"),
        ("template", {"name": "1.0", "parts": [], "uncommitted": 5}, "its template or deployment was edited"),
        ("template", {"name": "1.0", "parts": [], "uncommitted": [5]}, "its template or deployment was edited"),
    ],
)
def test_a_damaged_runbook_is_told(made: dict[str, Any], name: str, value: object, said: str) -> None:
    """A file whose facts are of another format, or damaged, is an expected error."""
    with pytest.raises(NbrunbookError, match=rf"^r\.ipynb: {said}"):
        read_runbook(_damaged(made, name, value), Path("r.ipynb"))


def test_an_edited_plan_is_told(made: dict[str, Any]) -> None:
    """A plan that is not the one with the digest is told."""
    edited = {**made["metadata"]["nbrunbook"]["plan"], "release": "2.0"}
    with pytest.raises(NotebookError, match="its plan was edited"):
        read_runbook(_damaged(made, "plan", edited), Path("r.ipynb"))


def test_an_ordinary_notebook_is_no_runbook(work: Workplace) -> None:
    """A notebook that nbrunbook did not make is told so."""
    path = work.template("- [ ] A {#a}")
    with pytest.raises(NotebookError, match="no runbook"):
        read_runbook(path.read_bytes(), path)
