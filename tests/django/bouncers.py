"""A pgbouncer of the tests' own, in transaction mode, before the tests' PostgreSQL."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from tests.databases import PATIENCE_SECONDS, Server

SETTINGS = """\
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
pool_mode = transaction
default_pool_size = {size}
auth_type = trust
auth_file = users.txt
"""


class Bouncer:
    """One pgbouncer with a folder of its own; it keeps `size` connections to the server."""

    def __init__(self, server: Server, *, size: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="nbrunbook-pgbouncer-"))
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port = int(found.getsockname()[1])
        settings = SETTINGS.format(server=server.port, port=self.port, size=size)
        (self.folder / "pgbouncer.ini").write_text(settings, encoding="utf-8")
        (self.folder / "users.txt").write_text('"postgres" ""\n', encoding="utf-8")
        user = {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}  # it refuses to run as root
        if user:
            for each in (self.folder, *self.folder.iterdir()):
                os.chown(each, 65534, 65534)
        with (self.folder / "log").open("wb") as log:
            command = [shutil.which("pgbouncer") or "/usr/sbin/pgbouncer", "pgbouncer.ini"]
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, **user)  # type: ignore[call-overload]
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._answers():
            assert time.monotonic() < deadline, self.log()
            assert self.process.poll() is None, self.log()
            time.sleep(0.02)

    def log(self) -> str:
        """Return what it wrote."""
        return (self.folder / "log").read_text(encoding="utf-8")

    def url(self, direct: str) -> str:
        """Return the URL of a database by way of it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{direct.rpartition('/')[2]}"

    def _answers(self) -> bool:
        try:
            psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def close(self) -> None:
        """End it, and take its folder away."""
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
