"""nbrunbook archive."""

from __future__ import annotations

import hashlib

import pytest

from tests.conftest import MakeRunbook, Workplace
from tests.making import listing


@pytest.fixture
def key(work: Workplace, runbook: MakeRunbook) -> str:
    """A runbook with its only step done."""
    key = runbook("- [ ] A {#a}")
    assert work.run("tick", key, "a") == 0
    return key


def test_a_record_is_written(work: Workplace, key: str) -> None:
    """The record of a signed-off runbook is written, and its place and sha256 are printed."""
    assert work.run("sign-off", key) == work.run("archive", key) == 0
    digest = hashlib.sha256((work.root / "records" / "staging" / "1.0.html").read_bytes()).hexdigest()
    assert work.out == f"records/staging/1.0.html  sha256 {digest}\n"


def test_an_open_runbook_is_refused(work: Workplace, key: str) -> None:
    """Before the sign-off there is no record, and the error says what to do."""
    before = listing(work.root)
    assert work.run("archive", key) == 1
    assert "not signed off" in work.err
    assert "--draft" in work.err
    assert listing(work.root) == before


def test_a_draft_is_written(work: Workplace, key: str) -> None:
    """--draft writes a page in any state, and says that nobody else knows of it."""
    assert work.run("archive", key, "--draft") == 0
    assert work.out.startswith("records/staging/1.0.draft.html  sha256 ")
    assert work.err.startswith("DRAFT: not signed off")


def test_a_second_time_changes_nothing(work: Workplace, key: str) -> None:
    """Archiving twice says so, and changes nothing."""
    assert work.run("sign-off", key) == work.run("archive", key) == 0
    before, out = listing(work.root), work.out
    assert work.run("archive", key) == 0
    assert work.out == out
    assert "nothing changed" in work.err
    assert listing(work.root) == before


def test_a_folder_that_cannot_be_written_to_is_told(work: Workplace, key: str) -> None:
    """Where records cannot be written it is told, nothing is half-written, and the journal is as it was."""
    assert work.run("sign-off", key) == 0
    (work.root / "records").write_text("a file", encoding="utf-8")
    before = listing(work.root)
    assert work.run("archive", key) == 1
    assert "records cannot be written to" in work.err
    assert listing(work.root) == before


def test_a_record_needs_neither_runbook_nor_template(work: Workplace, key: str) -> None:
    """An archive needs only the key: the journal holds the rest."""
    assert work.run("sign-off", key) == 0
    (work.root / "runbooks" / "staging" / "1.0.ipynb").unlink()
    (work.root / "templates" / "1.0.ipynb").unlink()
    assert work.run("archive", key) == work.run("verify", "records/staging/1.0.html") == 0
