"""Kernel sessions that are live before a browser opens: the cells are run, the outputs written and signed."""

from __future__ import annotations

import queue
import time
from pathlib import Path
from typing import Any

from nbrunbook.documents import files, kernelspec, notebook, trust
from nbrunbook.documents.notebook import Cell
from nbrunbook.errors import LabError
from nbrunbook.jupyter.server import START_SECONDS, Server, private_folder, runtime_folder
from nbrunbook.project import paths
from nbrunbook.project.settings import Project

CELL_SECONDS = 600.0
"""How long one cell of the author's may run while a runbook is opened."""


def make_live(server: Server, project: Project, copy: Path, path: str = "") -> bool:
    """Give a session copy a kernel and run its cells, unless it has one; return whether it was run.

    The outputs are written and signed before any browser opens the file.
    `path` is what the server calls it, where it is not the path from the project's root.
    """
    path = path or project.relative(copy)
    if any(session.get("path") == path for session in server.call("GET", "api/sessions")):
        return False
    saved = notebook.read(paths.of_ours(copy))
    name = kernelspec.name_in(saved.metadata)
    kernelspec.write(private_folder(project) / "jupyter", name)
    body = {"path": path, "name": copy.name, "type": "notebook", "kernel": {"name": name}}
    kernel_id = server.call("POST", "api/sessions", body)["kernel"]["id"]
    cells = _executed(saved.cells, server, kernel_id)
    metadata = {name: value for name, value in saved.metadata.items() if name != "widgets"}
    content = notebook.dump(notebook.document(cells, metadata))
    files.write(copy, content, private=True)
    trust.sign(content)
    return True


def _executed(cells: list[Cell], server: Server, kernel_id: str) -> list[Cell]:
    """Run the code cells in a kernel, all of them whatever fails, as Run All does."""
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
