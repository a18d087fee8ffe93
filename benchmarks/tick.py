"""Tick: one event in the journal against one bare insert that is as safe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import bare_insert
from measure import Comparison, side_by_side, size
from workplace import run, step_ids, workplace, write_template

from nbrunbook.project.operator import declared
from nbrunbook.project.settings import find_project
from nbrunbook.work.opening import open_session
from nbrunbook.work.session import Session

STEPS, EVENTS = size(100, smallest=3), size(1_000, smallest=3)
TICKS = STEPS - 1
"""Rounds in a session: one more is not counted."""


def compare() -> Iterator[Comparison]:
    """Compare a command with a script, and a session with a connection that stays open."""
    with workplace() as root:
        template = write_template(root, STEPS)
        for environment in ("command", "session", "long"):
            run(root, "nbrunbook", "instantiate", template, "-e", environment)
        yield _in_a_command(root)
        yield _in_a_session(root, _session(root, "session"), "tick in a session")
        long = _session(root, "long")
        for number in range(EVENTS):
            long.append("noted", data={"note": f"note {number}"})
        yield _in_a_session(root, long, f"tick in a session after {EVENTS:,} events")


def _in_a_command(root: Path) -> Comparison:
    ids = step_ids(STEPS)
    ours, theirs = side_by_side(
        lambda number: run(root, "nbrunbook", "tick", f"command/r{STEPS}", ids[number]),
        lambda _: run(root, "python", bare_insert.__file__, "bare.db"),
        rounds=size(11, smallest=2),
    )
    return Comparison(what="nbrunbook tick : a script with a bare insert", ours=ours, theirs=theirs, at_most=15)


def _session(root: Path, environment: str) -> Session:
    return open_session(find_project(root), f"{environment}/r{STEPS}", declared("ana", "typed"))


def _in_a_session(root: Path, session: Session, what: str) -> Comparison:
    ids = step_ids(STEPS)
    with closing(bare_insert.connect(str(root / "bare.db"))) as connection:
        ours, theirs = side_by_side(
            lambda number: session.append("ticked", ids[number]),
            lambda _: bare_insert.insert(connection),
            rounds=TICKS,
        )
    return Comparison(what=f"{what} : bare insert", ours=ours, theirs=theirs, at_most=2)
