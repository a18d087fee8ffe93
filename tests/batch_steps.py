"""Runbooks with a batch, for tests without any process: what several of them begin, join and end."""

from __future__ import annotations

from pathlib import Path

from nbrunbook.runbook import events
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.runbook.events import Event
from nbrunbook.work import batches
from nbrunbook.work.session import Session
from tests.conftest import PARAMETERS, Workplace
from tests.making import session_on

STEPS = "- [ ] Fill {#fill}\n- [ ] Drop {#drop after=fill}\n"
DECLARED = f"from nbrunbook import batch\n{PARAMETERS}"
CODE = """fill = batch("fill", databases=["eu", "us"])
@fill.fetch
def _(db, cursor, batch_size): ...
@fill.process
def _(db, rows): ...
"""
RUNNING = (DatabaseStatus(name="eu", state="running", done=7), DatabaseStatus(name="us"))
DONE = tuple(DatabaseStatus(name=name, state="done", done=600, left=0) for name in ("eu", "us"))
REFUSED = (DONE[0], DatabaseStatus(name="us", state="stopped", quarantined=3, error="3 rows are refused: id 7"))


def with_a_batch(work: Workplace) -> Session:
    """Return ana at work on a runbook with a batch over two databases."""
    with (work.root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write('[tool.nbrunbook.databases]\neu = "sqlite:///eu.db"\nus = "sqlite:///us.db"\n')
    path = work.template(STEPS, parameters=DECLARED, code=CODE)
    assert work.run("instantiate", path, "-e", "staging") == 0, work.err
    return session_on()


def run_as(session: Session, runner: str, step: str = "fill") -> Event:
    """Begin or join the run of a batch as a runner, and return its `started`."""
    folder = Path("/none/runs") / runner
    return batches.begin_or_join(session, step, run=events.new_id(), runner=runner, folder=folder, data={})
