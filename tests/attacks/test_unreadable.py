"""One row that nobody can read must not keep everybody from working, nor pass for something that is done."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from nbrunbook.project.settings import find_project
from tests.conftest import Workplace
from tests.making import raw_journal, registered, session_on

pytestmark = pytest.mark.usefixtures("engine")
GOOD, BAD = "staging/1.0", "staging/2.0"
BREAK = {
    "an event": (
        "event",
        "UPDATE event SET body = '{' WHERE runbook = (SELECT digest FROM runbook WHERE key = '{key}')",
    ),
    "an event of no kind": (
        "event",
        "UPDATE event SET body = replace(body, 'opened', 'confirmed') "
        "WHERE runbook = (SELECT digest FROM runbook WHERE key = '{key}')",
    ),
    "its row": ("runbook", "UPDATE runbook SET body = '[1]' WHERE key = '{key}'"),
    "its plan, of a newer format": (
        "plan",
        "UPDATE plan SET body = replace(body, '\"schema\":1', '\"schema\":9') "
        "WHERE digest = (SELECT plan FROM runbook WHERE key = '{key}')",
    ),
    "its plan": ("plan", "UPDATE plan SET body = '[1]' WHERE digest = (SELECT plan FROM runbook WHERE key = '{key}')"),
}


@pytest.fixture(params=BREAK)
def broken(request: pytest.FixtureRequest, work: Workplace) -> Workplace:
    """A journal with a runbook that is sound, and one of which a row cannot be read."""
    registered("- [ ] A {#a}", key=GOOD)
    registered("- [ ] B {#b}", key=BAD)
    table, statement = BREAK[request.param]
    with raw_journal(without=table) as raw:
        raw.execute(statement.replace("{key}", BAD))
    return work


def test_the_others_are_shown_and_it_is_named(broken: Workplace, request: pytest.FixtureRequest) -> None:
    """By each verb that lists many, with the exit status of an error."""
    assert broken.run("status") == 1
    assert f"{GOOD}  0 of 1 done" in broken.out
    assert f"({BAD} is left out, the rest is shown)" in broken.err
    assert broken.run("status", "--json") == 1
    assert [each["runbook"] for each in json.loads(broken.out)["runbooks"]] == [GOOD]
    assert broken.run("work") == 1
    assert GOOD in broken.out
    assert BAD in broken.err + broken.out
    assert broken.run("history") == 1 - ("its plan" in request.node.callspec.params["broken"])
    assert GOOD in broken.out
    assert broken.run("pending", "-e", "staging") == 1
    assert GOOD.partition("/")[2] in broken.out
    assert BAD in broken.out + broken.err
    assert broken.run("archive", "--all") in (0, 1), broken.err


def test_it_is_not_said_never_to_have_been_made(broken: Workplace) -> None:
    """Neither by what is pending nor by `work`, which would have it made again."""
    assert broken.run("pending", "-e", "staging") == 1
    assert "not instantiated" not in broken.out
    assert "unreadable" in broken.out
    assert broken.run("work") == 1
    assert "instantiate" not in broken.out


def test_work_on_the_others_goes_on(broken: Workplace) -> None:
    """A tick, a sign-off, a note; and on the broken one there is one clear error."""
    for verb in (["tick", GOOD, "a"], ["note", GOOD, "x"], ["sign-off", GOOD]):
        assert broken.run(*verb) == 0, broken.err
    assert broken.run("tick", BAD, "b") == 1
    assert "Traceback" not in broken.err
    assert broken.run("verify", "--all") == 1
    assert BAD in broken.out


def test_what_waits_for_it_says_so(work: Workplace) -> None:
    """Nothing is taken for settled that cannot be read."""
    registered("- [ ] A {#a}", key=BAD)
    key = registered("- [ ] A {#a}\n- [ ] B {#b after=a#2.0@staging}", key=GOOD)
    with raw_journal(without="event") as raw:
        raw.execute(BREAK["an event"][1].replace("{key}", BAD))
    assert work.run("tick", key, "a") == 0, work.err
    assert work.run("tick", key, "b") == 1
    assert "Traceback" not in work.err


@pytest.mark.on("sqlite")
def test_an_edited_index_decides_nothing(work: Workplace, engine: str) -> None:
    """Pages that hide a reopening made `pending --check` say that nothing was pending."""
    key = registered("- [ ] A {#a .optional}", key=GOOD)
    assert work.run("sign-off", key) == 0, work.err
    assert work.run("reopen", key, "--reason", "x") == 0, work.err
    path = Path(find_project().journal.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        (made,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'event_life_of'").fetchone()
        connection.execute("DROP INDEX event_life_of")
        connection.execute(made.replace("reopened", "reopenedx"))
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'event_life_of'", (made,))
        connection.commit()
    assert work.run("pending", "-e", "staging", "--check") == 1
    assert "SQLite's own check says" in work.err
    assert work.run("status", "--check") == 1
    assert "SQLite's own check says" in work.err
    assert work.run("verify", "--all") == 1


def test_an_added_title_mentions_nobody(work: Workplace) -> None:
    """In a forge an exported list would call everybody, or link an issue."""
    path = work.template("- [ ] A {#a}")
    assert work.run("instantiate", path, "-e", "staging") == 0, work.err
    key = GOOD
    session_on(key).add("Tell @all of #12 at ops@example.com", after="a")
    assert work.run("export", key) == 0, work.err
    assert "@all" not in work.out
    assert "#12" not in work.out
    assert "@<!-- -->all" in work.out
    assert work.run("status", key) == 0
    assert "Tell @all of #12 at ops@example.com" in work.out
