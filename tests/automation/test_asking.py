"""Asking: an operator's word on a run."""

from __future__ import annotations

from nbrunbook.automation import lock, outcome
from tests.conftest import Workplace
from tests.making import raw_journal
from tests.running import KEY, begun, killed


def test_from_elsewhere_only_once_its_host_is_gone(made: Workplace) -> None:
    """And only where nothing was heard for a minute; that is recorded. It did not run: the next run has a new key."""
    session, run = begun(made)
    killed(session, run)
    with raw_journal() as raw:
        raw.execute("UPDATE run SET host = 'elsewhere', seen_at = seen_at + 50")  # however slow this machine is
    word = ["run", KEY, "purge", "--it-did-not", "--reason", "I looked"]
    assert made.run(*word) == 1
    assert "it is on elsewhere" in made.err
    assert made.run(*word, "--host-is-gone") == 1
    with raw_journal() as raw:
        raw.execute("UPDATE run SET seen_at = seen_at - 161")
    assert made.run(*word) == 1
    assert made.run(*word, "--host-is-gone") == 0, made.err
    assert "did not run, says" in made.out
    session.refresh()
    last = session.progress.of("purge").last
    assert last
    assert last.data["host_is_gone"] == "elsewhere"
    (made.root / "slow").unlink()
    assert made.run("run", KEY, "purge", "--yes") == 0, made.err
    assert (made.root / "keys").read_text(encoding="utf-8").split()[-1] != run.data["key"]


def test_a_folder_that_was_forged_is_neither_read_nor_taken_away(made: Workplace) -> None:
    """What a row says is not hashed: it may not make a run pass, nor an operator delete what is theirs."""
    session, run = begun(made)
    killed(session, run)
    theirs = made.root / "theirs"
    theirs.mkdir()
    (theirs / lock.PLACE).touch()
    outcome.write(theirs, run.id, outcome.Outcome(kind="passed"))
    with raw_journal() as raw:
        raw.execute("UPDATE run SET folder = ?, seen_at = seen_at - 161", (str(theirs),))
    word = ["run", KEY, "purge", "--it-did-not", "--reason", "I looked"]
    assert made.run(*word) == 1
    assert made.run(*word, "--host-is-gone") == 0, made.err
    session.refresh()
    assert session.progress.of("purge").status == "open"
    assert (theirs / outcome.PLACE).exists()
