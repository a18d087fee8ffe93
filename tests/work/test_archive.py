"""Archiving: one record a sign-off, in its place, in SHA256SUMS and in the journal."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import warnings
from pathlib import Path

import pytest

from nbrunbook.errors import RefusedError
from nbrunbook.project.settings import find_project
from nbrunbook.work.archive import archive
from nbrunbook.work.session import Session
from tests.conftest import MakeRunbook, Workplace
from tests.making import TELL_PEOPLE, all_ticked, fault_of, session_on


@pytest.fixture
def ana(runbook: MakeRunbook) -> Session:
    """Ana, who ticked everything."""
    return all_ticked(runbook(TELL_PEOPLE))


@pytest.fixture
def signed(ana: Session) -> Path:
    """The record of a signed-off runbook."""
    ana.sign_off(None)
    return archive(ana, find_project()).path


def test_an_open_runbook_is_not_archived(ana: Session, work: Workplace) -> None:
    """A record is refused before the sign-off, and nothing is written."""
    with pytest.raises(RefusedError, match="not signed off"):
        archive(ana, find_project())
    assert not (work.root / "records").exists()
    assert len(ana.events) == 3


def test_its_digest_goes_into_the_journal_and_the_sums(signed: Path, work: Workplace) -> None:
    """A record's sha256 stands in the journal and in SHA256SUMS, which sha256sum itself can check."""
    digest = hashlib.sha256(signed.read_bytes()).hexdigest()
    last = session_on().events[-1]
    assert (last.kind, dict(last.data)) == ("archived", {"record": "staging/1.0.html", "sha256": digest})
    sums = work.root / "records" / "SHA256SUMS"
    assert sums.read_text(encoding="utf-8") == f"{digest}  staging/1.0.html\n"
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=sums.parent, check=True)


def test_archiving_twice_changes_nothing(signed: Path, work: Workplace) -> None:
    """A record that stands there stays: neither file nor journal changes."""
    files = [signed, work.root / "records" / "SHA256SUMS", work.root / ".nbrunbook" / "journal.db"]
    before = [file.read_bytes() for file in files]
    again = archive(session_on(), find_project())
    assert (again.path, again.new) == (signed, False)
    assert [file.read_bytes() for file in files] == before


def test_a_missing_line_in_the_sums_is_put_back(signed: Path, work: Workplace) -> None:
    """Where a record stands but SHA256SUMS lost its line, archiving puts the line back."""
    sums = work.root / "records" / "SHA256SUMS"
    before = sums.read_bytes()
    sums.unlink()
    assert not archive(session_on(), find_project()).new
    assert sums.read_bytes() == before


def test_a_reopened_runbook_gets_a_second_record(signed: Path, work: Workplace) -> None:
    """A reopened runbook's record stands beside the old one, and both hold."""
    session = session_on()
    session.append("reopened", data={"reason": "the wrong board"})
    session.sign_off(None)
    again = archive(session, find_project())
    assert again.path.name == "1.0~2.html"
    assert [fault_of(path) for path in (signed, again.path)] == ["", ""]
    assert len((work.root / "records" / "SHA256SUMS").read_text(encoding="utf-8").splitlines()) == 2


def test_a_deleted_record_can_be_written_again(signed: Path) -> None:
    """A record that was lost is written anew under another name, so that SHA256SUMS says one thing of each."""
    signed.unlink()
    again = archive(session_on(), find_project())
    assert (again.path.name, again.new) == (f"{signed.stem}~2.html", True)
    assert not fault_of(again.path)
    names = [line.split("  ")[1] for line in (signed.parents[1] / "SHA256SUMS").read_text().splitlines()]
    assert len(names) == len(set(names)) == 2


def test_archiving_warns_of_nothing(ana: Session) -> None:
    """Nothing that an operator would not understand is said while a record is written."""
    ana.sign_off(None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert archive(ana, find_project()).new
