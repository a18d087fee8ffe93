"""Sites: a web application that says where its project is."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.project import sites
from nbrunbook.project.settings import find_project, project_on_disk


def test_a_registered_site_says_which_project_this_is(tmp_path: Path) -> None:
    """`find_project` asks it first; without one the folders decide."""
    (tmp_path / "nbrunbook.toml").write_text('name = "there"\n', encoding="utf-8")
    there = project_on_disk(tmp_path)
    sites.register(lambda _: there)
    try:
        assert find_project(Path("/")) is there
    finally:
        sites.register(None)
    assert find_project(tmp_path) is not there


def test_nothing_is_set_up_where_no_settings_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without DJANGO_SETTINGS_MODULE, entering does nothing."""
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    sites.enter()
    assert sites.registered() is None
