"""nbrunbook redact, of what a run said and wrote: nothing of it stays in journal, record, session copy or folder."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from nbrunbook.automation.beginning import folder_of_runs
from nbrunbook.journal.raw_rows import Rows
from nbrunbook.project.settings import find_project
from nbrunbook.runbook.events import Event, Kind
from nbrunbook.work import runs
from nbrunbook.work.session import Session
from tests.commands.test_redact import REDACT
from tests.conftest import Workplace
from tests.making import raw_journal, rows, session_on
from tests.running import CODE, DECLARED, KEY, STEPS, begun, killed, made

__all__ = ["made"]
SECRET = "hunter2-token"
FORMS = (SECRET.encode(), base64.b64encode(SECRET.encode()).rstrip(b"="))
LOG = f"{SECRET}\n".encode() * 9_000


def _ended(session: Session, kind: Kind = "failed", *, log: bytes | None = LOG, run: str = "") -> Event:
    """A run of the check that said its secret in each of its texts."""
    run = run or f"5e70a1c0-0000-4000-8000-{len(session.events):012d}"
    runs.begin(session, "green", run=run, folder=folder_of_runs(find_project()) / run, data={})
    texts = dict.fromkeys(("value", "message", "traceback", "output"), f"it is {SECRET}")
    found = runs.end(session, "green", run, kind, {**texts, "seconds": "1.5", "attempts": "2"}, log=log)
    assert found
    return found


@pytest.fixture
def key(work: Workplace, engine: str) -> str:
    """A runbook whose third event is the end of a run that said what it should not."""
    assert work.run("instantiate", work.template(STEPS, parameters=DECLARED, code=CODE), "-e", "staging") == 0, work.err
    _ended(session_on())
    return KEY


def _found_in(root: Path) -> list[str]:
    """Where anything of the secret stands: each file below the project, and each row of each table."""
    files = [path for path in root.rglob("*") if path.is_file()]
    found = [str(path) for path in files if any(each in path.read_bytes() for each in FORMS)]
    return found + [table for table, kept in rows().items() if any(each.decode() in repr(kept) for each in FORMS)]


def test_nothing_of_it_stays(work: Workplace, key: str) -> None:
    """Value, message, traceback, output and the log's blob are gone; who, when and for how long stay; it verifies."""
    assert _found_in(work.root)
    assert work.run("redact", key, "3", *REDACT) == 0, work.err
    assert _found_in(work.root) == []
    end = session_on().events[2]
    assert (end.kind, end.operator, end.redacted) == ("failed", "ana", True)
    assert (session_on().progress.of("green").failures, session_on().progress.of("green").status) == (1, "open")
    for verb in (["verify", "--all"], ["verify", key]):
        assert work.run(*verb) == 0, work.out
    assert work.run("redact", key, "3", *REDACT) == 0
    assert "was redacted before; nothing changed" in work.out


def test_it_says_redacted_where_it_is_shown(work: Workplace, key: str) -> None:
    """In the status, in the journal and in the record, which is written anew; how long it took is told still."""
    assert work.run("redact", key, "3", *REDACT) == 0, work.err
    assert work.run("status", key) == work.run("journal", key) == 0
    assert "failed green  (redacted)" in work.out
    for step in ("green", "purge", "manual"):
        session_on().append("ticked", step, data={"reason": "by hand"})
    assert work.run("sign-off", key) == work.run("archive", key) == 0, work.err
    page = (work.root / "records" / f"{key}.html").read_text(encoding="utf-8")
    assert "took 1.5 s, 2 attempts" in page
    assert "What was said: (redacted)" in page
    assert work.run("verify", f"records/{key}.html") == 0, work.out
    assert _found_in(work.root) == []


def test_a_record_of_before_is_named(work: Workplace, key: str) -> None:
    """It is told that it shows the text still, and that another one is to be written."""
    for step in ("green", "purge", "manual"):
        session_on().append("ticked", step, data={"reason": "by hand"})
    assert work.run("sign-off", key) == work.run("archive", key) == 0, work.err
    assert work.run("redact", key, "3", *REDACT) == 0
    assert f"the record {key}.html: remove it, and 'nbrunbook archive {key}' writes another" in work.err
    (work.root / "records" / f"{key}.html").unlink()
    assert work.run("archive", key) == 0, work.err
    assert _found_in(work.root) == []
    assert work.run("verify", "--all") == 0, work.out


def test_a_log_that_another_run_wrote_too_stays(work: Workplace, key: str) -> None:
    """Two runs that wrote the same name one blob: it goes with the last of them, and that is told."""
    _ended(session_on())
    assert work.run("redact", key, "3", *REDACT) == 0
    assert f"the file that came with it, since event 5 of {key} names it too" in work.err
    assert work.run("redact", key, "5", *REDACT) == 0
    assert _found_in(work.root) == []


def test_what_nobody_typed_is_not_redacted(work: Workplace, key: str) -> None:
    """The start of a run says no text, unless somebody gave a reason to force it."""
    assert work.run("redact", key, "2", *REDACT) == 1
    assert "started says nothing that could be redacted" in work.err


def test_the_key_of_an_unknown_run_outlives_its_reason(work: Workplace, key: str) -> None:
    """What the next run goes on with is no text, and is the same after the reason was blanked."""
    session = session_on()
    data = {"reason": SECRET, "forced": "yes"}
    session.append("ticked", "purge", data={"reason": "by hand"})
    started = runs.begin(session, "purge", run="5e70a1c0-0000-4000-8000-0000000000ff", folder=Path("/none"), data=data)
    runs.end(session, "purge", started.id, "undecided", {"message": "no route", "seconds": "1.0"})
    assert session.progress.of("purge").run_key == started.id
    assert work.run("redact", key, str(started.seq), *REDACT) == 0, work.err
    end = started.seq + 1
    assert f"event {end}, undecided, of the same run: 'nbrunbook redact {key} {end}' blanks it" in work.err
    assert session_on().progress.of("purge").run_key == started.id


def test_the_files_of_a_killed_run_go(made: Workplace) -> None:
    """Its folder on this host, which nobody else takes away once an operator has said what happened."""
    session, run = begun(made)
    killed(session, run)
    folder = folder_of_runs(find_project()) / run.id
    (folder / "output.log").write_text(SECRET, encoding="utf-8")
    with raw_journal() as raw:
        raw.execute("UPDATE run SET seen_at = seen_at - 61, host = 'web-1'")
    said = ("--it-did-not", "--host-is-gone", "--reason", f"I looked: {SECRET}")
    assert made.run("run", KEY, "purge", *said) == 0, made.err
    assert folder.is_dir()
    assert made.run("redact", KEY, "3", *REDACT) == 0, made.err
    assert not folder.exists()
    assert "on the host web-1" in made.err
    assert _found_in(made.root) == []
    assert session_on().progress.of("purge").run_key == ""


def test_a_run_that_goes_on_is_to_be_stopped_first(made: Workplace) -> None:
    """What it writes would be there again: its folder stays, and it is said how it ends."""
    session, run = begun(made)
    session.append("noted", "purge", data={"note": SECRET, "run": run.id})
    assert made.run("redact", KEY, "3", *REDACT) == 0, made.err
    assert f"the run, which goes on: 'nbrunbook run {KEY} purge --stop' ends it; redact its end, too" in made.err
    assert (folder_of_runs(find_project()) / run.id).is_dir()


def test_no_row_of_it_is_left(work: Workplace, key: str) -> None:
    """A row that a journal still has of a run that is over goes with what it said."""
    session = session_on()
    end = session.events[2]
    with raw_journal() as raw:
        columns = "event, runbook, host, pid, folder, seen_at, attempt, lines, stopper"
        values = f"'{end.data['run']}', '{session.runbook.digest}', 'web-1', 7, '/none', 0, 1, '[\"{SECRET}\"]', ''"
        raw.execute(f"INSERT INTO run ({columns}) VALUES ({values})")
    assert work.run("verify", key) == 1
    assert "event 2: its run is over, and the table run lists it" in work.out
    assert work.run("redact", key, "3", *REDACT) == 0, work.err
    assert Rows(session.journal).heard_of(session.runbook) == set()
    assert _found_in(work.root) == []
    assert work.run("verify", "--all") == 0, work.out


def test_what_a_run_wrote_is_written_to_the_byte(work: Workplace, key: str) -> None:
    """All of it, as the journal keeps it; once it was redacted, or where nothing ran, it says so."""
    _ended(session_on(), log=None)
    assert work.run("journal", key, "--output", "3") == 0
    assert work.out == LOG.decode()
    assert work.run("journal", key, "--output", "5") == 0
    assert work.out == f"it is {SECRET}"
    for seq, why in (("9", "event 9 of staging/1.0: there is none"), ("2", "started; expected the end of a run")):
        assert work.run("journal", key, "--output", seq) == 1
        assert why in work.err
    assert work.run("redact", key, "3", *REDACT) == 0, work.err
    assert work.run("journal", key, "--output", "3") == 1
    assert "what the run of event 3 wrote was redacted" in work.err
