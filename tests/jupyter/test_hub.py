"""The JupyterLab or hub that runs around a process."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from nbrunbook.errors import LabError
from nbrunbook.jupyter import hub
from nbrunbook.jupyter.server import Server
from tests.conftest import MakeRunbook, Workplace

HUB = {"JUPYTERHUB_USER": "ana", "JUPYTERHUB_SERVICE_PREFIX": "/user/ana/"}


def _inside(monkeypatch: pytest.MonkeyPatch, **more: object) -> None:
    for name, value in {**HUB, **more}.items():
        monkeypatch.setenv(name, str(value))


def _found() -> hub.Surroundings:
    around = hub.inside()
    assert around is not None
    return around


def test_inside_jupyter_is_known_by_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub and a Jupyter server are known by what they put into the environment."""
    assert hub.inside() is None
    monkeypatch.setenv("JUPYTERHUB_USER", "ana")
    assert hub.inside() is not None


@pytest.mark.parametrize(
    ("said", "host"),
    [
        ({}, "/user/ana/"),
        ({"JUPYTERHUB_PUBLIC_HUB_URL": "https://hub.example.com/hub/"}, "https://hub.example.com/user/ana/"),
        ({"JUPYTERHUB_PUBLIC_URL": "https://ana.hub.example.com/user/ana/"}, "https://ana.hub.example.com/user/ana/"),
    ],
)
def test_in_a_hub_the_link_opens_in_the_users_server(
    work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch, said: dict[str, str], host: str
) -> None:
    """The link leads from the folder that the server shows, below its prefix, on the hub's host where that is said."""
    _inside(monkeypatch, JUPYTERHUB_ROOT_DIR=work.root.parent, **said)
    assert work.run("work", runbook("- [ ] A {#a}")) == 0, work.err
    assert work.out == f"{host}lab/tree/{work.root.name}/runbooks/_sessions/staging%401.0.ipynb\n"
    assert work.err == "choose Run > Run All Cells\n"


def test_a_server_shows_the_home_folder_unless_it_says_otherwise(
    work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub's server shows the home folder; a terminal's JUPYTER_SERVER_ROOT goes before all else."""
    key = runbook("- [ ] A {#a}")
    _inside(monkeypatch, HOME=work.root.parent)
    assert work.run("work", key) == 0
    assert work.out.startswith(f"/user/ana/lab/tree/{work.root.name}/runbooks/")
    _inside(monkeypatch, JUPYTER_SERVER_ROOT=work.root, JUPYTERHUB_ROOT_DIR=work.root.parent)
    assert work.run("work", key) == 0
    assert work.out.startswith("/user/ana/lab/tree/runbooks/")


def test_in_a_plain_jupyterlab_the_link_is_that_servers(
    work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a kernel of a JupyterLab the server's own notes say where it is and what it shows; no token is printed."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(work.root))
    monkeypatch.setenv("JPY_PARENT_PID", str(os.getpid()))
    about = {"url": "http://127.0.0.1:9/", "token": "s3cret", "root_dir": str(work.root / "runbooks")}
    (work.root / f"jpserver-{os.getpid()}.json").write_text(json.dumps(about), encoding="utf-8")
    assert work.run("work", runbook("- [ ] A {#a}")) == 0
    assert work.out == "http://127.0.0.1:9/lab/tree/_sessions/staging%401.0.ipynb\n"
    assert "it is not live yet" in work.err
    assert "s3cret" not in work.out + work.err


def test_a_project_that_the_server_does_not_show_is_told(
    work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link that could not open is not printed."""
    _inside(monkeypatch, JUPYTERHUB_ROOT_DIR=work.root / "templates")
    assert work.run("work", runbook("- [ ] A {#a}")) == 1
    assert "lies outside of" in work.err
    assert work.out == ""


def test_a_server_is_asked_only_with_its_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A hub's server is asked by the address and the token that it says; with only one of them nobody is asked."""
    _inside(monkeypatch, JUPYTERHUB_ROOT_DIR=tmp_path, JUPYTERHUB_SERVICE_URL="http://127.0.0.1:8888/user/ana")
    assert _found().server is None
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "s3cret")
    assert _found().server == Server(pid=0, url="http://127.0.0.1:8888/user/ana/", token="s3cret")


def test_where_nobody_says_the_address_there_is_no_link(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A parent that left no notes shows the folder that we stand in, as far as anybody knows; no link is made up."""
    monkeypatch.setenv("JPY_PARENT_PID", "1")
    monkeypatch.chdir(tmp_path)
    around = _found()
    assert (around.url, around.shown, around.server) == ("", tmp_path, None)
    assert around.link("runbooks/a.ipynb") == ""


def test_a_file_that_a_link_leads_to_is_what_the_server_calls_it(tmp_path: Path) -> None:
    """Links on the disk are followed on both sides: a home that is one still shows what is in it."""
    (tmp_path / "disk" / "shop").mkdir(parents=True)
    (tmp_path / "home").symlink_to(tmp_path / "disk")
    around = hub.Surroundings(url="/", shown=tmp_path / "home", server=None)
    assert around.path(tmp_path / "disk" / "shop" / "a.ipynb") == "shop/a.ipynb"
    with pytest.raises(LabError, match=f"{tmp_path}/a.ipynb lies outside of {tmp_path}/home"):
        around.path(tmp_path / "a.ipynb")


def test_a_link_that_the_server_shows_is_the_way_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project behind a link in the folder shown is found by the way on which the shell came; else by the file's."""
    (tmp_path / "srv" / "shop" / "runs").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "shop").symlink_to(tmp_path / "srv" / "shop")
    around = hub.Surroundings(url="/", shown=tmp_path / "home", server=None)
    monkeypatch.chdir(tmp_path / "home" / "shop")
    monkeypatch.setenv("PWD", str(tmp_path / "home" / "shop"))
    assert around.path(tmp_path / "srv" / "shop" / "runs" / "a.ipynb") == "shop/runs/a.ipynb"
    monkeypatch.setenv("PWD", str(tmp_path / "elsewhere"))
    with pytest.raises(LabError, match="lies outside"):
        around.path(tmp_path / "srv" / "shop" / "runs" / "a.ipynb")


def test_a_folder_that_is_a_link_stays_where_it_was_written(tmp_path: Path) -> None:
    """Links in a notebook count folders as they are called, so the server has to call them so."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "made").mkdir()
    (tmp_path / "shop" / "runbooks").symlink_to("../made")
    around = hub.Surroundings(url="/", shown=tmp_path / "shop", server=None)
    assert around.path(tmp_path / "shop" / "runbooks" / "a.ipynb") == "runbooks/a.ipynb"
