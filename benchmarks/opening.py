"""Opening: a session on a runbook with many events against one on a runbook with 100, of every kind that there is.

And what it costs those who write: the state that lets a runbook be opened so is kept with every 50th event.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from measure import Comparison, side_by_side, size  # noqa: E402
from tests.databases import QUICK, Server  # noqa: E402
from workplace import step_ids, workplace, write_automated  # noqa: E402

from nbrunbook import commands  # noqa: E402
from nbrunbook.project.operator import declared  # noqa: E402
from nbrunbook.project.settings import find_project  # noqa: E402
from nbrunbook.runbook import events  # noqa: E402
from nbrunbook.runbook.events import Kind  # noqa: E402
from nbrunbook.work import following, runs  # noqa: E402
from nbrunbook.work.opening import open_session  # noqa: E402
from nbrunbook.work.session import Session  # noqa: E402

FEW = size(100, smallest=12)
MANY = (size(10_000, smallest=60), size(50_000, smallest=120))
STEPS = 30
ROUNDS = size(31, smallest=1)
WAITS = 60


def compare() -> Iterator[Comparison]:
    """Compare long runbooks with a short one, on both engines."""
    with workplace() as root:
        yield from _on(root, "SQLite")
    with workplace() as root, contextlib.closing(Server(*QUICK)) as server:
        os.environ["NBRUNBOOK_JOURNAL"] = server.with_schema()
        yield from _on(root, "PostgreSQL")


def _on(root: Path, engine: str) -> Iterator[Comparison]:
    template = write_automated(root, STEPS)
    names = [f"with-{count}" for count in (FEW, *MANY)]
    for name in (*names, "keeping", "not-keeping"):
        _called(root, "instantiate", template, "-e", name)
    for name, count in zip(names, (FEW, *MANY), strict=True):
        _fill(_session(root, name), count)
    for count in MANY:
        ours, theirs = side_by_side(
            lambda _, name=f"with-{count}": _session(root, name),
            lambda _: _session(root, names[0]),
            rounds=ROUNDS,
        )
        what = f"{engine}: open a session after {count:,} events : after {FEW}"
        yield Comparison(what=what, ours=ours, theirs=theirs, at_most=2)
    ours, theirs = side_by_side(
        lambda _: _called(root, "status", f"with-{MANY[0]}/automated"),
        lambda _: _called(root, "status", f"{names[0]}/automated"),
        rounds=ROUNDS,
    )
    yield Comparison(what=f"{engine}: status KEY, {MANY[0]:,} events : {FEW}", ours=ours, theirs=theirs, at_most=2)
    yield _appending(root, engine)


def _called(root: Path, *arguments: str) -> None:
    said = io.StringIO()
    with contextlib.chdir(root), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        if commands.run([*arguments]) != 0:
            raise RuntimeError(f"{arguments}: {said.getvalue()}")


def _session(root: Path, environment: str) -> Session:
    return open_session(find_project(root), f"{environment}/automated", declared("ana", "typed"), wait_seconds=WAITS)


def _fill(session: Session, count: int) -> None:
    """Have ticks, unticks, notes and runs of a check follow, on all steps, until there are so many events."""
    if not session.journal.shared:  # nobody cuts the power, and it is written much faster
        with session.journal.door.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA synchronous = OFF")
    ids, acts = itertools.cycle(step_ids(STEPS)), itertools.cycle((_settle, _note, _settle, _look, _take))
    while session.progress.seq < count:
        next(acts)(session, next(ids))


def _settle(session: Session, step: str) -> None:
    if session.progress.of(step).settled:
        session.append("unticked", step, data={"reason": "again"})
    else:
        session.append("ticked", step)


def _note(session: Session, step: str) -> None:
    session.append("noted", step, data={"note": "looked at it"})


def _take(session: Session, step: str) -> None:
    if not session.progress.of(step).settled:
        session.append("taken", step)


def _look(session: Session, _: str) -> None:
    run = events.new_id()
    runs.begin(session, "nothing", run=run, folder=Path("/none"), data={})
    kind: Kind = "failed" if session.progress.of("nothing").settled else "passed"
    runs.end(session, "nothing", run, kind, {"value": "12 shards"})


def _appending(root: Path, engine: str) -> Comparison:
    """What it costs to keep a state with every 50th event, against never."""
    often, never = (_session(root, name) for name in ("keeping", "not-keeping"))

    def without(_: int) -> None:
        with mock.patch.object(following, "EVERY", 10**9):
            _several(never)

    ours, theirs = side_by_side(lambda _: _several(often), without, rounds=ROUNDS)
    return Comparison(
        what=f"{engine}: 100 ticks and unticks, keeping states : never", ours=ours, theirs=theirs, at_most=1.1
    )


def _several(session: Session) -> None:
    for number in range(size(100, smallest=10)):
        _settle(session, step_ids(STEPS)[number % STEPS])
