"""A runbook with a batch, and what is told of its run without any process."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nbrunbook.journal import runners
from nbrunbook.runbook import events
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.work import batches
from nbrunbook.work.session import Session
from tests.conftest import Workplace
from tests.making import session_on
from tests.running import DECLARED

FILL = "fill"
STEPS = "## Steps\n- [ ] Fill the slugs {#fill}\n- [ ] Drop the old column {#drop after=fill}\n"
CODE = """from nbrunbook import batch
fill = batch("fill", databases=["eu", "us"])

@fill.fetch
def _(db, cursor, batch_size): ...

@fill.process
def _(db, rows): ...
"""
SETTINGS = """[project]
name = "shop"
[tool.nbrunbook.databases]
eu = "sqlite:///eu.db"
us = "sqlite:///us.db"
"""


def batch_session(work: Workplace) -> Session:
    """Return a session on such a runbook."""
    (work.root / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    template = work.template(STEPS, parameters=DECLARED, code=CODE)
    assert work.run("instantiate", template, "-e", "staging") == 0, work.err
    return session_on()


def begun(session: Session, runner: str = "r") -> str:
    """Let a run begin, with one runner, and return its id."""
    run = events.new_id()
    batches.begin_or_join(session, FILL, run=run, runner=runner, folder=Path("/none"), data={})
    session.refresh()
    return run


def heard(session: Session, run: str, statuses: Iterable[DatabaseStatus], runner: str = "r") -> None:
    """Let a runner say where the databases stand."""
    said = {each.name: events.canonical(each.to_json()) for each in statuses}
    assert runners.hear(session.journal, run, runner, pid=1, changed=said)
    session.refresh()


def ended(session: Session, run: str, statuses: Iterable[DatabaseStatus], runner: str = "r") -> None:
    """Let the last runner say how it ended."""
    assert batches.end_if_last(session, FILL, run, runner, list(statuses))
