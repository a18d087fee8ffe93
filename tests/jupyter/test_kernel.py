"""Kernel sessions that are live before a browser opens; the kernel is played by the test."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupyter_client.blocking.client
import pytest
from nbformat import reads
from nbformat.sign import NotebookNotary

from nbrunbook.documents import notebook
from nbrunbook.errors import LabError
from nbrunbook.jupyter import kernel
from nbrunbook.project.settings import find_project
from tests.conftest import Workplace


class Asked:
    """A server that has some sessions, and says the same of every kernel."""

    def __init__(self, *paths: str, state: str = "starting") -> None:
        self.paths, self.state, self.asked = paths, state, []  # type: ignore[var-annotated]

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Answer as the REST interface does."""
        self.asked.append((method, path, body))
        if path.startswith("api/kernels/"):
            return {"execution_state": self.state}
        return (
            [{"path": each, "kernel": {"id": "k"}} for each in self.paths]
            if method == "GET"
            else {"kernel": {"id": "k"}}
        )


class Client:
    """A kernel's client, whose kernel says what it runs; `fail` fails, `ask` asks, `hang` does not end."""

    late = 0
    """How many heartbeats come too late."""
    heard: dict[str, Any] | None = {"panels": [], "silent_seconds": -1}  # noqa: RUF012
    """What its kernel says of its panels; None for no word."""

    def __init__(self, **_: str) -> None:
        self.count, self.given = 0, []  # type: ignore[var-annotated]

    def load_connection_file(self) -> None:
        """Find the kernel."""

    start_channels = stop_channels = load_connection_file

    def wait_for_ready(self, *, timeout: float) -> None:
        """Say that the kernel is dead, as often as heartbeats are late."""
        type(self).late -= 1
        if self.late >= 0:
            raise RuntimeError("Kernel died before replying to kernel_info")

    def execute(self, code: str, **asked: Any) -> str:
        """Be asked for the panels."""
        assert (code, asked["user_expressions"]) == ("", {"heard": kernel.IS_LIVE})
        return "asked"

    def get_shell_msg(self, *, timeout: float) -> Any:
        """Answer it, after the answer to something else."""
        if self.heard is None:
            raise queue.Empty
        self.count, before = 0, getattr(self, "answered", False)
        self.answered = True
        shown = {"data": {"text/plain": repr(json.dumps(self.heard))}}
        content = {"user_expressions": {"heard": shown}} if before else {}
        return {"parent_header": {"msg_id": "asked" if before else "other"}, "content": content}

    def input(self, text: str) -> None:
        """Answer a question of the kernel's."""
        self.given.append(text)

    def execute_interactive(
        self, code: str, *, output_hook: Callable[[Any], None], stdin_hook: Callable[[Any], None], timeout: float
    ) -> Any:
        """Run a cell."""
        if code == "hang":
            raise queue.Empty
        if code == "ask":
            stdin_hook({})
        self.count += 1
        failed = {"ename": "E", "evalue": "x", "traceback": []}
        content = failed if code == "fail" else {"name": "stdout", "text": f"{code} {self.given}"}
        for kind in ("status", "error" if code == "fail" else "stream"):
            output_hook({"msg_type": kind, "header": {"msg_type": kind}, "content": content, "metadata": {}})
        return {"content": {"execution_count": self.count}}


@pytest.fixture
def copy(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A session copy with a cell that fails."""
    monkeypatch.setattr(jupyter_client.blocking.client, "BlockingKernelClient", Client)
    monkeypatch.setattr(Client, "late", 0)
    return _with_cells(work.root / "copy.ipynb", "fail", "ask", "more")


def _with_cells(path: Path, *sources: str) -> Path:
    cells = [notebook.code_cell(f"c{number}", source) for number, source in enumerate(sources)]
    metadata = {"kernelspec": {"name": "Ours", "display_name": "x"}, "widgets": {"of": "a kernel before"}}
    path.write_bytes(notebook.dump(notebook.document([notebook.markdown_cell("t", "# T"), *cells], metadata)))
    return path


def test_a_cell_that_fails_does_not_stop_the_others(copy: Path) -> None:
    """All cells are run, as Run All does with panels in them: the error stands where it happened."""
    followed: list[tuple[int, int]] = []
    follow = lambda number, count: followed.append((number, count))  # noqa: E731
    assert kernel.make_live(Asked(), find_project(), copy, follow=follow)  # type: ignore[arg-type]
    assert followed == [(1, 3), (2, 3), (3, 3)]
    text, *cells = notebook.read(copy).cells
    assert text["source"] == "# T"
    assert [each["execution_count"] for each in cells] == [1, 2, 3]
    assert [[each["output_type"] for each in cell["outputs"]] for cell in cells] == [["error"], ["stream"], ["stream"]]


def test_a_cell_that_asks_is_answered_with_nothing(copy: Path) -> None:
    """Nobody is there to be asked yet: a cell that waited for an answer would keep the runbook from opening."""
    kernel.make_live(Asked(), find_project(), copy)  # type: ignore[arg-type]
    assert notebook.read(copy).cells[2]["outputs"][0]["text"] == "ask ['']"


def test_what_is_run_is_trusted_and_only_of_this_kernel(copy: Path) -> None:
    """The outputs are signed, so that JupyterLab draws them; widgets of an earlier kernel are gone."""
    kernel.make_live(Asked(), find_project(), copy)  # type: ignore[arg-type]
    found = reads(copy.read_text(encoding="utf-8"), as_version=4)
    assert NotebookNotary().check_signature(found)
    assert "widgets" not in found.metadata


def test_the_kernel_is_the_notebooks_own_in_this_interpreter(copy: Path, work: Workplace) -> None:
    """The server is asked for a kernel of its name, under the path that the server knows it by."""
    server = Asked()
    kernel.make_live(server, find_project(), copy, "shop/copy.ipynb")  # type: ignore[arg-type]
    method, path, body = server.asked[-1]
    assert (method, path, body["path"], body["kernel"]) == ("POST", "api/sessions", "shop/copy.ipynb", {"name": "Ours"})
    assert (work.root / ".nbrunbook" / "jupyter" / "kernels" / "ours" / "kernel.json").is_file()


def _says(monkeypatch: pytest.MonkeyPatch, *panels: str, silent_seconds: float = -1) -> Asked:
    """Let the copy's kernel have some panels; return its server."""
    monkeypatch.setattr(Client, "heard", {"panels": panels, "silent_seconds": silent_seconds})
    return Asked("other.ipynb", "copy.ipynb", state="idle")


def _shows(path: Path, *panels: str) -> bytes:
    """Let the saved copy show some panels; return its bytes."""
    cell = notebook.code_cell("c0", "runbook.header()")
    data = [{notebook.WIDGET_VIEW: {"model_id": each}, "text/html": "x"} for each in panels]
    cell["outputs"] = [{"output_type": "display_data", "data": each, "metadata": {}} for each in data]
    path.write_bytes(notebook.dump(notebook.document([cell], {})))
    return path.read_bytes()


def test_a_copy_that_is_live_is_left_alone(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its kernel has the panels that it shows: it is neither run nor written."""
    before, server = _shows(copy, "one", "two"), _says(monkeypatch, "one", "two")
    assert not kernel.make_live(server, find_project(), copy)  # type: ignore[arg-type]
    assert copy.read_bytes() == before
    assert [method for method, *_ in server.asked] == ["GET", "GET"]


@pytest.mark.parametrize("panels", [(), ("one", "two")])
def test_a_copy_that_shows_no_panel_is_run(
    copy: Path, monkeypatch: pytest.MonkeyPatch, panels: tuple[str, ...]
) -> None:
    """After its kernel was culled and another one started, or its outputs were cleared, cells are empty or broken."""
    _shows(copy, "one")
    server = _says(monkeypatch, *panels, silent_seconds=60)
    assert kernel.make_live(server, find_project(), copy)  # type: ignore[arg-type]
    assert notebook.read(copy).cells[0]["outputs"][0]["text"] == "runbook.header() []"
    assert "POST" not in [method for method, *_ in server.asked]


def test_a_copy_that_a_page_shows_is_not_written(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its browser would be asked whether to overwrite it: what to do in a new page is told instead."""
    before, told = _shows(copy), []  # type: ignore[var-annotated]
    server = _says(monkeypatch, "one", silent_seconds=1.2)
    assert not kernel.make_live(server, find_project(), copy, tell=told.append)  # type: ignore[arg-type]
    assert copy.read_bytes() == before
    assert told == [kernel.NOT_SHOWN]


def test_a_kernel_at_work_is_left_alone(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not answer while a cell runs; one that answers nothing though it is idle is an error in words."""
    before = copy.read_bytes()
    monkeypatch.setattr(Client, "heard", None)
    monkeypatch.setattr(kernel, "ANSWER_SECONDS", 0)
    server = Asked("copy.ipynb", state="busy")
    assert not kernel.make_live(server, find_project(), copy)  # type: ignore[arg-type]
    assert copy.read_bytes() == before
    monkeypatch.setattr(kernel, "START_SECONDS", 0)
    with pytest.raises(LabError, match=r"the kernel does not answer \(Jupyter calls it idle\); restart it"):
        kernel.make_live(Asked("copy.ipynb", state="idle"), find_project(), copy)  # type: ignore[arg-type]


def test_a_dead_kernel_is_started_again(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its session is there, with nobody in it."""
    server = Asked("copy.ipynb", state="dead")
    assert kernel.make_live(server, find_project(), copy)  # type: ignore[arg-type]
    assert ("POST", "api/kernels/k/restart", None) in server.asked


def test_the_metadata_is_what_jupyter_completes(copy: Path) -> None:
    """Else an untouched notebook asks to be saved: what the real kernel says of itself stands there."""
    kernel.make_live(Asked(), find_project(), copy)  # type: ignore[arg-type]
    asked = "import json, ipykernel.ipkernel as i; print(json.dumps(i.IPythonKernel().language_info))"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert notebook.read(copy).metadata["language_info"] == json.loads(said)


def test_a_late_heartbeat_is_no_death(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine the client is asked again as long as the server knows of a kernel that lives."""
    monkeypatch.setattr(Client, "late", 2)
    assert kernel.make_live(Asked(), find_project(), copy)  # type: ignore[arg-type]
    monkeypatch.setattr(Client, "late", 1)
    with pytest.raises(LabError, match=r"the kernel did not start .*died before replying"):
        kernel.make_live(Asked(state="dead"), find_project(), copy)  # type: ignore[arg-type]


def test_a_cell_that_does_not_end_is_told_by_its_name(copy: Path) -> None:
    """The copy stays as it was, for whoever runs that cell by hand."""
    before = _with_cells(copy, "one", "hang").read_bytes()
    with pytest.raises(LabError, match="the cell c1 ran for more than 600 s; run it by hand in JupyterLab"):
        kernel.make_live(Asked(), find_project(), copy)  # type: ignore[arg-type]
    assert copy.read_bytes() == before


def test_a_kernel_on_another_machine_is_told(work: Workplace) -> None:
    """A kernel is reached by a file that its server left, which is on the server's machine alone."""
    copy = _with_cells(work.root / "copy.ipynb", "one")
    with pytest.raises(LabError, match=r"the kernel cannot be reached .*expected a server on this machine"):
        kernel.make_live(Asked(), find_project(), copy)  # type: ignore[arg-type]
