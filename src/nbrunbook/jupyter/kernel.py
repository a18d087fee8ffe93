"""Kernel sessions that are live before a browser opens: the cells are run, the outputs written and signed."""

from __future__ import annotations

import ast
import json
import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbrunbook.documents import files, kernelspec, notebook, trust, widget_state
from nbrunbook.documents.notebook import Cell, Notebook
from nbrunbook.errors import LabError
from nbrunbook.jupyter.server import START_SECONDS, Server, private_folder, runtime_folder
from nbrunbook.project import paths
from nbrunbook.project.settings import Project

CELL_SECONDS = 600.0
"""How long one cell of the author's may run while a runbook is opened."""
IS_LIVE = "__import__('nbrunbook.checklist').checklist.runbook.heard()"
"""What a kernel is asked, as an expression: see Cells.heard."""
ANSWER_SECONDS = 10.0
"""After so long without an answer, a kernel that Jupyter calls busy is taken to be at work."""
LOOKED_AT_SECONDS = 5.0
"""A page that shows a runbook is heard at least so often."""
NOT_SHOWN = "a page shows it live; what was saved does not: in a new page choose Run > Run All Cells"


def make_live(
    server: Server,
    project: Project,
    copy: Path,
    path: str = "",
    *,
    tell: Callable[[str], None] = lambda _: None,
    follow: Callable[[int, int], None] = lambda _, __: None,
) -> bool:
    """Give a session copy a kernel and run its cells, unless its panels are live there; return whether they were run.

    The outputs are written and signed before a browser opens the file; not while a page shows the runbook, which is
    told. `path` is what the server calls it, where it is not the path from the project's root. `follow` hears before
    each cell which one it is, and of how many.
    """
    path = path or project.relative(copy)
    saved = notebook.read(paths.of_ours(copy))
    session = next((each for each in server.call("GET", "api/sessions") if each.get("path") == path), None)
    fresh = session is None
    if session is None:
        name = kernelspec.name_in(saved.metadata)
        kernelspec.write(private_folder(project) / "jupyter", name)
        body = {"path": path, "name": copy.name, "type": "notebook", "kernel": {"name": name}}
        session = server.call("POST", "api/sessions", body)
    kernel_id = session["kernel"]["id"]
    if not fresh and server.call("GET", f"api/kernels/{kernel_id}")["execution_state"] == "dead":
        server.call("POST", f"api/kernels/{kernel_id}/restart")
        fresh = True
    with _connected(kernel_id) as client:
        if not fresh and _is_live(client, server, kernel_id, saved, tell):
            return False
        _wait_until_ready(client, server, kernel_id)
        content = _executed(client, saved, follow)
    trust.sign(content)  # before it stands there: who looks at the same moment would put it aside
    files.write(copy, content, private=True)
    return True


@contextmanager
def _connected(kernel_id: str) -> Iterator[Any]:
    from jupyter_client.blocking.client import BlockingKernelClient

    client = BlockingKernelClient(connection_file=str(runtime_folder() / f"kernel-{kernel_id}.json"))
    try:
        client.load_connection_file()
    except OSError as error:
        raise LabError(
            f"the kernel cannot be reached ({error})", "a server on this machine, of the same user"
        ) from None
    client.start_channels()
    try:
        yield client
    finally:
        client.stop_channels()


def _is_live(client: Any, server: Server, kernel_id: str, saved: Notebook, tell: Callable[[str], None]) -> bool:
    """Whether a kernel has panels, and the notebook shows them; one that is at work or looked at is left alone."""
    heard = _heard(client, server, kernel_id)
    if heard is None:
        return True
    panels, silent_seconds = set(heard["panels"]), heard["silent_seconds"]
    if panels and panels <= _shown(saved):
        return True
    looked_at = bool(panels) and 0 <= silent_seconds < LOOKED_AT_SECONDS
    if looked_at:
        tell(NOT_SHOWN)
    return looked_at


def _heard(client: Any, server: Server, kernel_id: str) -> dict[str, Any] | None:
    """What a kernel says of its panels; None for one that is at work and does not answer."""
    asked = client.execute("", silent=True, user_expressions={"heard": IS_LIVE}, allow_stdin=False)
    begun = time.monotonic()
    while True:
        try:
            reply = client.get_shell_msg(timeout=1)
        except queue.Empty:
            state = server.call("GET", f"api/kernels/{kernel_id}")["execution_state"]
            silent = time.monotonic() - begun
            if state == "busy" and silent > ANSWER_SECONDS:
                return None
            if silent > START_SECONDS:
                raise LabError(f"the kernel does not answer (Jupyter calls it {state})", "", "restart it") from None
            continue
        if reply["parent_header"].get("msg_id") == asked:
            return _told(reply["content"])


def _told(content: dict[str, Any]) -> dict[str, Any]:
    """The answer to IS_LIVE; no panels where there is none, as in a kernel that cannot import nbrunbook."""
    shown = content.get("user_expressions", {}).get("heard", {}).get("data", {}).get("text/plain", "''")
    try:
        found = json.loads(ast.literal_eval(shown))
        return {"panels": [str(each) for each in found["panels"]], "silent_seconds": float(found["silent_seconds"])}
    except (ValueError, SyntaxError, TypeError, KeyError, RecursionError):
        return {"panels": [], "silent_seconds": -1}  # an author's cell may have another `runbook`


def _shown(saved: Notebook) -> set[str]:
    """The ids of the panels that a saved notebook shows."""
    outputs = [output for cell in saved.cells for output in cell.get("outputs", ())]
    views = [
        output.get("data", {}).get(notebook.WIDGET_VIEW, {})
        for output in outputs
        if isinstance(output.get("data", {}), dict)
    ]
    return {str(view.get("model_id")) for view in views if isinstance(view, dict)}


def _executed(client: Any, saved: Notebook, follow: Callable[[int, int], None]) -> bytes:
    """Run the code cells in a kernel, all of them whatever fails, as Run All does; return the notebook's bytes.

    Its metadata is what Jupyter completes on opening: else an untouched notebook asks to be saved.
    """
    cells, code = list(saved.cells), [at for at, cell in enumerate(saved.cells) if cell["cell_type"] == "code"]
    for number, at in enumerate(code, 1):
        follow(number, len(code))
        cells[at] = _run(client, cells[at])
    metadata = {name: value for name, value in saved.metadata.items() if name != widget_state.KEY}
    metadata |= kernelspec.notebook_metadata(metadata)
    return notebook.dump(notebook.document(cells, metadata))


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
    outputs: list[Any] = []

    def hook(message: dict[str, Any]) -> None:
        output = notebook.output_of(message)
        if output is not None:
            outputs.append(output)

    try:
        reply = client.execute_interactive(
            cell["source"], output_hook=hook, stdin_hook=lambda _: client.input(""), timeout=CELL_SECONDS
        )
    except (TimeoutError, queue.Empty):
        raise LabError(
            f"the cell {cell['id']} ran for more than {CELL_SECONDS:g} s", "", "run it by hand in JupyterLab"
        ) from None
    return {**cell, "outputs": outputs, "execution_count": reply["content"].get("execution_count")}
