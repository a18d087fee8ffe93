"""A server of the project's own: where it is found, and what it says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from nbrunbook.errors import LabError
from nbrunbook.jupyter import server
from tests.conftest import Workplace


def test_a_server_is_looked_for_in_the_project(work: Workplace) -> None:
    """Where no earlier `work` left a server, none is found."""
    from nbrunbook.project.settings import find_project

    assert server.running(find_project()) is None


def test_a_link_holds_the_token() -> None:
    """Who opens it is logged in; the path is encoded."""
    found = server.Server(pid=1, url="http://127.0.0.1:8888/", token="abc")
    assert found.link("ü/a b.ipynb") == "http://127.0.0.1:8888/lab/tree/%C3%BC/a%20b.ipynb?token=abc"


def test_a_server_that_does_not_answer_is_told_by_its_address() -> None:
    """Whoever asks it gets one clear error, without the token."""
    found = server.Server(pid=1, url="http://127.0.0.1:1/", token="sesame")
    with pytest.raises(LabError, match=r"the Jupyter server at http://127\.0\.0\.1:1/ does not answer") as told:
        found.call("GET", "api/status")
    assert "sesame" not in str(told.value)


def test_git_ignores_our_folder(tmp_path: Path) -> None:
    """All that is in it is ignored; what a person wrote into its .gitignore stays."""
    server.ignored_by_git(tmp_path / "new")
    assert (tmp_path / "new" / ".gitignore").read_text(encoding="utf-8") == "*\n"
    (tmp_path / "new" / ".gitignore").write_text("mine", encoding="utf-8")
    server.ignored_by_git(tmp_path / "new")
    assert (tmp_path / "new" / ".gitignore").read_text(encoding="utf-8") == "mine"


def test_what_a_server_wrote_counts_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that a dead server left behind, or that is no JSON, says nothing."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    own = os.getpid()
    assert server.server_facts(own) == {}
    (tmp_path / f"jpserver-{own}.json").write_text('{"url": "u"}', encoding="utf-8")
    assert server.server_facts(own) == {"url": "u"}
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    (tmp_path / f"jpserver-{ended.pid}.json").write_text('{"url": "u"}', encoding="utf-8")
    assert server.server_facts(ended.pid) == {}
    (tmp_path / f"jpserver-{own}.json").write_text("no JSON", encoding="utf-8")
    assert server.server_facts(own) == {}
