"""nbrunbook batch: real runs over real databases."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import ROOT, Workplace
from tests.filling import NAMES, ROWS, batched, counts, end_runners, make_batch, set_title
from tests.making import session_on
from tests.running import KEY, wait_for

__all__ = ["batched"]

FACTS = {"name", "state", "done", "left", "rate", "batch_size", "hold", "error", "quarantined"}


def _kinds() -> list[str]:
    return [event.kind for event in session_on().events]


def _once(work: Workplace) -> bool:
    """Whether each row of each database was changed once."""
    return all(counts(work, name) == {1: ROWS} for name in NAMES)


def _status(work: Workplace) -> dict[str, Any]:
    assert work.run("batch", "status", KEY, "fill", "--json") == 0, work.err
    found: dict[str, Any] = json.loads(work.out)
    return found


def test_a_batch_is_a_step_like_the_others(batched: Workplace) -> None:
    """`run` goes through every database, each row once, and nothing follows before; on a done one it exits with 0."""
    assert batched.run("tick", KEY, "remove") == 1
    assert "Fill" in batched.err
    assert batched.run("run", KEY, "fill", "--workers", "2") == 0, batched.err
    assert "fill: passed, run by " in batched.out
    assert "3 of 3 databases done" in batched.out
    assert _once(batched)
    assert batched.run("run", KEY, "fill") == 0
    assert "fill: passed, run by " in batched.err
    assert _once(batched)
    assert batched.run("tick", KEY, "remove") == 0, batched.err
    found = _status(batched)
    assert (found["step"], found["state"]) == ("fill", "done")
    assert [set(each) for each in found["databases"]] == [FACTS] * 3
    assert [(each["name"], each["done"], each["left"]) for each in found["databases"]] == [
        (name, ROWS, 0) for name in NAMES
    ]


def test_it_is_paused_and_resumed(batched: Workplace) -> None:
    """Its runners hold and say who paused it, and go on; who did is in the journal."""
    assert batched.run("batch", "pause", KEY, "fill", "--reason", "peak hours") == 0, batched.err
    assert "fill: paused by ana" in batched.out
    assert "nobody runs it; it holds for the next run" in batched.err
    assert batched.run("batch", "pause", KEY, "fill") == 1
    assert "already paused by ana" in batched.err
    assert f"'nbrunbook batch resume {KEY} fill' lets it go on" in batched.err
    assert batched.run("run", KEY, "fill", "--background") == 0, batched.err
    wait_for(lambda: _status(batched)["state"] == "paused")
    assert "paused by ana" in {each["hold"] for each in _status(batched)["databases"]}
    assert all(counts(batched, name) == {0: ROWS} for name in NAMES)
    assert batched.run("batch", "resume", KEY, "fill") == 0, batched.err
    assert batched.run("batch", "status", KEY, "fill", "--follow") == 0, batched.err
    assert "3 of 3 databases done" in batched.out
    assert _once(batched)
    assert _kinds() == ["opened", "paused", "started", "resumed", "passed"]


@pytest.mark.on("sqlite")
def test_it_is_stopped_and_goes_on(batched: Workplace) -> None:
    """A stop ends its run in all runners, and another run goes on where it stood."""
    assert batched.run("batch", "pause", KEY, "fill") == 0, batched.err
    assert batched.run("run", KEY, "fill", "--background") == 0, batched.err
    assert batched.run("batch", "stop", KEY, "fill") == 0, batched.err
    assert "fill: stopped, run by" in batched.out
    assert batched.run("batch", "resume", KEY, "fill") == 0, batched.err
    assert "nobody runs it" in batched.err
    assert batched.run("run", KEY, "fill") == 0, batched.err
    assert _once(batched)


@pytest.mark.on("sqlite")
def test_a_size_holds_for_the_next_run(batched: Workplace) -> None:
    """An operator's word on the size of chunks; adaptive leaves it to the batch again."""
    assert batched.run("batch", "size", "3", KEY, "fill") == 0, batched.err
    assert "fill: chunks of 3 rows from the next one on" in batched.out
    assert session_on().progress.of("fill").batch_size == 3
    assert batched.run("batch", "size", "adaptive", KEY, "fill") == 0, batched.err
    assert session_on().progress.of("fill").batch_size is None


@pytest.mark.on("sqlite")
def test_refused_rows_are_tried_again(work: Workplace, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is refused is left out and told, with what to do; mended it is changed once, and the batch is done."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'src'}:{ROOT}")
    make_batch(work, more=', on_error="quarantine"')
    set_title(work, "eu", 7, "bad")
    assert work.run("run", KEY, "fill") == 1
    assert "fill: failed, run by" in work.out
    assert f"'nbrunbook batch rerun {KEY} fill' tries it again" in work.err
    assert [each["quarantined"] for each in _status(work)["databases"]] == [1, 0, 0]
    assert work.run("batch", "status", KEY, "fill") == 0
    assert "1 row is refused" in work.out
    assert "eu: row 7: " in work.out
    assert "no slug of bad" in work.out
    assert (work.out + work.err).count("batch rerun") == 1
    assert work.run("batch", "status", KEY, "fill", "--refused", "--json") == 0
    assert [(each["database"], each["row"]) for each in json.loads(work.out)["refused"]] == [("eu", "7")]
    set_title(work, "eu", 7, "Good")
    assert work.run("batch", "rerun", KEY, "fill", "--json") == 0, work.err
    assert json.loads(work.out)["runs"][0]["outcome"] == "passed"
    assert _once(work)
    end_runners(work)


@pytest.mark.on("sqlite")
def test_ddl_needs_no_journal(work: Workplace) -> None:
    """It prints SQL for each kind of the configured databases, and opens nothing."""
    assert work.run("batch", "ddl") == 0, work.err
    assert "nbrunbook_cursor" in work.out
    with (work.root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write('[tool.nbrunbook.databases]\neu = "sqlite:///none.db"\nus = "sqlite:///nothing.db"\n')
    assert work.run("batch", "ddl") == 0, work.err
    assert "-- sqlite, for eu, us\n" in work.out
    assert "CREATE TABLE" in work.out.upper()
    assert not list(work.root.glob("*.db"))
    assert work.run("batch", "ddl", "--kind", "postgresql", "--role", "App") == 0, work.err
    assert 'TO "App";' in work.out
    assert "sqlite" not in work.out


BAD = [
    (["batch", "pause", KEY, "remove"], 1, "remove of staging/1.0 is no batch"),
    (["batch", "status", KEY, "remove"], 1, "one of its batches: fill"),
    (["batch", "status", KEY, "fil"], 1, "staging/1.0 has no step"),
    (["batch", "pause", "staging/9", "fill"], 1, "no runbook"),
    (["batch", "resume", KEY, "fill"], 1, "nobody has paused it"),
    (["batch", "stop", KEY, "fill"], 1, "it does not run"),
    (["batch", "size", "0", KEY, "fill"], 2, "'0' is no number of rows from 1 to 100,000, and not 'adaptive'"),
    (["batch", "size", KEY, "fill"], 2, "Usage: nbrunbook batch size"),
    (["batch", "ddl", KEY], 2, "KEY and STEP, or neither"),
    (["batch", "rub", KEY, "fill"], 2, "No such command 'rub'"),
    (["run", KEY, "fill", "--workers", "0"], 2, "0 is not in the range"),
    (["run", KEY, "fill", "--executor", "a b"], 2, "'a b' is none, such as shop.cluster:executor"),
    (["run", KEY, "remove", "--workers", "2"], 2, "--workers and --executor are for batches"),
    (["run", KEY, "fill", "--timeout", "5m"], 2, "without --timeout or --force"),
]


@pytest.mark.on("sqlite")
def test_bad_input_is_told(batched: Workplace) -> None:
    """What was found and what was expected, and nothing is recorded."""
    for command, status, said in BAD:
        assert (batched.run(*command), command) == (status, command)
        assert said in " ".join(batched.err.split())
        assert "Traceback" not in batched.err
    assert _kinds() == ["opened"]
