"""The door to JupyterLab: a server, a kernel session that is live before the browser opens.

Facts about the server's files and sessions: https://jupyter-server.readthedocs.io.
"""

from __future__ import annotations

import html
import json
import os
import queue
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

from nbrunbook.documents import files, kernelspec, notebook
from nbrunbook.documents.notebook import Cell
from nbrunbook.errors import LabError, NotebookError, RunbookError
from nbrunbook.journal.entries import row_of
from nbrunbook.project.settings import Project
from nbrunbook.runbook.metadata import facts_in
from nbrunbook.work.session import Session

START_SECONDS = 120.0
"""How long a server may take to answer for the first time."""
CELL_SECONDS = 600.0
"""How long one cell of the author's may run while a runbook is opened."""


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


def session_copy(session: Session, found: Project) -> Path:
    """Return the session copy of a runbook, made from the journal's own notebook if it is missing.

    An existing copy stays as it is: an operator may have it open. One of another runbook,
    which had the same key in an earlier journal, is put aside.
    """
    path = found.session_path(session.key)
    if path.exists() and not _is_copy_of(path, session):
        path.replace(path.with_name(f"{path.stem} (of an earlier journal).ipynb"))
    if not path.exists():
        opened = next(event for event in session.events if event.kind == "opened" and not event.step)
        content = session.journal.blob(opened.data.get("notebook", ""))
        if content is None and not session.plan.steps:
            raise RunbookError(
                f"{session.key} has no notebook: it was skipped for a release that never went there",
                "",
                "'nbrunbook instantiate … --again' makes a runbook after all",
            )
        if content is None:
            raise RunbookError(f"the journal holds no notebook for {session.key}", "the one it was made with")
        _ignore_all(path.parent)
        files.write(path, content)
    return path


def _is_copy_of(path: Path, session: Session) -> bool:
    try:
        about = facts_in(notebook.read_metadata(path))
    except NotebookError:
        return True  # what the operator has open may be half-saved: it is not ours to move
    return bool(about) and row_of(about).digest == session.runbook.digest


def _ignore_all(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")


def _private(found: Project) -> Path:
    folder = found.root / ".nbrunbook"
    _ignore_all(folder)
    return folder


def running(found: Project) -> Server | None:
    """Return the server that an earlier `work` started for this project, or None."""
    try:
        pid = int((_private(found) / "lab.pid").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return _server(pid, found)


def _runtime_dir() -> Path:
    from jupyter_core.paths import jupyter_runtime_dir

    return Path(jupyter_runtime_dir())


def server_facts(pid: int) -> dict[str, Any]:
    """Return what a running server wrote of itself: url, token, root_dir and more; empty for none."""
    try:
        facts: dict[str, Any] = json.loads((_runtime_dir() / f"jpserver-{pid}.json").read_text(encoding="utf-8"))
        os.kill(pid, 0)
    except (OSError, ValueError):
        return {}
    return facts


def _server(pid: int, found: Project) -> Server | None:
    """The server of a process, if it is ours and answers."""
    facts = server_facts(pid)
    if not facts or Path(facts["root_dir"]).resolve() != found.root.resolve():
        return None
    server = Server(pid=pid, url=facts["url"], token=facts["token"])
    try:
        server.call("GET", "api/status")
    except LabError:
        return None
    return server


@contextmanager
def serving(found: Project) -> Iterator[tuple[Server, Callable[[], int]]]:
    """Start JupyterLab on 127.0.0.1 for a project; yield it and what waits for its end.

    It ends with the block. Raises LabError where it does not come up.
    """
    private = _private(found)
    kernelspec.write(private / "jupyter", "python3")
    _without_news(private)
    log = private / "lab.log"
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={found.root}",
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
            command, cwd=found.root, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    try:
        server = _wait_for(process, found, log)
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


def _wait_for(process: subprocess.Popen[bytes], found: Project, log: Path) -> Server:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        server = _server(process.pid, found)
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


def make_live(server: Server, found: Project, copy: Path, path: str = "") -> bool:
    """Give a session copy a kernel and run its cells, unless it has one; return whether it was run.

    The outputs are written and signed before any browser opens the file.
    `path` is what the server calls it, where it is not the path from the project's root.
    """
    path = path or found.relative(copy)
    if any(session.get("path") == path for session in server.call("GET", "api/sessions")):
        return False
    read = notebook.read(copy)
    name = str(read.metadata.get("kernelspec", {}).get("name") or "python3")
    kernelspec.write(_private(found) / "jupyter", name)
    body = {"path": path, "name": copy.name, "type": "notebook", "kernel": {"name": name}}
    kernel_id = server.call("POST", "api/sessions", body)["kernel"]["id"]
    cells = _executed(read.cells, server, kernel_id)
    metadata = {name: value for name, value in read.metadata.items() if name != "widgets"}
    content = notebook.dump(notebook.document(cells, metadata))
    files.write(copy, content)
    notebook.sign(content)
    return True


def _executed(cells: list[Cell], server: Server, kernel_id: str) -> list[Cell]:
    """Run the code cells in a kernel, all of them whatever fails, as Run All does."""
    from jupyter_client.blocking.client import BlockingKernelClient

    client = BlockingKernelClient(connection_file=str(_runtime_dir() / f"kernel-{kernel_id}.json"))
    try:
        client.load_connection_file()
    except OSError as error:
        raise LabError(
            f"the kernel cannot be reached ({error})", "a server on this machine, of the same user"
        ) from None
    client.start_channels()
    try:
        _wait_until_ready(client, server, kernel_id)
        return [_run(client, cell) if cell["cell_type"] == "code" else cell for cell in cells]
    finally:
        client.stop_channels()


def _wait_until_ready(client: Any, server: Server, kernel_id: str) -> None:
    """On a busy machine a client takes one late heartbeat for the kernel's death: the server knows better."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            client.wait_for_ready(timeout=max(1.0, deadline - time.monotonic()))
            return
        except RuntimeError as error:
            state = server.call("GET", f"api/kernels/{kernel_id}")["execution_state"]
            if state == "dead" or time.monotonic() > deadline:
                raise LabError(f"the kernel did not start ({error})") from None


def _run(client: Any, cell: Cell) -> Cell:
    from nbformat.v4 import output_from_msg

    outputs: list[Any] = []

    def hook(message: dict[str, Any]) -> None:
        if message["msg_type"] in ("stream", "display_data", "execute_result", "error"):
            outputs.append(dict(output_from_msg(message)))  # type: ignore[no-untyped-call]

    try:
        reply = client.execute_interactive(
            cell["source"], output_hook=hook, stdin_hook=lambda _: client.input(""), timeout=CELL_SECONDS
        )
    except (TimeoutError, queue.Empty):
        raise LabError(
            f"the cell {cell['id']} ran for more than {CELL_SECONDS:g} s", "", "run it by hand in JupyterLab"
        ) from None
    return {**cell, "outputs": outputs, "execution_count": reply["content"].get("execution_count")}


def open_browser(found: Project, link: str) -> None:
    """Open a link without its token showing in the list of processes: through a private file.

    Without a display there is no browser to open; the printed address has to do.
    """
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    page = _private(found) / "open.html"
    page.touch(mode=0o600)
    page.chmod(0o600)
    address = html.escape(link, quote=True)
    page.write_text(
        f'<!DOCTYPE html><meta http-equiv="refresh" content="0;url={address}"><a href="{address}">Open the runbook</a>',
        encoding="utf-8",
    )
    webbrowser.open(page.as_uri())
