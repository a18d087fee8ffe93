"""What a neighbour on the machine, a proxy, or a file in the project's folder must not get or do."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from nbrunbook.jupyter.server import Server
from nbrunbook.jupyter.session_copy import session_copy
from nbrunbook.project.settings import find_project
from tests.conftest import MakeRunbook, Workplace
from tests.making import session_on
from tests.system.conftest import Site, site  # noqa: F401 - a fixture

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server that answers whoever asks, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'"from the listener"')

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", asked
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("name", PROXIES)
def test_no_token_goes_to_a_proxy(listener: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What is asked of a server on this machine is asked directly, whatever the environment says."""
    address, asked = listener
    monkeypatch.setenv(name, "http://127.0.0.1:9/")
    monkeypatch.delenv("no_proxy", raising=False)
    assert Server(pid=1, url=address, token="secret").call("GET", "api/status") == "from the listener"
    assert asked == ["/api/status"]


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.on("sqlite")
def test_nobody_else_reads_a_journal_or_a_session_copy(work: Workplace, runbook: MakeRunbook, engine: str) -> None:
    """They hold what operators said: files of this user alone, in folders of this user alone."""
    copy = session_copy(session_on(runbook("- [ ] A {#a}")), find_project())
    assert (_mode(copy), _mode(copy.parent)) == (0o600, 0o700)
    assert (_mode(Path(".nbrunbook/journal.db")), _mode(Path(".nbrunbook"))) == (0o600, 0o700)


@pytest.mark.system
def test_work_gives_nothing_away_and_runs_nothing_of_the_folder(site: Site, tmp_path: Path) -> None:  # noqa: F811
    """Its token is in no log, its files are its user's; modules of the folder are not JupyterLab's.

    A password, a certificate and an address in the user's own Jupyter settings are for other servers,
    and a link where the log goes is not written through.
    """
    key = site.instantiate()
    victim, marker = tmp_path / "victim", tmp_path / "marker"
    victim.write_text("precious", encoding="utf-8")
    (site.root / ".nbrunbook" / "lab.log").symlink_to(victim)
    for name in ("jupyterlab", "queue", "tornado"):
        (site.root / f"{name}.py").write_text(f"open({str(marker)!r}, 'a').write({name!r})\n", encoding="utf-8")
    own = Path(site.environment["HOME"]) / ".jupyter"
    own.mkdir()
    theirs = {"password": "argon2:x", "certfile": "/nowhere/cert.pem", "base_url": "/elsewhere/", "ip": "0.0.0.0"}
    settings = {"ServerApp": theirs, "PasswordIdentityProvider": {"hashed_password": "argon2:x"}}
    (own / "jupyter_server_config.json").write_text(json.dumps(settings), encoding="utf-8")
    address = site.work(key, http_proxy="http://127.0.0.1:9/", HTTPS_PROXY="http://127.0.0.1:9/")
    token = address.partition("token=")[2]
    log = site.root / ".nbrunbook" / "lab.log"
    assert len(token) == 48
    assert token not in log.read_text(encoding="utf-8")
    assert not log.is_symlink()
    assert victim.read_text(encoding="utf-8") == "precious"
    assert not marker.exists()
    private = [log, log.with_name("lab.pid"), log.parent / "jupyter" / "jupyter_server_config.json"]
    assert [_mode(path) for path in (*private, log.parent)] == [0o600, 0o600, 0o600, 0o700]
