"""nbrunbook verify."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.record import verify
from tests.conftest import MakeRunbook, Workplace

RECORD = Path("records") / "staging" / "1.0.html"


@pytest.fixture
def archived(work: Workplace, runbook: MakeRunbook) -> Workplace:
    """A project with one record."""
    key = runbook("- [ ] A {#a}")
    for command in (["tick", key, "a"], ["sign-off", key], ["archive", key]):
        assert work.run(*command) == 0, work.err
    return work


def test_a_record_holds(archived: Workplace) -> None:
    """A record that holds exits 0, and says what it was held against."""
    assert archived.run("verify", RECORD) == 0
    assert archived.out == f"{RECORD}: holds\n  held against: itself, SHA256SUMS, the journal\n"


def test_an_edited_record_does_not_hold(archived: Workplace) -> None:
    """A record that was edited exits 1 and names the first thing that does not hold."""
    RECORD.write_bytes(RECORD.read_bytes().replace(b"ana", b"eve"))
    assert archived.run("verify", RECORD) == 1
    first, second, third = archived.out.splitlines()
    assert first.endswith(": does not hold")
    assert "the file was edited" in second
    assert third == "  held against: only itself"


def test_a_forged_record_does_not_hold(archived: Workplace) -> None:
    """A forger who recomputes the digest is found by SHA256SUMS, and without it by the journal."""
    RECORD.write_bytes(verify.seal(RECORD.read_bytes().replace(b"<h2>Made from</h2>", b"<h2>Made up</h2>")))
    assert archived.run("verify", RECORD) == 1
    assert "SHA256SUMS says" in archived.out
    (RECORD.parents[1] / "SHA256SUMS").unlink()
    assert archived.run("verify", RECORD) == 1
    assert "the journal never archived" in archived.out


@pytest.mark.on("sqlite")
def test_what_was_not_asked_is_said(archived: Workplace) -> None:
    """Without SHA256SUMS and journal a record is held only against itself, and that is said."""
    (RECORD.parents[1] / "SHA256SUMS").unlink()
    (archived.root / ".nbrunbook" / "journal.db").unlink()
    assert archived.run("verify", RECORD) == 0
    assert "held against: only itself" in archived.out
    assert "no SHA256SUMS lists it" in archived.out
    assert "the journal was not asked" in archived.out


def test_a_record_is_verified_from_anywhere(
    archived: Workplace, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A record is held against its own project's journal, from wherever it is verified."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert archived.run("verify", archived.root / RECORD) == 0
    assert "the journal" in archived.out


@pytest.mark.parametrize("name", ["pyproject.toml", "runbooks/staging/1.0.ipynb"])
def test_what_is_no_record_does_not_hold(archived: Workplace, name: str) -> None:
    """A file that is no record does not hold."""
    assert archived.run("verify", name) == 1
    assert "no record" in archived.out


@pytest.mark.parametrize("name", ["none.html", "records"])
def test_a_file_that_cannot_be_read_is_told(archived: Workplace, name: str) -> None:
    """A file that is not there, or a folder, is one clear error."""
    assert archived.run("verify", name) == 1
    assert archived.err.startswith(f"error: {name}: ")
