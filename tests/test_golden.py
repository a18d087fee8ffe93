"""Golden pairs: a template in tests/notebooks, and the runbook that it must become.

After a change that is meant, write the runbooks anew: UPDATE_GOLDEN=1 pytest tests/test_golden.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.documents import notebook
from tests.conftest import Workplace

FOLDER = Path(__file__).parent / "notebooks"
GIVEN = {
    "basic": ["-p", "kind", "patch", "-p", "base_url", "https://eu.example.com"],
    "text": ["-p", "value", "a*b_c <d> & [e](f)"],
}


def normal(content: bytes) -> dict[str, Any]:
    """Return a runbook without what differs from one run to the next: times, versions and commits."""
    document: dict[str, Any] = json.loads(content)
    metadata = document["metadata"]
    metadata["papermill"] = {"parameters": metadata["papermill"]["parameters"]}
    metadata["language_info"]["version"] = "(version)"
    ours = metadata["nbrunbook"]
    for name in ("created_at", "version", "plan_digest", "digest"):
        ours[name] = f"({name})"
    ours["deployment"]["commit"] = "(commit)"
    for part in ours["template"]["parts"]:
        part["sha256"], part["commit"] = "(sha256)", "(commit)"
    return document


def made(work: Workplace, name: str) -> bytes:
    """Return the runbook that a golden template becomes."""
    path = work.root / "templates" / "2026.12.0.ipynb"
    path.parent.mkdir()
    path.write_bytes((FOLDER / f"{name}.ipynb").read_bytes())
    assert work.run("instantiate", path, "-e", "production-eu", *GIVEN[name]) == 0, work.err
    return (work.root / "runbooks" / "production-eu" / "2026.12.0.ipynb").read_bytes()


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_a_template_becomes_its_runbook(work: Workplace, name: str) -> None:
    """A golden template becomes its runbook to the letter, but for times, versions and hashes."""
    golden, found = FOLDER / f"{name}.runbook.ipynb", normal(made(work, name))
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_bytes(notebook.dump(found))
    expected = json.loads(golden.read_bytes())
    assert json.loads(notebook.dump(found)) == expected


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_a_golden_template_is_clean(name: str, work: Workplace) -> None:
    """The golden templates are what an author should write: no finding stops them, and all ids are pinned."""
    assert work.run("plan", FOLDER / f"{name}.ipynb", "--json") == 0
    assert {problem["id"] for problem in json.loads(work.out)["problems"]} <= {"RB205", "RB206", "RB213", "RB215"}


def test_every_notebook_is_half_of_a_pair() -> None:
    """Each golden template has its runbook, and each is tested here."""
    assert {path.name for path in FOLDER.iterdir()} == {
        f"{name}{end}.ipynb" for name in GIVEN for end in ("", ".runbook")
    }
