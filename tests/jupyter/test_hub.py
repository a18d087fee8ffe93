"""The JupyterLab or hub around this process: who it is, what it shows, how to reach it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.errors import LabError
from nbrunbook.jupyter import hub


def test_inside_jupyter_is_known_by_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub and a Jupyter server are known by what they put into the environment."""
    assert hub.inside() is None
    monkeypatch.setenv("JUPYTERHUB_USER", "ana")
    assert hub.inside() is not None


def test_a_file_is_called_as_the_server_calls_it(tmp_path: Path) -> None:
    """A path counts from the folder that is shown, through links too, and what lies outside of it is told."""
    (tmp_path / "shown" / "ünï").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "shown")
    around = hub.Surroundings(url="/user/ana/", shown=tmp_path / "link", server=None)
    assert around.path(tmp_path / "shown" / "ünï" / "a b.ipynb") == "ünï/a b.ipynb"
    assert around.link("ünï/a b.ipynb") == "/user/ana/lab/tree/%C3%BCn%C3%AF/a%20b.ipynb"
    with pytest.raises(LabError, match=r"lies outside of .*; expected a project in the folder"):
        around.path(tmp_path / "other.ipynb")


def test_where_the_address_is_not_known_there_is_no_link(tmp_path: Path) -> None:
    """Half an address would lead nowhere."""
    assert hub.Surroundings(url="", shown=tmp_path, server=None).link("a.ipynb") == ""


@pytest.mark.parametrize(
    ("url", "token", "asked"),
    [
        ("http://127.0.0.1:8888/user/ana", "t", "http://127.0.0.1:8888/user/ana/"),
        ("http://127.0.0.1:8888/", "t", "http://127.0.0.1:8888/"),
        ("http://127.0.0.1:8888/", "", None),
        ("", "t", None),
    ],
)
def test_a_hub_s_server_is_asked_with_its_token(
    monkeypatch: pytest.MonkeyPatch, url: str, token: str, asked: str | None
) -> None:
    """The hub says where the server listens and with which token; without both nobody is asked."""
    monkeypatch.setenv("JUPYTERHUB_USER", "ana")
    monkeypatch.setenv("JUPYTERHUB_SERVICE_URL", url)
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", token)
    around = hub.inside()
    assert around is not None
    assert (around.server.url if around.server else None) == asked
