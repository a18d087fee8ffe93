"""The door to JupyterLab: a server of the project's own, on 127.0.0.1.

Facts about its files and its REST interface: https://jupyter-server.readthedocs.io.
"""

from __future__ import annotations

import html
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from nbrunbook.documents import files, kernelspec
from nbrunbook.errors import LabError, NbrunbookError
from nbrunbook.project import paths
from nbrunbook.project.local_state import local_state
from nbrunbook.project.settings import Project

START_SECONDS = 120.0
"""How long a server may take to answer for the first time."""
END_SECONDS = 20.0
"""How long a server may take to end its kernels and itself."""
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Without a proxy, whatever the environment says: what is asked is on this machine, and has its token with it."""


class SaidNoError(LabError):
    """The server is there and does not do what it was asked."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running Jupyter server of ours."""

    pid: int
    url: str
    """Ends in a slash."""
    token: str

    def link(self, path: str) -> str:
        """Return the address of a file in JupyterLab, with the token: for the operator's eyes only."""
        return f"{self.url}doc/tree/{quote(path)}?token={self.token}"

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Ask the server's REST interface; LabError where it says no or nothing."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
        )
        try:
            with DIRECTLY.open(request, timeout=60) as response:
                return json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            said = f"the Jupyter server said {error.code} to {method} {path}: {error.read()[:200]!r}"
            raise SaidNoError(said) from None
        except OSError as error:
            raise LabError(f"the Jupyter server at {self.url} does not answer ({error})") from None


def path_of(project: Project, file: Path) -> str:
    """Return what a project's own server calls a file; LabError for one that it cannot show."""
    found = paths.below(file, project.root)
    if found is None:
        raise LabError(f"{file} lies outside of {project.root}, which JupyterLab shows", "`runbooks` in that folder")
    return found.as_posix()


def private_folder(project: Project) -> Path:
    """Return the project's folder of our own, made if it is missing."""
    try:
        folder = local_state(project.root).files
    except NbrunbookError:
        if project.journal_setting is None:
            raise
        folder = project.root.resolve() / ".nbrunbook"  # the journal is elsewhere, and git's folder cannot be found
    if folder.parent == project.root.resolve():
        files.ignored_by_git(folder)
    else:
        files.private_folder(folder)
    return folder


def running(project: Project) -> Server | None:
    """Return the server that an earlier `work` started for this project, or None."""
    pid = _pid(private_folder(project))
    return None if pid is None else _server(pid, project)


def _pid(private: Path) -> int | None:
    """The process that an earlier `work` wrote down."""
    try:
        return int((private / "lab.pid").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def runtime_folder() -> Path:
    """Return where Jupyter's servers and kernels write down how to reach them."""
    from jupyter_core.paths import jupyter_runtime_dir

    return Path(jupyter_runtime_dir())


def server_facts(pid: int) -> dict[str, Any]:
    """Return what a running server wrote of itself: url, token, root_dir and more; empty for none."""
    try:
        facts: dict[str, Any] = json.loads((runtime_folder() / f"jpserver-{pid}.json").read_text(encoding="utf-8"))
        os.kill(pid, 0)
    except (OSError, ValueError):
        return {}
    return facts


def _server(pid: int, project: Project) -> Server | None:
    """The server of a process, if it is ours and answers."""
    server = _written_down(pid, project)
    try:
        if server is not None:
            server.call("GET", "api/status")
    except LabError:
        return None
    return server


def _written_down(pid: int, project: Project) -> Server | None:
    """The server of a process, if it is ours, as it wrote of itself."""
    facts = server_facts(pid)
    if not facts or Path(facts["root_dir"]).resolve() != project.root.resolve():
        return None
    return Server(pid=pid, url=facts["url"], token=facts["token"])


@contextmanager
def serving(project: Project) -> Iterator[tuple[Server, Callable[[], int]]]:
    """Start JupyterLab on 127.0.0.1 for a project; yield it and what waits for its end.

    It ends with the block. Raises LabError where it does not come up.
    """
    private = private_folder(project)
    kernelspec.write(private / "jupyter", "python3")
    _without_news(private)
    _settings(private, project)
    log = private / "lab.log"
    # -P: a jupyterlab.py or queue.py in the project is not JupyterLab's.
    command = [sys.executable, "-P", "-m", "jupyterlab", "--no-browser"]
    environment = {
        **os.environ,
        "JUPYTER_PATH": kernelspec.path_with(private / "jupyter"),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(
            filter(None, [str(private / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH")])
        ),
    }
    with _own_file(log) as output:
        process = subprocess.Popen(
            command, cwd=project.root, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    try:
        server = _wait_for(process, project, log)
        with _own_file(private / "lab.pid") as file:
            file.write(f"{process.pid}\n".encode())
        yield server, process.wait
    finally:
        _end(process)
        if _pid(private) == process.pid:  # not that of a server that was started meanwhile
            (private / "lab.pid").unlink(missing_ok=True)


def _own_file(path: Path) -> BinaryIO:
    """Open a new file of ours for this user alone; what stood there, such as a link, is not written to."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _settings(private: Path, project: Project) -> None:
    """Write the server's own settings, which go before the user's: a password or a certificate there is for others.

    Who names the people, an identity provider, stays the user's.
    A token that is set, and not made up by the server, is not shown in its log.
    """
    token = secrets.token_hex(24)
    said = {
        "ServerApp": {
            "ip": "127.0.0.1", "root_dir": str(project.root), "base_url": "/", "sock": "",
            "certfile": "", "keyfile": "", "client_ca": "", "password": "",
            "allow_root": hasattr(os, "geteuid") and os.geteuid() == 0,
        },
        "IdentityProvider": {"token": token},
        "PasswordIdentityProvider": {"token": token, "hashed_password": "", "password_required": False},
    }  # fmt: skip
    with _own_file(private / "jupyter" / "jupyter_server_config.json") as file:
        file.write(json.dumps(said, indent=1).encode())


def _without_news(private: Path) -> None:
    """Keep JupyterLab from asking about news, and from asking the internet for them."""
    page = private / "jupyter" / "labconfig" / "page_config.json"
    page.parent.mkdir(parents=True, exist_ok=True)
    names = {"@jupyterlab/apputils-extension:announcements": True}
    page.write_text(json.dumps({"disabledExtensions": names}), encoding="utf-8")


def _wait_for(process: subprocess.Popen[bytes], project: Project, log: Path) -> Server:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        server = _written_down(process.pid, project)
        try:
            if server is not None:
                server.call("GET", "api/status")
                return server
        except SaidNoError as error:
            raise LabError(f"JupyterLab is there, and {error.found}", "", f"its log is {log}") from None
        except LabError:
            pass  # it does not listen yet
        if process.poll() is not None:
            last = "".join(log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:])
            raise LabError(f"JupyterLab did not start: {last or 'it ended without a word'}", "", f"its log is {log}")
        time.sleep(0.1)
    raise LabError(f"JupyterLab did not answer within {START_SECONDS:g} s", "", f"its log is {log}")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def stop(server: Server, project: Project) -> None:
    """End a server of ours and its kernels, whoever started it; LabError where it does not end."""
    os.kill(server.pid, signal.SIGTERM)
    deadline = time.monotonic() + END_SECONDS
    while server_facts(server.pid):
        if time.monotonic() > deadline:
            raise LabError(f"JupyterLab (process {server.pid}) does not end", "", f"kill {server.pid}")
        time.sleep(0.1)
    (private_folder(project) / "lab.pid").unlink(missing_ok=True)


def open_browser(project: Project, link: str) -> None:
    """Open a link without its token showing in the list of processes: through a private file.

    Without a display there is no browser to open; the printed address has to do.
    """
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    page, address = private_folder(project) / "open.html", html.escape(link, quote=True)
    text = (
        f'<!DOCTYPE html><meta http-equiv="refresh" content="0;url={address}"><a href="{address}">Open the runbook</a>'
    )
    with _own_file(page) as file:
        file.write(text.encode())
    webbrowser.open(page.as_uri())
