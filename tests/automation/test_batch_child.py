"""A batch's child: what it says of code that cannot be worked with."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.automation.batch_child import came_out
from nbrunbook.automation.run import BatchRun, Run
from nbrunbook.batches.job import Job
from nbrunbook.batches.orders import Orders
from nbrunbook.project.databases import Database
from nbrunbook.runbook.board import DatabaseStatus

FILL = """from nbrunbook import batch
fill = batch("fill", databases=["eu"])

@fill.fetch
def _(db, cursor, batch_size):
    return None

@fill.process
def _(db, rows): ...
"""


@pytest.fixture
def facts(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """A run of one database as its child reads it; what it changes in this process is put back."""
    path = list(sys.path)
    job = Job(project="shop", key="k", step="fill", databases=(Database(name="eu", url=f"sqlite:///{tmp_path}/eu.db"),))
    more = {"id": "r", "key": "r", "root": tmp_path, "folder": tmp_path / "r", "reporter": "x:y"}
    run = Run(cells=(FILL,), function="fill", batch=BatchRun(job=job.to_json()), **more)  # type: ignore[arg-type]
    yield json.loads(run.to_json())
    sys.path[:] = path
    sys.modules.pop("nbrunbook_code", None)


def test_an_empty_database_is_gone_through(facts: dict[str, Any], tmp_path: Path) -> None:
    """And each change is told."""
    (tmp_path / "eu.db").touch()
    told: list[DatabaseStatus] = []
    said = came_out(facts, Orders(), told.append)
    assert said["kind"] == "passed", said
    assert told[-1].state == "done"


@pytest.mark.parametrize(
    ("cells", "message"),
    [("fill = 3", "NameError: the code makes no batch 'fill'"), ("1 / 0", "ZeroDivisionError: division by zero")],
)
def test_code_that_makes_no_batch_is_told(facts: dict[str, Any], cells: str, message: str) -> None:
    """Without a line of ours in its traceback."""
    said = came_out({**facts, "cells": [cells]}, Orders(), lambda _: None)
    assert (said["kind"], said["message"]) == ("undecided", message)
    assert "nbrunbook/automation" not in said["traceback"]


def test_one_that_is_to_stop_says_that_there_is_more_to_do(facts: dict[str, Any], tmp_path: Path) -> None:
    """Nothing is called then."""
    (tmp_path / "eu.db").touch()
    said = came_out(facts, Orders(stopping=True), lambda _: None)
    assert said["kind"] == "undecided"
