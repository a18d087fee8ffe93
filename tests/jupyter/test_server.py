"""The door to JupyterLab: a server of the project's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from nbrunbook.documents import files
from nbrunbook.errors import LabError, NbrunbookError
from nbrunbook.jupyter import server
from nbrunbook.jupyter.server import Server
from nbrunbook.project.settings import find_project
from tests.conftest import Workplace


class Answering(BaseHTTPRequestHandler):
    """Answers as a Jupyter server does: what it was asked, or 403 where the token is another one."""

    def do_POST(self) -> None:
        """Answer with the method, the path and the body."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200 if self.headers["Authorization"] == "token s3cret" else 403)
        self.end_headers()
        self.wfile.write(json.dumps([self.command, self.path, body.decode()]).encode())

    do_GET = do_POST  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    """The address of a server that answers."""
    with HTTPServer(("127.0.0.1", 0), Answering) as answering:
        thread = threading.Thread(target=answering.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{answering.server_port}/"
        answering.shutdown()
        thread.join()


Left = Callable[..., None]


@pytest.fixture
def left(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> Left:
    """Leave the notes that `work`, and the server that it started, leave behind."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(work.root / "runtime"))
    (work.root / "runtime").mkdir()

    def leave(pid: int, **facts: str) -> None:
        about = {"url": "http://127.0.0.1:9/", "token": "s3cret", "root_dir": str(work.root), **facts}
        (work.root / "runtime" / f"jpserver-{pid}.json").write_text(json.dumps(about), encoding="utf-8")
        (server.private_folder(find_project()) / "lab.pid").write_text(f"{pid}\n", encoding="utf-8")

    return leave


def test_a_server_is_looked_for_in_the_project(work: Workplace) -> None:
    """Where no earlier `work` left a server, none is found."""
    assert server.running(find_project()) is None


def test_the_server_of_an_earlier_work_is_found(left: Left, url: str) -> None:
    """Who runs, shows this project and answers is used once more."""
    left(os.getpid(), url=url)
    assert server.running(find_project()) == Server(pid=os.getpid(), url=url, token="s3cret")


def test_a_server_that_ended_is_none(left: Left, url: str) -> None:
    """A server that was killed leaves its notes: without its process they say nothing, even where the port answers."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    left(ended.pid, url=url)
    assert server.server_facts(ended.pid) == {}
    assert server.running(find_project()) is None


def test_another_server_under_its_number_is_not_ours(left: Left, url: str, work: Workplace) -> None:
    """A number of a process is given out again: who shows another folder, or does not answer, is somebody else."""
    left(os.getpid(), url=url, root_dir=str(work.root / "other"))
    assert server.running(find_project()) is None
    left(os.getpid(), url=url, token="another")
    assert server.running(find_project()) is None


@pytest.mark.parametrize("note", ["", "{", "pid"])
def test_a_note_that_is_half_written_is_none(left: Left, work: Workplace, note: str) -> None:
    """Who reads while a server writes sees no server yet."""
    left(os.getpid())
    (work.root / "runtime" / f"jpserver-{os.getpid()}.json").write_text(note, encoding="utf-8")
    assert server.server_facts(os.getpid()) == {}
    (work.root / ".nbrunbook" / "lab.pid").write_text(note, encoding="utf-8")
    assert server.running(find_project()) is None


def test_a_file_beside_the_project_is_shown_by_no_server_of_its_own(work: Workplace) -> None:
    """JupyterLab shows what lies below its folder, links in it included."""
    project = find_project()
    (work.root / "runbooks").symlink_to(work.root.parent / "made")
    assert server.path_of(project, project.session_path("staging/1.0")) == "runbooks/_sessions/staging@1.0.ipynb"
    with pytest.raises(LabError, match=r"a\.ipynb lies outside of .*, which JupyterLab shows"):
        server.path_of(project, work.root.parent / "made" / "a.ipynb")


def test_a_call_carries_the_token(url: str) -> None:
    """What is asked goes as JSON, and comes back as JSON; a body is sent only where there is one."""
    ours = Server(pid=1, url=url, token="s3cret")
    assert ours.call("GET", "api/status") == ["GET", "/api/status", ""]
    assert ours.call("POST", "api/sessions", {"path": "ü"}) == ["POST", "/api/sessions", '{"path": "\\u00fc"}']


def test_a_server_that_says_no_is_told(url: str) -> None:
    """What was asked is told with the server's own words, and silence as what it is; never the token."""
    with pytest.raises(LabError, match=r"the Jupyter server said 403 to GET api/status: .*/api/status") as caught:
        Server(pid=1, url=url, token="guessed").call("GET", "api/status")
    assert "guessed" not in str(caught.value)
    with pytest.raises(LabError, match=r"the Jupyter server at http://127\.0\.0\.1:9/ does not answer"):
        Server(pid=1, url="http://127.0.0.1:9/", token="guessed").call("GET", "api/status")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("first\nthe port is taken", r"did not start: the port is taken; its log is .*lab\.log"),
        ("", "did not start: it ended without a word; its log is"),
    ],
)
def test_a_jupyterlab_that_does_not_start_is_told(
    work: Workplace, monkeypatch: pytest.MonkeyPatch, said: str, told: str
) -> None:
    """Its last words are told, and what to do; it is not taken for one that runs."""
    python = work.root / "python"
    python.write_text(f"#!/bin/sh\nprintf '{said}' >&2\nexit 1\n", encoding="utf-8")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(LabError, match=told), server.serving(find_project()):
        raise AssertionError
    assert not (work.root / ".nbrunbook" / "lab.pid").exists()


def test_a_folder_of_ours_is_ignored_by_git(tmp_path: Path) -> None:
    """All in it is; what somebody made of that stays."""
    for text in ("*\n", "*\n!kept\n"):
        files.ignored_by_git(tmp_path / "a" / "b")
        assert (tmp_path / "a" / "b" / ".gitignore").read_text(encoding="utf-8") == text
        (tmp_path / "a" / "b" / ".gitignore").write_text("*\n!kept\n", encoding="utf-8")


def test_a_browser_is_opened_without_showing_the_token(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of processes has only a file's name, which nobody else may read; the link in it is escaped."""
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setenv("DISPLAY", ":0")
    link = Server(pid=1, url="http://127.0.0.1:9/", token="s3cret").link("runbooks/a&b ü.ipynb")
    server.open_browser(find_project(), f"{link}&more")
    page = work.root / ".nbrunbook" / "open.html"
    assert opened == [page.as_uri()]
    assert page.stat().st_mode & 0o777 == 0o600
    address = "http://127.0.0.1:9/doc/tree/runbooks/a%26b%20%C3%BC.ipynb?token=s3cret&amp;more"
    assert f'href="{address}"' in page.read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_no_browser_is_opened(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser for terminals would take the terminal: the printed address has to do."""
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    server.open_browser(find_project(), "http://127.0.0.1:9/")
    assert (opened, (work.root / ".nbrunbook" / "open.html").exists()) == ([], False)


def test_files_of_the_server_are_beside_where_git_cannot_be_read(
    work: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a work tree in a container, where the journal is named elsewhere; else it is an error."""
    (work.root / ".git").write_text("gitdir: /nowhere\n", encoding="utf-8")
    with pytest.raises(NbrunbookError, match=r"\.git cannot be read"):
        server.private_folder(find_project())
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", "postgresql://db/ops")
    assert server.private_folder(find_project()) == work.root.resolve() / ".nbrunbook"
