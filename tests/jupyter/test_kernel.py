"""Kernel sessions: a copy is run once, and what keeps it from running is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nbrunbook.errors import LabError
from nbrunbook.jupyter import kernel
from nbrunbook.jupyter.server import Server
from nbrunbook.jupyter.session_copy import session_copy
from nbrunbook.project.settings import find_project
from tests.conftest import MakeRunbook, Workplace
from tests.making import session_on


@pytest.fixture
def copy(work: Workplace, runbook: MakeRunbook) -> Path:
    """A session copy."""
    return session_copy(session_on(runbook("- [ ] A {#a}")), find_project())


def _server(monkeypatch: pytest.MonkeyPatch, *sessions: str) -> tuple[Server, list[tuple[str, str, Any]]]:
    """A server that says which files have kernels, and remembers what it was asked."""
    asked: list[tuple[str, str, Any]] = []

    def call(_: Server, method: str, path: str, body: object = None) -> Any:
        asked.append((method, path, body))
        return [{"path": each} for each in sessions] if method == "GET" else {"kernel": {"id": "none"}}

    monkeypatch.setattr(Server, "call", call)
    return Server(pid=1, url="http://127.0.0.1:1/", token="t"), asked


@pytest.mark.parametrize("path", ["", "shown/as/this.ipynb"])
def test_a_copy_that_has_a_kernel_is_left_alone(copy: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """An operator is at work in it: nothing is run, and the file stays as it is."""
    before = copy.read_bytes()
    server, asked = _server(monkeypatch, path or find_project().relative(copy))
    assert not kernel.make_live(server, find_project(), copy, path)
    assert [each[:2] for each in asked] == [("GET", "api/sessions")]
    assert copy.read_bytes() == before


def test_a_kernel_that_cannot_be_reached_is_told(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its connection file is on another machine or another user's; the copy stays as it is."""
    before = copy.read_bytes()
    server, asked = _server(monkeypatch, "another.ipynb")
    with pytest.raises(LabError, match=r"the kernel cannot be reached .*; expected a server on this machine"):
        kernel.make_live(server, find_project(), copy)
    assert asked[1][2]["path"] == find_project().relative(copy)
    assert asked[1][2]["kernel"]["name"] == "python3"
    assert copy.read_bytes() == before
