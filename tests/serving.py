"""A web server on this machine, at which checks and actions of a test look."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zipfile import ZipFile

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


@contextmanager
def serving(folder: Path) -> Iterator[Site]:
    """Serve a folder."""
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server:
        handler.site = Site(f"http://127.0.0.1:{server.server_port}", folder)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield handler.site
        server.shutdown()


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve an empty folder."""
    with serving(tmp_path_factory.mktemp("www")) as found:
        yield found


def put_wheel(site: Site, version: str) -> Path:
    """Let a site be an index that has a wheel of this project, without a file of its own (PEP 427, PEP 503)."""
    folder = site.folder / "simple" / "nbrunbook"
    folder.mkdir(parents=True)
    said = {
        "METADATA": f"Metadata-Version: 2.1\nName: nbrunbook\nVersion: {version}\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    path = folder / f"nbrunbook-{version}-py3-none-any.whl"
    with ZipFile(path, "w") as file:
        for name, text in said.items():
            file.writestr(f"nbrunbook-{version}.dist-info/{name}", text)
    return path
