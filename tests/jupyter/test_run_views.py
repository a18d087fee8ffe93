"""Whether a session can begin a run, as its rows say it."""

from __future__ import annotations

import socket

import pytest

from nbrunbook.jupyter.run_views import RunViews
from nbrunbook.jupyter.views import Told, Views
from nbrunbook.project.settings import find_project
from tests.conftest import Workplace
from tests.making import raw_journal, session_on
from tests.running import KEY, begun, made

__all__ = ["made"]


def _green(views: Views) -> dict[str, object]:
    (home,) = views.session.progress.homes
    found: dict[str, object] = views.view("checklist", home, Told())["steps"]["green"]
    return found


def test_a_missing_secret_holds_the_button(made: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row says which, before anybody presses, and takes it back once it is there."""
    views = Views(session_on(KEY), find_project())
    assert "cannot" not in _green(views)
    monkeypatch.delenv("SHOP_TOKEN")
    step = _green(views)
    assert "secrets that this kernel does not have: SHOP_TOKEN" in str(step["cannot"])
    assert step["offers"][0]["held"] == step["cannot"]  # type: ignore[index]
    monkeypatch.setenv("SHOP_TOKEN", "again")
    assert "cannot" not in _green(views)


def test_code_that_was_redacted_holds_it_too(made: Workplace) -> None:
    """Who looks at a runbook whose code is gone reads why, and what brings it."""
    name = session_on(KEY).plan.code[0]
    assert made.run("redact", KEY, "--code", name, "--reason", "a token", "--yes") == 0, made.err
    assert "was redacted: nothing can be run that loads it" in str(
        _green(Views(session_on(KEY), find_project()))["cannot"]
    )


def test_code_that_the_journal_does_not_hold(made: Workplace) -> None:
    """The same where somebody took it out of the journal."""
    session = session_on(KEY)
    with raw_journal(without="blob") as raw:
        raw.execute("DELETE FROM blob WHERE sha256 = ?", (session.plan.code[0],))
    assert "is missing in the journal" in RunViews(session, find_project()).why_not()


def test_a_run_of_another_host_is_for_that_host_to_say(made: Workplace) -> None:
    """Where nobody knows of it, the row names the host; of one that is here the lock tells."""
    session, run = begun(made)
    views, step = RunViews(session, find_project()), session.step("purge")
    assert views.elsewhere(step) == ""
    with raw_journal() as raw:
        raw.execute("UPDATE run SET host = 'elsewhere', seen_at = seen_at - 100 WHERE event = ?", (run.id,))
    session.listen()
    assert views.elsewhere(step) == "elsewhere"
    with raw_journal() as raw:
        raw.execute("UPDATE run SET host = ? WHERE event = ?", (socket.gethostname(), run.id))
