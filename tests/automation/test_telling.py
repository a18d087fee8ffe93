"""What a child says of each database, and how its supervisor hears it."""

from __future__ import annotations

import json
import os
import threading

from nbrunbook.automation.telling import Teller, Told
from nbrunbook.runbook.board import DatabaseStatus


def test_what_a_child_says_arrives_whole_and_in_order() -> None:
    """The newest of each database, then what came out."""
    read, write = os.pipe()
    teller, told = Teller(write), Told([])
    for done in range(50):
        teller.tell(DatabaseStatus(name="eu", state="running", done=done))
    teller.tell(DatabaseStatus(name="us"))
    teller.close({"kind": "passed"})
    os.close(write)
    with os.fdopen(read, "rb") as file:
        while chunk := file.read(7):
            told.hear(chunk)
    assert [(each.name, each.done) for each in told.board] == [("eu", 49), ("us", 0)]
    assert json.loads(told.end) == {"kind": "passed"}


def test_secrets_are_masked_in_what_a_database_says() -> None:
    """An error may quote a password."""
    told = Told(["pa55word"])
    told.put(DatabaseStatus(name="eu", state="holding", hold="no route with pa55word", error="pa55word is wrong"))
    assert (told.board[0].hold, told.board[0].error) == ("no route with ***", "*** is wrong")


def test_only_news_is_told_and_what_could_not_be_told_is_news_still() -> None:
    """A journal that was away hears of each database once it is back."""
    told = Told([])
    told.put(DatabaseStatus(name="eu"))
    news = told.news()
    assert (list(news), told.news()) == (["eu"], {})
    told.put(DatabaseStatus(name="eu"))
    assert told.news() == {}
    told.back(news)
    assert list(told.news()) == ["eu"]


def test_a_line_that_is_no_status_is_passed_over() -> None:
    """A child may say anything: its code shares its process."""
    told = Told([])
    told.hear(b'{"database": {"name": 3}}\n{"database": []}\n{"database": {"name": "eu", "done": "x"}}\n')
    assert (told.board, told.end) == ((), b"")


def test_a_child_that_died_over_its_last_line_did_not_say_it() -> None:
    """What came out is known once its line has ended."""
    told = Told([])
    told.hear(b'{"kind": "pas')
    assert told.end == b""
    told.begin()
    told.hear(b'{"kind": "failed"}\n')
    assert told.end == b'{"kind": "failed"}\n'


def test_a_supervisor_that_has_ended_keeps_no_worker_waiting() -> None:
    """Nobody reads the pipe any more."""
    read, write = os.pipe()
    os.close(read)
    teller = Teller(write)
    teller.tell(DatabaseStatus(name="eu"))
    teller.close({"kind": "passed"})
    os.close(write)
    assert threading.main_thread().is_alive()
