"""Web servers as projects run them, each with views that read and write the journal."""

from __future__ import annotations

import time

import pytest

from tests.databases import PATIENCE_SECONDS, Server
from tests.django import hosts
from tests.django.hosts import Host
from tests.django.web import GUNICORN, UVICORN, ask, ask_for_all, prepare, serving

FEW, MANY = 16, 80
PROCESSES = 2
SERVERS = {
    "sync, preloaded": ("note", (*GUNICORN, "--workers", "2", "--preload")),
    "threads, preloaded": ("note", (*GUNICORN, "--workers", "2", "--threads", "4", "--preload")),
    "sync": ("note", (*GUNICORN, "--workers", "2")),
    "uvicorn": ("note", UVICORN),
    "uvicorn, async views": ("later", UVICORN),
}
WHOLE = [pytest.mark.faults, pytest.mark.whole]
OURS = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND application_name = 'nbrunbook'"


def asked(address: str, path: str, count: int) -> None:
    """Ask a server for notes: each answer has the rows that it asked for, and the journal has each note once."""
    names = [f"name-{number}" for number in range(count)]
    answers = ask_for_all(address, [f"{path}/{name}" for name in names])
    assert [(each["note"], each["by"], each["own"]) for each in answers] == [(name,) * 3 for name in names]
    assert len({str(each["settings"]) for each in answers}) == 1
    assert "nbrunbook" not in str(answers[0]["settings"])
    found = ask(address, "notes")["notes"]
    assert isinstance(found, list)
    assert sorted(found) == sorted(names)


@pytest.mark.parametrize("server", [pytest.param(each, marks=WHOLE) for each in SERVERS])
def test_a_file_serves_all_workers(host: Host, server: str) -> None:
    """SQLite: several processes and threads write to the file beside the site's own, and each reads what it wrote."""
    path, command = SERVERS[server]
    prepare(host)
    with serving(host, *command) as address:
        asked(address, path, FEW)


@pytest.mark.parametrize("kept_seconds", [0, pytest.param(600, marks=WHOLE)])
@pytest.mark.parametrize(
    "server", [pytest.param(each, marks=WHOLE * (each != "threads, preloaded")) for each in SERVERS]
)
def test_a_schema_serves_all_workers(host: Host, postgres: Server, server: str, kept_seconds: int) -> None:
    """PostgreSQL: no answer has another's rows, no setting of ours reaches the application, and few connections stay.

    With CONN_MAX_AGE=0 none does, else one of a process at most; and none crosses a fork.
    """
    url, (path, command) = postgres.fresh(), SERVERS[server]
    host.databases = {"default": hosts.postgres(url, CONN_MAX_AGE=kept_seconds)}
    host.set()
    prepare(host)
    with serving(host, *command) as address:
        asked(address, path, MANY if kept_seconds else FEW)
        allowed = 1 + PROCESSES if kept_seconds else 0
        assert connected_at_last(postgres, url, allowed) <= allowed
    postgres.drop(url)


def connected_at_last(server: Server, url: str, allowed: int) -> int:
    """Return how many connections of ours stay: what ends a request comes after its answer."""
    until = time.monotonic() + PATIENCE_SECONDS / 10
    with server.connect() as admin:
        while True:
            ((count,),) = admin.execute(OURS, [url.rpartition("/")[2]]).fetchall()
            if count <= allowed or time.monotonic() > until:
                return int(count)
            time.sleep(0.05)
