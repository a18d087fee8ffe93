"""nbrunbook redact."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbrunbook.journal.entries import sha256
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import redactions
from tests.conftest import MakeRunbook, Workplace
from tests.making import registered, session_on

MARKDOWN = (
    '## Tell\n- [ ] Mail {#mail evidence="text of it" as=mailed}\n- [ ] Board: {{mailed}} {#board}\n- [ ] Last {#last}'
)
SECRET = "hunter2-token"
REDACT = ("--reason", "a token", "--yes")


@pytest.fixture
def key(work: Workplace) -> str:
    """A runbook whose second event is a tick that says what it should not."""
    key = registered(MARKDOWN)
    assert work.run("tick", key, "mail", "--evidence", SECRET, "--note", SECRET) == 0
    return key


def _everything_shown(work: Workplace, key: str) -> str:
    shown = ""
    for command in (["status", key], ["status", key, "--json"], ["journal", key], ["journal", key, "--json"]):
        assert work.run(*command) == 0, work.err
        shown += work.out
    return shown


def test_what_was_said_is_gone(work: Workplace, key: str, engine: str) -> None:
    """A redacted text is shown nowhere, stands no more in SQLite's file, and the chain still holds."""
    assert SECRET in _everything_shown(work, key)
    assert work.run("redact", key, "2", *REDACT) == 0
    assert work.out == "staging/1.0: event 2 is redacted\n"
    assert SECRET not in _everything_shown(work, key)
    if engine == "sqlite":
        assert SECRET.encode() not in (work.root / ".nbrunbook" / "journal.db").read_bytes()


def test_what_was_done_stays_done(work: Workplace, key: str) -> None:
    """The step stays done by whom it was, and its evidence says that it was redacted, also where it is used."""
    assert work.run("redact", key, "2", *REDACT) == work.run("status", key, "--json") == 0
    mail, board, _ = json.loads(work.out)["runbooks"][0]["steps"]
    assert (mail["status"], mail["by"], mail["evidence"]) == ("done", "ana", "(redacted)")
    assert board["title"] == "Board: (redacted)"
    assert work.run("status", key) == 0
    assert "Evidence: (redacted)" in work.out


def test_the_event_says_which_and_why(work: Workplace, key: str) -> None:
    """The redaction is an event of its own: which event, and why."""
    assert work.run("redact", key, "2", *REDACT) == 0
    last = session_on().events[-1]
    assert (last.kind, last.step, last.data) == ("redacted", "", {"seq": "2", "reason": "a token"})


def test_a_second_time_changes_nothing(work: Workplace, key: str) -> None:
    """Redacting what was redacted says so, and writes nothing."""
    assert work.run("redact", key, "2", *REDACT) == work.run("redact", key, "2", *REDACT) == 0
    assert work.out == "staging/1.0: event 2 was redacted before; nothing changed\n"
    assert len(session_on().events) == 3


@pytest.mark.parametrize(("seq", "why"), [("1", "the notebook that the runbook was made with"), ("9", "no event 9")])
def test_what_is_needed_is_refused(work: Workplace, key: str, seq: str, why: str) -> None:
    """What the runbook cannot do without is not blanked, and neither is what is not there."""
    assert work.run("redact", key, seq, *REDACT) == 1
    assert why in work.err
    assert len(session_on().events) == 2


def test_an_event_without_a_text_is_refused(work: Workplace, key: str) -> None:
    """Where nothing was said there is nothing to blank."""
    assert work.run("take", key, "board") == work.run("take", key, "board", "--release") == 0
    for seq in ("3", "4"):
        assert work.run("redact", key, seq, *REDACT) == 1
        assert "says nothing that could be redacted" in work.err


def test_it_asks_before_it_blanks(work: Workplace, key: str) -> None:
    """Without --yes, and with nobody to ask, nothing is blanked."""
    assert work.run("redact", key, "2", "--reason", "a token") == 1
    assert "add --yes" in work.err
    assert len(session_on().events) == 2


def test_a_file_goes_with_its_event(work: Workplace, key: str, engine: str) -> None:
    """The content of a file that was given as evidence is blanked too, and the redaction names it."""
    (work.root / "dump.txt").write_text(f"{SECRET}2")
    assert work.run("tick", key, "board", "--file", "dump.txt") == 0
    name = session_on().events[-1].data["file"]
    assert work.run("redact", key, "3", *REDACT) == 0
    assert Journal.open(find_project().journal).blob(name) == b""
    assert session_on().events[-1].data["blobs"] == name
    if engine == "sqlite":
        assert f"{SECRET}2".encode() not in (work.root / ".nbrunbook" / "journal.db").read_bytes()
    assert work.run("tick", key, "last", "--file", "dump.txt") == 1
    assert "this very file was redacted" in work.err


def test_a_file_that_is_used_elsewhere_stays(work: Workplace, key: str) -> None:
    """A file that another event names too stays, which is told; with the last of them it goes."""
    (work.root / "dump.txt").write_text("shared")
    for step in ("board", "last"):
        assert work.run("tick", key, step, "--file", "dump.txt") == 0
    name = sha256(b"shared")
    assert work.run("redact", key, "3", *REDACT) == 0
    assert "the file that came with it, since event 4 of staging/1.0 names it too" in work.err
    assert session_on().file(name) == b"shared"
    assert work.run("redact", key, "4", *REDACT) == 0
    assert session_on().journal.blob(name) == b""


def test_the_notebook_that_a_runbook_was_made_with_is_never_blanked(work: Workplace, key: str) -> None:
    """A file that is byte for byte another runbook's notebook stays: `work` needs it."""
    (work.root / "copy.ipynb").write_bytes(b"no notebook")
    assert work.run("tick", key, "board", "--file", "copy.ipynb") == 0
    assert work.run("redact", key, "3", *REDACT) == 0
    assert session_on().journal.blob(sha256(b"no notebook")) == b"no notebook"


def test_an_added_step_keeps_its_place(work: Workplace, key: str) -> None:
    """A step whose title was redacted stays where it was, and as it was."""
    assert work.run("add", key, f"Revoke {SECRET}", "--after", "mail") == 0
    step = session_on().events[-1].step
    assert work.run("redact", key, "3", *REDACT) == 0
    done = session_on().progress
    assert [each.id for each in done.plan.steps] == ["mail", step, "board", "last"]
    assert done.plan.by_id[step].title == "(redacted)"
    assert f"the step's id, {step}" in work.err


def test_a_redaction_can_be_redacted(work: Workplace, key: str) -> None:
    """The reason of a redaction may say too much itself: which event it was about is not forgotten."""
    assert work.run("add", key, f"Revoke {SECRET}", "--after", "mail") == 0
    assert work.run("redact", key, "3", "--reason", f"it said {SECRET}", "--yes") == 0
    assert work.run("redact", key, "4", *REDACT) == 0
    found = session_on()
    assert found.events[-1].data == {"seq": "4 3", "reason": "a token", "after": "mail"}
    assert redactions.named(found.events) == {3, 4}
    assert [found.progress.title(each) for each in found.progress.plan.steps][1] == "(redacted)"


def test_a_handover_note_is_redacted(work: Workplace, key: str) -> None:
    """A note on the runbook itself is blanked in its header too."""
    assert work.run("note", key, SECRET) == work.run("redact", key, "3", *REDACT) == 0
    assert work.run("status", key) == 0
    assert "handover: (redacted), ana (declared), " in work.out


def test_a_live_session_forgets(work: Workplace, key: str) -> None:
    """Who has the runbook open sees the text no longer, once the session looked into the journal again."""
    live = session_on()
    assert live.progress.of("mail").given == SECRET
    assert work.run("redact", key, "2", *REDACT) == 0
    assert live.refresh()
    assert SECRET not in str(live.events)
    assert SECRET not in str(live.progress)
    assert [event.seq for event in live.events] == [1, 2, 3]
    assert live.append("ticked", "board").seq == 4


def test_an_archived_runbook_is_redacted(work: Workplace, runbook: MakeRunbook) -> None:
    """A record from before still holds, by itself and against the journal; where the text still stands is told."""
    key = runbook("- [ ] A {#a}")
    assert work.run("tick", key, "a", "--note", SECRET) == 0
    copy = work.root / "runbooks" / "_sessions" / "staging@1.0.ipynb"
    copy.parent.mkdir()
    copy.write_bytes((work.root / "runbooks" / "staging" / "1.0.ipynb").read_bytes() + b"\n")
    assert work.run("sign-off", key) == work.run("archive", key) == 0
    assert work.run("redact", key, "2", *REDACT) == 0
    for told in (
        "'nbrunbook redact staging/1.0 3'",
        "'nbrunbook archive staging/1.0' writes",
        "git's",
        "_sessions/staging@1.0.ipynb",
    ):
        assert told in work.err
    assert work.run("redact", key, "3", *REDACT) == 0
    assert work.run("redact", key, "4", *REDACT) == 1
    record = Path("records") / "staging" / "1.0.html"
    assert work.run("verify", record) == 0
    assert "held against: itself, SHA256SUMS, the journal" in work.out
    record.unlink()
    assert work.run("archive", key) == 0
    assert "~2.html" in work.out
    assert SECRET not in (work.root / "records" / "staging" / "1.0~2.html").read_text(encoding="utf-8")


def test_a_redacted_session_copy_is_not_kept_again(work: Workplace, runbook: MakeRunbook) -> None:
    """Signing off again with the very copy that was redacted keeps no copy, and goes through."""
    key = runbook("- [ ] A {#a}")
    copy = work.root / "runbooks" / "_sessions" / "staging@1.0.ipynb"
    copy.parent.mkdir()
    copy.write_bytes((work.root / "runbooks" / "staging" / "1.0.ipynb").read_bytes() + b"\n")
    assert work.run("tick", key, "a") == work.run("sign-off", key) == work.run("redact", key, "3", *REDACT) == 0
    assert work.run("reopen", key, "--reason", "x") == work.run("sign-off", key) == 0
    assert "notebook" not in session_on().events[-1].data


def test_a_sign_off_elsewhere_that_keeps_it_is_told(work: Workplace) -> None:
    """A `.once` step's evidence stands in the sign-offs of the group too: which, and how to blank it."""
    settings = '[project]\nname = "shop"\n[tool.nbrunbook.environments]\neu = {group = "all"}\nus = {group = "all"}\n'
    (work.root / "pyproject.toml").write_text(settings, encoding="utf-8")
    for key in ("eu/1.0", "us/1.0"):
        registered("- [ ] Mail {#mail .once evidence=list}", key=key)
    assert work.run("tick", "eu/1.0", "mail", "--evidence", SECRET) == work.run("sign-off", "us/1.0") == 0
    assert work.run("redact", "eu/1.0", "2", *REDACT) == 0
    assert "'nbrunbook redact us/1.0 2'" in work.err
    assert work.run("redact", "us/1.0", "2", *REDACT) == 0
    assert SECRET not in _everything_shown(work, "us/1.0")


def test_what_others_kept_of_a_text_is_told_and_blanked(work: Workplace) -> None:
    """A sign-off that kept a `.once` step of another environment is told; blanked, it still says what was settled."""
    (work.root / "nbrunbook.toml").write_text('[environments]\neu = {group = "p"}\nus = {group = "p"}\n')
    eu, us = (registered("- [ ] Mail {#mail .once}\n- [ ] Tell {#tell}", key=key) for key in ("eu/1.0", "us/1.0"))
    for command in (["tick", eu, "mail", "--note", SECRET], ["tick", us, "tell"], ["sign-off", us], ["archive", us]):
        assert work.run(*command) == 0, work.err
    assert work.run("redact", eu, "2", *REDACT) == 0
    assert "sign-off 3 of us/1.0, which keeps it, and the records of us/1.0: 'nbrunbook redact us/1.0 3'" in work.err
    for seq in ("3", "5"):
        assert work.run("redact", us, seq, *REDACT) == 0, work.err
        assert work.run("journal", us) == 0
        assert SECRET not in work.out
    assert work.run("untick", eu, "mail", "--reason", "not yet") == 0
    assert work.run("status", us) == 0
    assert "us/1.0  2 of 2 done  signed off" in work.out
    assert work.run("verify", "--all") == 0, work.out
