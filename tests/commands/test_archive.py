"""nbrunbook archive."""

from __future__ import annotations

import hashlib

import pytest

from nbrunbook.journal.journal import Journal
from tests.conftest import MakeRunbook, Workplace
from tests.making import listing, registered


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


# All


def _signed_off(work: Workplace, key: str) -> str:
    assert work.run("tick", registered("- [ ] A {#a}", key=key), "a") == work.run("sign-off", key) == 0
    return key


def test_all_that_have_no_record_get_one(work: Workplace) -> None:
    """--all writes the records that are missing, and only those; then there is nothing to do."""
    for key in ("staging/1.0", "production/1.0"):
        _signed_off(work, key)
    registered("- [ ] A {#a}", key="demo/1.0")
    assert work.run("archive", "staging/1.0") == work.run("archive", "--all") == 0
    assert [line.split()[0] for line in work.out.splitlines()] == ["records/production/1.0.html"]
    before = listing(work.root)
    assert work.run("archive", "--all") == 0
    assert (work.out, work.err) == ("", "nothing to do: every signed-off runbook has its record\n")
    assert listing(work.root) == before


def test_a_record_that_was_lost_or_is_of_before_is_written_again(work: Workplace) -> None:
    """--all writes anew what is not in the folder, and what was signed off again since."""
    for key in ("staging/1.0", "production/1.0"):
        _signed_off(work, key)
    assert work.run("archive", "--all") == 0
    (work.root / "records" / "staging" / "1.0.html").unlink()
    assert work.run("reopen", "production/1.0", "--reason", "x") == work.run("sign-off", "production/1.0") == 0
    assert work.run("archive", "--all") == 0
    names = [line.split()[0] for line in work.out.splitlines()]
    assert names == ["records/staging/1.0~2.html", "records/production/1.0~2.html"]


def test_only_one_environment_is_archived(work: Workplace) -> None:
    """-e leaves the other environments alone."""
    for key in ("staging/1.0", "production/1.0"):
        _signed_off(work, key)
    assert work.run("archive", "--all", "-e", "production") == 0
    assert [path.parent.name for path in (work.root / "records").glob("*/*.html")] == ["production"]


def test_all_goes_on_after_one_that_fails(work: Workplace) -> None:
    """Where one record cannot be written the others are, and the exit status says so."""
    for key in ("staging/1.0", "production/1.0"):
        _signed_off(work, key)
    (work.root / "records").mkdir()
    (work.root / "records" / "staging").write_text("a file", encoding="utf-8")
    assert work.run("archive", "--all") == 1
    assert work.err.startswith("error: staging/1.0: ")
    assert [line.split()[0] for line in work.out.splitlines()] == ["records/production/1.0.html"]


def test_what_has_its_record_is_not_opened(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """--all reads no more of an archived runbook than what came after its sign-off."""
    key = _signed_off(work, "staging/1.0")
    assert work.run("archive", key) == 0
    read: list[int] = []
    plain = Journal.events
    monkeypatch.setattr(
        Journal,
        "events",
        lambda self, row, *, after=0, **more: read.append(after) or plain(self, row, after=after, **more),
    )
    assert work.run("archive", "--all") == 0
    assert read == [3]


@pytest.mark.parametrize(
    "asked", [[], ["--all", "staging/1.0"], ["--all", "--draft"], ["staging/1.0", "-e", "staging"]]
)
def test_what_does_not_go_together_is_refused(work: Workplace, key: str, asked: list[str]) -> None:
    """A key or --all, and only what goes with it."""
    assert work.run("archive", *asked) == 2


def test_a_second_runbook_of_a_deployment_has_its_own_record(work: Workplace, runbook: MakeRunbook) -> None:
    """A runbook made with --again goes all the way beside the first one."""
    first = runbook("- [ ] A {#a}")
    assert work.run("abandon", first, "--reason", "wrong build") == 0
    assert work.run("instantiate", "templates/1.0.ipynb", "-e", "staging", "--again") == 0
    again = f"{first}@2"
    assert work.run("status", again) == work.run("tick", again, "a") == work.run("sign-off", again) == 0
    assert work.run("archive", "--all") == 0
    assert work.out.startswith("records/staging/1.0@2.html  sha256 ")
    assert (
        work.run("verify", "records/staging/1.0@2.html") == work.run("verify", again) == work.run("verify", first) == 0
    )
    assert work.run("verify", "--all") == 0
    assert work.out == "2 runbooks, 6 events, 1 record: hold\n"
