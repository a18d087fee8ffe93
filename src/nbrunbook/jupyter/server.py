"""The door to JupyterLab: a server of the project's own, on 127.0.0.1.

Facts about its files and its REST interface: https://jupyter-server.readthedocs.io.
"""

from __future__ import annotations

import html
import json
import os
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
from typing import Any
from urllib.parse import quote

from nbrunbook.documents import kernelspec
from nbrunbook.errors import LabError
from nbrunbook.project.settings import Project

START_SECONDS = 120.0
"""How long a server may take to answer for the first time."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running Jupyter server of ours."""

    pid: int
    url: str
    """Ends in a slash."""
    token: str

    def link(self, path: str) -> str:
        """Return the address of a file in JupyterLab, with the token: for the operator's eyes only."""
        return f"{self.url}lab/tree/{quote(path)}?token={self.token}"

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Ask the server's REST interface; LabError where it says no or nothing."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            raise LabError(f"the Jupyter server said {error.code} to {method} {path}: {error.read()[:200]!r}") from None
        except OSError as error:
            raise LabError(f"the Jupyter server at {self.url} does not answer ({error})") from None


def ignored_by_git(folder: Path) -> None:
    """Make a folder that git ignores with all that is in it. Repeating is safe."""
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")


def private_folder(project: Project) -> Path:
    """Return the project's folder of our own, made if it is missing."""
    folder = project.root / ".nbrunbook"
    ignored_by_git(folder)
    return folder


def running(project: Project) -> Server | None:
    """Return the server that an earlier `work` started for this project, or None."""
    try:
        pid = int((private_folder(project) / "lab.pid").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return _server(pid, project)


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
    facts = server_facts(pid)
    if not facts or Path(facts["root_dir"]).resolve() != project.root.resolve():
        return None
    server = Server(pid=pid, url=facts["url"], token=facts["token"])
    try:
        server.call("GET", "api/status")
    except LabError:
        return None
    return server


@contextmanager
def serving(project: Project) -> Iterator[tuple[Server, Callable[[], int]]]:
    """Start JupyterLab on 127.0.0.1 for a project; yield it and what waits for its end.

    It ends with the block. Raises LabError where it does not come up.
    """
    private = private_folder(project)
    kernelspec.write(private / "jupyter", "python3")
    _without_news(private)
    log = private / "lab.log"
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={project.root}",
    ]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--ServerApp.allow_root=True")
    environment = {
        **os.environ,
        "JUPYTER_PATH": kernelspec.path_with(private / "jupyter"),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(
            filter(None, [str(private / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH")])
        ),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=project.root, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    try:
        server = _wait_for(process, project, log)
        (private / "lab.pid").write_text(f"{process.pid}\n", encoding="utf-8")
        yield server, process.wait
    finally:
        _end(process)
        (private / "lab.pid").unlink(missing_ok=True)


def _without_news(private: Path) -> None:
    """Keep JupyterLab from asking about news, and from asking the internet for them."""
    page = private / "jupyter" / "labconfig" / "page_config.json"
    page.parent.mkdir(parents=True, exist_ok=True)
    names = {"@jupyterlab/apputils-extension:announcements": True}
    page.write_text(json.dumps({"disabledExtensions": names}), encoding="utf-8")


def _wait_for(process: subprocess.Popen[bytes], project: Project, log: Path) -> Server:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        server = _server(process.pid, project)
        if server is not None:
            return server
        if process.poll() is not None:
            last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            missing = "No module named jupyterlab" in "".join(last)
            do = "install it: pip install 'nbrunbook[lab]'" if missing else f"its log is {log}"
            raise LabError(f"JupyterLab did not start: {''.join(last) or 'it ended without a word'}", "", do)
        time.sleep(0.1)
    raise LabError(f"JupyterLab did not answer within {START_SECONDS:g} s", "", f"its log is {log}")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def open_browser(project: Project, link: str) -> None:
    """Open a link without its token showing in the list of processes: through a private file.

    Without a display there is no browser to open; the printed address has to do.
    """
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    page = private_folder(project) / "open.html"
    page.touch(mode=0o600)
    page.chmod(0o600)
    address = html.escape(link, quote=True)
    page.write_text(
        f'<!DOCTYPE html><meta http-equiv="refresh" content="0;url={address}"><a href="{address}">Open the runbook</a>',
        encoding="utf-8",
    )
    webbrowser.open(page.as_uri())
