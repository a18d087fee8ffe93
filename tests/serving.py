"""A web server on this machine, at which checks and actions of a test look."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Site:
    """What lies in a folder, and what was asked by POST."""

    url: str
    folder: Path
    posted: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Paths and headers."""


class _Handler(SimpleHTTPRequestHandler):
    site: Site

    def do_POST(self) -> None:
        self.site.posted.append((self.path, dict(self.headers)))
        self.send_response(202)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve an empty folder."""
    folder = tmp_path_factory.mktemp("www")
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server:
        handler.site = Site(f"http://127.0.0.1:{server.server_port}", folder)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield handler.site
        server.shutdown()
