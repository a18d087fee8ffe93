"""A team on one PostgreSQL: eight processes that tick at once, against eight that only insert and commit.

`python benchmarks/together.py ours URL KEY FIRST` and `… bare|chained URL NAME` are one process of each kind:
it says that it is ready, waits for a line, and says how many it wrote.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT), str(ROOT / "benchmarks")]

from measure import Comparison, size  # noqa: E402

PROCESSES, TICKS, ROUNDS = size(8, smallest=2), size(240, smallest=5), size(3, smallest=1)
"""So many ticks that one template holds a step for each: a part has its most characters."""
BODY = "x" * 450
"""As long as an event's body."""
TABLE = """
CREATE TABLE IF NOT EXISTS bare (
    id TEXT PRIMARY KEY, runbook TEXT, seq INTEGER, kind TEXT, body TEXT, hash TEXT, UNIQUE (runbook, seq)
)
"""
INSERT = "INSERT INTO bare (id, runbook, seq, kind, body, hash) VALUES (%s, %s, %s, %s, %s, %s)"


def compare() -> Iterator[Comparison]:
    """Compare eight runbooks, and one that all work on."""
    from tests.databases import Server
    from workplace import workplace

    with workplace() as root, contextlib.closing(Server()) as server:
        os.environ["NBRUNBOOK_JOURNAL"] = server.with_schema()
        os.chdir(root)
        for what, runbooks in ((f"{PROCESSES} runbooks : bare inserts", PROCESSES), ("one : inserts one by one", 1)):
            ours, theirs = _in_turns(root, runbooks)
            yield Comparison(
                what=f"{PROCESSES} processes × {TICKS} ticks, {what}",
                ours=ours, theirs=theirs, at_most=2,
            )  # fmt: skip


def _in_turns(root: Path, runbooks: int) -> tuple[float, float]:
    from workplace import step_ids, write_template

    from nbrunbook.commands import run

    steps = PROCESSES * TICKS // runbooks
    template = write_template(root, steps)
    url = os.environ["NBRUNBOOK_JOURNAL"]
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS):
        keys = [f"e{number}-{each}/r{steps}" for each in range(runbooks)]
        for key in keys:
            with contextlib.redirect_stdout(io.StringIO()):
                made = run(["instantiate", template, "-e", key.partition("/")[0]])
            if made:
                raise RuntimeError(f"{key} was not made")
        asked = [
            ["ours", url, keys[each % runbooks], str(each * TICKS if runbooks == 1 else 0)] for each in range(PROCESSES)
        ]
        seconds[0].append(_together(root, asked))
        _check(root, keys, step_ids(steps))
        names = [f"{runbooks}-{number}-{each % runbooks}" for each in range(PROCESSES)]
        kind = "bare" if runbooks > 1 else "chained"
        seconds[1].append(_together(root, [[kind, url, name] for name in names]))
    return median(seconds[0]), median(seconds[1])


def _together(root: Path, asked: list[list[str]]) -> float:
    """Return the seconds from when all are ready until the last one is done."""
    processes = [
        subprocess.Popen(
            [sys.executable, __file__, *each], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for each in asked
    ]
    for each in processes:
        _expect(each, "ready")
    start = time.perf_counter()
    for each in processes:
        assert each.stdin
        each.stdin.write("go\n")
        each.stdin.flush()
    for each in processes:
        _expect(each, str(TICKS))
    seconds = time.perf_counter() - start
    for each in processes:
        each.communicate()
    return seconds


def _expect(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout
    said = process.stdout.readline().strip()
    if said != line:
        raise RuntimeError(f"a process said {said!r} instead of {line!r}")


def _check(root: Path, keys: list[str], ids: list[str]) -> None:
    """None lost, none twice, and every chain holds."""
    from nbrunbook.journal.journal import Journal
    from nbrunbook.project.settings import find_project

    found = find_project(root)
    journal = Journal.open(found.journal)
    for key in keys:
        runbook = journal.runbook(found.name, key)
        ticked = [event.step for event in journal.events(runbook) if event.kind == "ticked"]
        if sorted(ticked) != sorted(ids) or journal.faults(runbook):
            raise RuntimeError(f"{key}: {len(ticked)} ticks, {len(set(ticked))} of them different, of {len(ids)} steps")
    journal.close()


def _ours(url: str, key: str, first: str) -> None:
    from nbrunbook.project.operator import declared
    from nbrunbook.project.settings import find_project
    from nbrunbook.work.opening import open_session

    os.environ["NBRUNBOOK_JOURNAL"] = url
    session = open_session(find_project(), key, declared(f"op{first}", "typed"))
    ids = [step.id for step in session.plan.steps][int(first) : int(first) + TICKS]
    print("ready", flush=True)
    sys.stdin.readline()
    for each in ids:
        session.append("ticked", each)
    print(len(ids), flush=True)


def _chained(url: str, name: str) -> None:
    _bare(url, name, chained=True)


def _bare(url: str, name: str, *, chained: bool = False) -> None:
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(1)")
        connection.execute(TABLE)
        connection.commit()
        print("ready", flush=True)
        sys.stdin.readline()
        for number in range(TICKS):
            seq = number
            if chained:  # in one chain each has to see the one before it, so that they cannot be committed together
                connection.execute("SELECT pg_advisory_xact_lock(2)")
                found = connection.execute("SELECT max(seq) + 1 FROM bare WHERE runbook = %s", (name,)).fetchone()
                seq = (found[0] if found else 0) or 0
            connection.execute(INSERT, (str(uuid.uuid4()), name, seq, "ticked", BODY, "0" * 64))
            connection.commit()
        print(TICKS, flush=True)


if __name__ == "__main__":
    if sys.argv[1:]:
        {"ours": _ours, "bare": _bare, "chained": _chained}[sys.argv[1]](*sys.argv[2:])
    else:
        for each in compare():
            print(*each.row())
