"""Audits: what was edited, taken away or put in behind the triggers' back is found, and named."""

from __future__ import annotations

import hashlib
import html
import json
import re
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.journal import tables
from nbrunbook.record import verify
from nbrunbook.runbook import events
from nbrunbook.work import runs
from tests.conftest import PARAMETERS, Workplace
from tests.making import registered, session_on

KEY, OTHER = "staging/1.0", "production/1.0"
MARKDOWN = '- [ ] A {#a}\n- [ ] B {#b evidence="file"}\n- [ ] C {#c .optional}'
EVENT = "(SELECT id FROM event WHERE seq = 3 AND runbook = (SELECT digest FROM runbook WHERE key = 'staging/1.0'))"


@pytest.fixture
def whole(work: Workplace) -> Workplace:
    """A sound journal of two runbooks: one archived (with a note, a file, a redaction), one open."""
    registered(MARKDOWN)
    registered(f"{MARKDOWN}\n- [ ] D {{#d}}", key=OTHER)
    (work.root / "log.txt").write_text("all well")
    for command in (
        ["tick", KEY, "a", "--note", "at noon"],
        ["note", KEY, "hunter2"],
        ["tick", KEY, "b", "--file", "log.txt"],
        ["redact", KEY, "3", "--reason", "a password", "--yes"],
        ["sign-off", KEY],
        ["archive", KEY],
        ["tick", OTHER, "a", "--note", "in production"],
        ["note", OTHER, "hand over"],
    ):
        assert work.run(*command) == 0, work.err
    return work


@contextmanager
def _behind(work: Workplace) -> Iterator[sqlite3.Connection]:
    """A connection without triggers and foreign keys; the triggers are put back at the end."""
    with closing(sqlite3.connect(work.root / ".nbrunbook" / "journal.db")) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for statement in tables.sqlite_triggers():
            connection.execute(f"DROP TRIGGER {statement.split()[2]}")
        yield connection
        for statement in tables.sqlite_triggers():
            connection.execute(statement)
        connection.commit()


def _of(key: str) -> str:
    return f"runbook = (SELECT digest FROM runbook WHERE key = '{key}')"


def _rehash(connection: sqlite3.Connection, seq: int, **changes: str) -> None:
    """Rewrite an event as a forger who knows the format would."""
    where = f"seq = {seq} AND {_of(KEY)}"
    ((body,),) = connection.execute(f"SELECT body FROM event WHERE {where}").fetchall()
    forged = events.canonical({**json.loads(body), **changes})
    connection.execute(f"UPDATE event SET body = ?, hash = ? WHERE {where}", (forged, events.digest(forged)))


def _swap(connection: sqlite3.Connection) -> None:
    """Let the second events of two runbooks change places."""
    found = dict(connection.execute("SELECT key, digest FROM runbook").fetchall())
    ids = {
        key: connection.execute("SELECT id FROM event WHERE seq = 2 AND runbook = ?", (digest,)).fetchone()[0]
        for key, digest in found.items()
    }
    connection.execute("UPDATE event SET seq = 99 WHERE id = ?", (ids[OTHER],))
    connection.execute("UPDATE event SET runbook = ? WHERE id = ?", (found[OTHER], ids[KEY]))
    connection.execute("UPDATE event SET runbook = ?, seq = 2 WHERE id = ?", (found[KEY], ids[OTHER]))


Edit = str | Callable[[sqlite3.Connection], None]

EDITS: dict[str, tuple[Edit, str]] = {
    "a body": (
        f"UPDATE event SET body = replace(body, '\"ana\"', '\"eve\"') WHERE seq = 2 AND {_of(KEY)}",
        "staging/1.0, event 2: the hash is not that of the body",
    ),
    "a body and its hash": (
        lambda connection: _rehash(connection, 2, operator="eve"),
        "staging/1.0, event 3: it does not follow event 2",
    ),
    "the first event and its hash": (
        lambda connection: _rehash(connection, 1, prev_hash="0" * 64),
        "staging/1.0, event 1: it does not follow the row of its runbook",
    ),
    "an event that a record holds": (
        lambda connection: _rehash(connection, 6, operator="eve"),
        "staging/1.0.html, staging/1.0: event 6 is not the one in the journal",
    ),
    "a hash": (
        f"UPDATE event SET hash = '00' WHERE seq = 2 AND {_of(OTHER)}",
        "production/1.0, event 2: the hash is not that of the body",
    ),
    "an event in the middle": (
        f"DELETE FROM event WHERE seq = 4 AND {_of(KEY)}",
        "staging/1.0, event 4: it is missing",
    ),
    "several events": (
        f"DELETE FROM event WHERE seq IN (2, 3, 4) AND {_of(KEY)}",
        "staging/1.0, event 2: it and all up to event 4 are missing",
    ),
    "the first event": (f"DELETE FROM event WHERE seq = 1 AND {_of(OTHER)}", "production/1.0, event 1: it is missing"),
    "all events": (f"DELETE FROM event WHERE {_of(OTHER)}", "production/1.0, event 1: it is missing"),
    "the last events": (
        f"DELETE FROM event WHERE seq > 5 AND {_of(KEY)}",
        "staging/1.0.html, staging/1.0: the page has 6 events, and the journal 5: those after event 5 were cut off",
    ),
    "a runbook's row": (
        "DELETE FROM runbook WHERE key = 'production/1.0'",
        "production/1.0: its row is missing, and 3 events of it are there, from event 1 on",
    ),
    "a runbook with all that was its": (
        f"DELETE FROM event WHERE {_of(KEY)}; DELETE FROM runbook WHERE key = 'staging/1.0'",
        "staging/1.0.html, staging/1.0: the journal has no such runbook, and this record proves that there was one",
    ),
    "a runbook's facts": (
        "UPDATE runbook SET body = replace(body, '\"ana\"', '\"eve\"') WHERE key = 'production/1.0'",
        "production/1.0: the runbook's row was edited: its body and its digest disagree",
    ),
    "a runbook's columns": (
        "UPDATE runbook SET release = '2.0' WHERE key = 'production/1.0'",
        "production/1.0: the runbook's row was edited: its body and its release disagree",
    ),
    "a runbook that nobody made, without a digest": (
        "INSERT INTO runbook SELECT '', project, 'staging/9', '9', environment, plan, replace(body, 'staging/1.0', "
        "'staging/9') FROM runbook WHERE key = 'staging/1.0'",
        "staging/9: the runbook's row was edited: its body and its digest, release disagree",
    ),
    "bytes for a key": (
        "UPDATE runbook SET key = CAST(key AS BLOB) WHERE key = 'production/1.0'",
        "b'production/1.0': the runbook's row was edited",
    ),
    "a number for a file": (
        "UPDATE blob SET content = 1000000000000000 WHERE content = CAST('all well' AS BLOB)",
        " was edited; it is named by event 4 of staging/1.0",
    ),
    "a file and the data that name it": (
        "UPDATE blob SET content = 'x' WHERE content = CAST('all well' AS BLOB); "
        "UPDATE event_data SET data = '{' || data WHERE data LIKE '%log.txt%'",
        " was edited; it is named by event 4 of staging/1.0",
    ),
    "a plan": (
        "UPDATE plan SET body = replace(body, '\"D\"', '\"E\"') WHERE body LIKE '%\"D\"%'",
        " was edited; it is named by production/1.0",
    ),
    "a plan's row": ("DELETE FROM plan WHERE body LIKE '%\"D\"%'", "production/1.0: the plan "),
    "a file": (
        "UPDATE blob SET content = 'all broken' WHERE content = CAST('all well' AS BLOB)",
        " was edited; it is named by event 4 of staging/1.0",
    ),
    "a file that was blanked": (
        "UPDATE blob SET content = x'' WHERE content = CAST('all well' AS BLOB)",
        " was blanked, and no `redacted` says so; it is named by event 4 of staging/1.0",
    ),
    "a file's row": ("DELETE FROM blob WHERE content = CAST('all well' AS BLOB)", "staging/1.0, event 4: the file "),
    "data": (
        """UPDATE event_data SET data = '{"note":"at one"}' WHERE data LIKE '%at noon%'""",
        "staging/1.0, event 2: the data was edited",
    ),
    "data that was blanked": (
        "UPDATE event_data SET data = NULL, salt = NULL WHERE data LIKE '%at noon%'",
        "staging/1.0, event 2: its data was blanked, and no `redacted` says so",
    ),
    "data's row": ("DELETE FROM event_data WHERE data LIKE '%at noon%'", "staging/1.0, event 2: its data is missing"),
    "data without salt": (
        f"""UPDATE event_data SET data = '{{"note":"hi"}}' WHERE event = {EVENT}""",
        "staging/1.0, event 3: there is data although its salt is gone",
    ),
    "data of an event without any": (
        "INSERT INTO event_data SELECT id, '00', '{\"note\":\"hi\"}' FROM event WHERE kind = 'signed_off'",
        "staging/1.0, event 6: it was written without data, and there is some now",
    ),
    "data of no event": (
        "INSERT INTO event_data VALUES ('nowhere', '00', '{}')",
        "there is data of an event that is missing: nowhere",
    ),
    "a kind's column": (
        f"UPDATE event SET kind = 'unticked' WHERE seq = 2 AND {_of(KEY)}",
        "staging/1.0, event 2: its column kind says unticked, and its body ticked",
    ),
    "a seq's column": (
        f"UPDATE event SET seq = 9 WHERE seq = 3 AND {_of(OTHER)}",
        "production/1.0, event 9: its column seq says 9, and its body 3",
    ),
    "an id's column": (
        f"UPDATE event SET id = 'x' WHERE seq = 3 AND {_of(OTHER)}",
        "production/1.0, event 3: its column id says x, and its body ",
    ),
    "the index of open runbooks": (
        "DELETE FROM open_runbook",
        "production/1.0: it is open by its events, and the table open_runbook does not list it",
    ),
    "the index, with a closed one": (
        "INSERT INTO open_runbook SELECT digest FROM runbook WHERE key = 'staging/1.0'",
        "staging/1.0: it is closed by its events, and the table open_runbook lists it as open",
    ),
    "the index, with none": (
        "INSERT INTO open_runbook VALUES ('0123456789abcdef')",
        "the table open_runbook lists a runbook that is missing: 0123456789ab…",
    ),
    "events of two runbooks": (_swap, "staging/1.0, event 2: it belongs to production/1.0"),
    "bytes for a body": (
        f"UPDATE event SET body = CAST(body AS BLOB) WHERE seq = 2 AND {_of(OTHER)}",
        "production/1.0, event 2: it cannot be read",
    ),
    "a text for a seq": (
        f"UPDATE event SET seq = 'two' WHERE seq = 2 AND {_of(OTHER)}",
        "production/1.0, event 2: it is missing",
    ),
    "a body that is none": (
        f"UPDATE event SET body = '[]' WHERE seq = 2 AND {_of(OTHER)}",
        "production/1.0, event 2: it cannot be read",
    ),
}


def test_a_sound_journal_holds(whole: Workplace) -> None:
    """What nobody edited holds, with its redaction, and it is said how much was looked at."""
    assert whole.run("verify", "--all") == 0, whole.out
    assert whole.out == "2 runbooks, 10 events, 1 record: hold\n"
    for key in (KEY, OTHER):
        assert whole.run("verify", key) == 0, whole.out


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_behind_the_triggers_is_named(whole: Workplace, name: str) -> None:
    """Each kind of edit is found by --all, and named: which runbook, which event, what."""
    edit, named = EDITS[name]
    with _behind(whole) as connection:
        if isinstance(edit, str):
            for statement in edit.split("; "):
                assert connection.execute(statement).rowcount > 0, statement
        else:
            edit(connection)
    assert whole.run("verify", "--all") == 1, whole.out
    assert named in whole.out
    assert "Traceback" not in whole.err


LOOKS = ("status", f"status {KEY}", "pending", "history", "archive --all", f"verify records/{KEY}.html")
ROW = "runbook's row of staging/1.0 was edited|the journal has other facts about this runbook"


@pytest.mark.parametrize(
    ("edit", "said", "not_read_by"),
    [
        (f"event SET body = '[]' WHERE kind = 'signed_off' AND {_of(KEY)}", "event 6: .*no JSON object", ()),
        (
            f"event SET body = replace(hex(zeroblob(99999)), '00', '[') WHERE kind = 'signed_off' AND {_of(KEY)}",
            "event 6: .*recursion depth",
            (),
        ),
        (
            "event_data SET data = '{' || data WHERE data LIKE '%SHA%' OR data LIKE '%sha256%'",
            "event 7: (Expecting property name|the data was edited)",
            ("status", "pending"),
        ),
        (f"runbook SET body = '[]' WHERE key = '{KEY}'", ROW, ()),
        (f"runbook SET body = replace(body, 'template', 'tenplate') WHERE key = '{KEY}'", ROW, ()),
        (f"runbook SET key = CAST(key AS BLOB) WHERE key = '{KEY}'", f"no runbook '{KEY}'", {*LOOKS} - {LOOKS[1]}),
    ],
    ids=["no object", "deep", "data", "no row", "another row", "key"],
)
def test_what_was_edited_is_told_wherever_it_is_read(
    whole: Workplace, edit: str, said: str, not_read_by: Collection[str]
) -> None:
    """Commands that meet a row that cannot be read say in words which, and end with 1; the others go on."""
    with _behind(whole) as connection:
        assert connection.execute(f"UPDATE {edit}").rowcount > 0
    for look in LOOKS:
        meets = look not in not_read_by
        assert whole.run(*look.split()) == meets, (look, whole.out, whole.err)
        assert not meets or re.search(said, whole.out + whole.err), (look, whole.out, whole.err)
    assert whole.run("verify", "--all") == 1


@pytest.mark.parametrize("name", ["a body", "an event in the middle", "the last events", "a file", "data's row"])
def test_an_edit_is_named_for_one_runbook(whole: Workplace, name: str) -> None:
    """What --all finds about a runbook its key finds too, and another runbook's key does not."""
    edit, named = EDITS[name]
    with _behind(whole) as connection:
        connection.execute(str(edit))
    assert whole.run("verify", KEY) == 1
    assert named in whole.out
    assert whole.run("verify", OTHER) == 0


def test_all_faults_are_listed(whole: Workplace) -> None:
    """It goes on after the first fault, in one runbook and after it, and counts them."""
    with _behind(whole) as connection:
        for name in ("a body", "data's row", "an event in the middle", "a hash"):
            connection.execute(str(EDITS[name][0]))
    assert whole.run("verify", "--all") == 1
    for name in ("a body", "data's row", "an event in the middle", "a hash"):
        assert EDITS[name][1] in whole.out
    assert int(whole.out.splitlines()[-1].split(": ")[1].split()[0]) == len(whole.out.splitlines()) - 1


def test_a_missing_trigger_is_named(whole: Workplace) -> None:
    """Where a trigger is missing, or does something else, rows could be edited: it is said which."""
    with closing(sqlite3.connect(whole.root / ".nbrunbook" / "journal.db")) as connection:
        connection.execute("DROP TRIGGER event_no_delete")
        connection.execute("DROP TRIGGER plan_no_update")
        connection.execute("CREATE TRIGGER plan_no_update BEFORE UPDATE ON plan BEGIN SELECT 1; END")
        connection.commit()
    assert whole.run("verify", "--all") == 1
    for name in ("event_no_delete", "plan_no_update"):
        assert f"the trigger {name} is missing or was changed" in whole.out


# Records


def test_a_missing_record_is_named(whole: Workplace) -> None:
    """A record that SHA256SUMS lists and that is gone is named."""
    (whole.root / "records" / "staging" / "1.0.html").unlink()
    assert whole.run("verify", "--all") == 1
    assert "staging/1.0.html: SHA256SUMS lists it, and it is missing" in whole.out


def test_a_record_that_nobody_lists_is_named(whole: Workplace) -> None:
    """A record in the folder that SHA256SUMS does not list is named."""
    (whole.root / "records" / "SHA256SUMS").unlink()
    assert whole.run("verify", "--all") == 1
    assert "staging/1.0.html: no line of SHA256SUMS lists it" in whole.out


def test_an_edited_record_is_named(whole: Workplace) -> None:
    """An edited record is named, also by its runbook's key."""
    path = whole.root / "records" / "staging" / "1.0.html"
    path.write_bytes(path.read_bytes().replace(b"ana", b"eve"))
    for what in ("--all", KEY):
        assert whole.run("verify", what) == 1
        assert "staging/1.0.html: the file was edited" in whole.out


@pytest.mark.parametrize("sums", [b"\xff\xfe\x00", b"no line", b""])
def test_broken_sums_are_gone_through_and_appended_to(whole: Workplace, sums: bytes) -> None:
    """Whatever SHA256SUMS holds, also a line that was cut off, the next record gets a line of its own."""
    path = whole.root / "records" / "SHA256SUMS"
    path.write_bytes(sums)
    assert whole.run("verify", "--all") == 1
    assert "staging/1.0.html: no line of SHA256SUMS lists it" in whole.out
    assert whole.run("archive", KEY) == 0, whole.err
    assert path.read_bytes().startswith(sums)
    assert whole.run("verify", "records/staging/1.0.html") == 0, whole.out
    assert "held against: itself, SHA256SUMS, the journal" in whole.out


@pytest.mark.parametrize("forged", ["[" * 99999, {"key": 5}])
def test_a_record_that_was_forged_is_told(whole: Workplace, forged: str | dict[str, int]) -> None:
    """A page whose own digest was computed anew, and whose journal is none, is a fault that is told."""
    path = whole.root / "records" / "staging" / "1.0.html"
    content = path.read_bytes()
    if isinstance(forged, dict):
        forged = _chained_anew(verify.embedded(content), forged)
    text = content.decode()
    opening = list(verify.JOURNAL.finditer(text))[-1]
    rest = text[text.index("</pre>", opening.end()) :]
    path.write_bytes(_with_digest(f"{text[: opening.end()]}{html.escape(forged)}{rest}".encode()))
    for what in ("--all", KEY, str(path)):
        assert whole.run("verify", what) == 1, whole.err
        assert "the journal in the page" in whole.out


def _chained_anew(facts: dict[str, Any], changes: dict[str, int]) -> str:
    """A record's facts about another runbook, with a chain that holds."""
    runbook = {**facts["runbook"], **changes}
    previous = events.digest(events.canonical(runbook))
    for seq, brief in enumerate(facts["events"], 1):
        derived = {"prev_hash": previous, "runbook": runbook["key"], "seq": seq}
        body = {"step": "", "data_digest": "", **brief, **derived}
        said = {name: text for name, text in body.items() if name not in ("data", "salt")}
        previous = events.digest(events.canonical(said))
    return events.canonical({**facts, "runbook": runbook, "head": previous})


def _with_digest(content: bytes) -> bytes:
    found = verify.DIGEST.search(content)
    assert found
    start, end = found.span(1 if found[1] else 2)
    digest = hashlib.sha256(content[:start] + verify.ZEROS.encode() + content[end:]).hexdigest()
    return content[:start] + digest.encode() + content[end:]


def test_what_was_cut_off_is_proved_by_the_sums_alone(whole: Workplace) -> None:
    """Without the record SHA256SUMS still proves that a runbook's end, or the runbook, was cut off."""
    (whole.root / "records" / "staging" / "1.0.html").unlink()
    with _behind(whole) as connection:
        connection.execute(f"DELETE FROM event WHERE seq > 5 AND {_of(KEY)}")
        connection.execute("DELETE FROM event_data WHERE event NOT IN (SELECT id FROM event)")
        connection.execute(f"INSERT INTO open_runbook SELECT digest FROM runbook WHERE key = '{KEY}'")
    assert whole.run("verify", "--all") == 1
    assert "staging/1.0.html, staging/1.0: the journal has no `archived` for it: it was cut off" in whole.out


def test_a_draft_and_a_page_of_ones_own_are_no_records(whole: Workplace) -> None:
    """A draft is no record, and neither is a page that somebody put beside them."""
    assert whole.run("archive", OTHER, "--draft") == 0
    (whole.root / "records" / "index.html").write_text("<h1>Records</h1>")
    assert whole.run("verify", "--all") == 0
    assert "not a fault: index.html is no record" in whole.out


def test_a_record_that_is_elsewhere_is_no_fault(whole: Workplace) -> None:
    """A record that another clone wrote and did not share yet is told, and is no fault."""
    (whole.root / "records" / "staging" / "1.0.html").unlink()
    (whole.root / "records" / "SHA256SUMS").unlink()
    assert whole.run("verify", "--all") == 0
    assert "not a fault: archived, but neither here nor in SHA256SUMS: staging/1.0.html" in whole.out


@pytest.mark.parametrize("asked", [["--all"], [KEY]])
@pytest.mark.parametrize("is_listed", [True, False])
def test_an_edited_record_is_not_elsewhere(whole: Workplace, asked: list[str], is_listed: bool) -> None:
    """It is here, and its faults say what is wrong with it."""
    record = whole.root / "records" / "staging" / "1.0.html"
    record.write_bytes(record.read_bytes().replace(b"</body>", b"<p>x</p></body>"))
    if not is_listed:
        (whole.root / "records" / "SHA256SUMS").unlink()
    assert whole.run("verify", *asked) == 1
    assert "neither here" not in whole.out


def test_a_redaction_after_the_record_is_told(whole: Workplace) -> None:
    """A record that still shows what was redacted since holds, and that it does is told; so it is of a lost one."""
    assert whole.run("redact", KEY, "2", "--reason", "a name", "--yes") == 0
    record = Path("records") / "staging" / "1.0.html"
    assert whole.run("verify", "--all") == whole.run("verify", record) == 0
    assert "redacted after this page was written, which still shows it: event 2" in whole.out
    record.unlink()
    assert whole.run("verify", "--all") == 0
    assert "staging/1.0.html was taken away after something in it was redacted" in whole.out


# What it prints


def test_the_faults_for_a_machine(whole: Workplace) -> None:
    """--json gives the counts and each fault with its runbook and event."""
    with _behind(whole) as connection:
        connection.execute(str(EDITS["data's row"][0]))
    assert whole.run("verify", "--all", "--json") == 1
    found = json.loads(whole.out)
    assert (found["runbooks"], found["events"], found["records"]) == (2, 10, 1)
    fault = {"runbook": KEY, "event": 2, "record": "", "fault": "its data is missing"}
    assert found["faults"] == [fault]


def test_what_steers_a_terminal_is_shown(whole: Workplace) -> None:
    """What somebody put into the database does not steer the auditor's terminal."""
    with _behind(whole) as connection:
        connection.execute("INSERT INTO event_data VALUES ('\x1b[2J', '00', '{}')")
    assert whole.run("verify", "--all") == 1
    assert "\x1b" not in whole.out


def test_looking_writes_nothing(whole: Workplace) -> None:
    """An audit changes nothing in the journal."""
    before = (whole.root / ".nbrunbook" / "journal.db").read_bytes()
    assert whole.run("verify", "--all") == whole.run("verify", KEY) == 0
    assert (whole.root / ".nbrunbook" / "journal.db").read_bytes() == before
    assert session_on().progress.state == "signed_off"


def test_a_forged_file_of_an_event_that_cannot_be_read_is_told(whole: Workplace) -> None:
    """Who else names a forged file is asked, and an event that cannot be read stops nothing."""
    with _behind(whole) as connection:
        connection.execute(f"UPDATE event SET body = 'x' WHERE kind = 'ticked' AND {_of(KEY)}")
        connection.execute("UPDATE blob SET content = 'forged' WHERE content = CAST('all well' AS BLOB)")
    assert whole.run("verify", "--all") == 1
    assert "was edited; no event names it" in whole.out


@pytest.mark.parametrize("command", [["status"], ["history"], ["archive", "--all"]])
def test_a_damaged_sign_off_is_told_by_whoever_reads_it(whole: Workplace, command: list[str]) -> None:
    """Whoever looks at many runbooks says which event cannot be read."""
    with _behind(whole) as connection:
        connection.execute(f"UPDATE event SET body = 'x' WHERE kind = 'signed_off' AND {_of(KEY)}")
    assert whole.run(*command) == 1
    assert "error: journal of staging/1.0, event 6: " in whole.err


@pytest.mark.parametrize("command", [["status"], ["pending"], ["history"], ["work"], ["tick", KEY, "c"]])
def test_a_damaged_row_is_told_by_whoever_reads_it(whole: Workplace, command: list[str]) -> None:
    """A runbook's row that cannot be read is one clear error, with what to look at."""
    with _behind(whole) as connection:
        connection.execute("UPDATE runbook SET body = 'x' WHERE key = 'staging/1.0'")
        connection.execute(f"INSERT INTO open_runbook SELECT digest FROM runbook WHERE key = '{KEY}'")
    assert whole.run(*command) == 1
    assert "error: the runbook's row of staging/1.0 was edited" in whole.err
    assert "'nbrunbook verify staging/1.0' says what" in whole.err


# Runs


@pytest.fixture
def with_run(work: Workplace) -> Workplace:
    """A runbook with a check that ran once."""
    code = "@check('a')\ndef look(): ..."
    declared = f"from nbrunbook import check\n{PARAMETERS}"
    assert work.run("instantiate", work.template("- [ ] A {#a}", parameters=declared, code=code), "-e", "staging") == 0
    runs.begin(session_on(), "a", run=RUN, folder=Path("/none"), data={})
    runs.end(session_on(), "a", RUN, "passed", {"seconds": "1.0"})
    return work


RUN = "5e70a1c0-0000-4000-8000-000000000001"
ROW = "INSERT INTO run SELECT '{}', digest, 'web-1', 7, '/none', 0.0, 1, '[]', 0 FROM runbook"


def test_a_run_that_is_over_is_listed_nowhere(with_run: Workplace) -> None:
    """Nor is one that no event started: the table of what is heard of runs is held against the events."""
    assert with_run.run("verify", "--all") == 0, with_run.out
    with _behind(with_run) as connection:
        for run in (RUN, "unknown"):
            connection.execute(ROW.format(run))
        connection.execute("INSERT INTO board VALUES ('gone', 'eu', '{}', 0.0)")
    assert with_run.run("verify", "--all") == 1
    assert f"{KEY}, event 2: its run is over, and the table run lists it" in with_run.out
    assert "the table run lists a run that no event started: unknown" in with_run.out
    assert "the tables runner and board tell of a run that does not go on: gone" in with_run.out


def test_an_end_without_its_start_is_found(with_run: Workplace) -> None:
    """Also where somebody recomputed the chain from there on: no session writes such an order."""
    with _behind(with_run) as connection:
        connection.execute("DELETE FROM event_data WHERE event IN (SELECT id FROM event WHERE seq = 2)")
        connection.execute("DELETE FROM event WHERE seq = 2")
        (body,) = connection.execute("SELECT body FROM event WHERE seq = 3").fetchone()
        (previous,) = connection.execute("SELECT hash FROM event WHERE seq = 1").fetchone()
        new = events.canonical({**json.loads(body), "seq": 2, "prev_hash": previous})
        connection.execute("UPDATE event SET seq = 2, body = ?, hash = ? WHERE seq = 3", (new, events.digest(new)))
    for asked in ("--all", KEY):
        assert with_run.run("verify", asked) == 1
        assert f"{KEY}, event 2: it says that a run passed, and none had begun" in with_run.out


def test_code_that_was_edited_is_named_by_its_plan(with_run: Workplace) -> None:
    """The source of a code cell is what the plan's sha256 says."""
    with _behind(with_run) as connection:
        connection.execute("UPDATE blob SET content = CAST(replace(CAST(content AS TEXT), 'look', 'lock') AS BLOB)")
    for asked in ("--all", KEY):
        assert with_run.run("verify", asked) == 1
        assert re.search(r"the code \w{12}… was edited; it is named by the plan \w{12}…", with_run.out)
