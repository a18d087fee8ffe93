"""What a project may be called."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.project import naming
from tests.project.test_local_state import git


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository in a folder of another name."""
    folder = tmp_path / "shop-bo"
    folder.mkdir()
    git(folder, "init", "-q")
    return folder


def test_names_go_from_the_surest_to_the_folders(clone: Path) -> None:
    """`[project] name`, the remote's, the folder's; each once."""
    assert naming.names(clone) == ("shop-bo",)
    git(clone, "remote", "add", "origin", "git@example.com:team/shop.git")
    assert naming.names(clone) == ("shop", "shop-bo")
    (clone / "pyproject.toml").write_text('[project]\nname = "the-shop"\n', encoding="utf-8")
    assert naming.names(clone) == ("the-shop", "shop", "shop-bo")


def test_one_project_of_several_is_not_called_as_all(clone: Path) -> None:
    """A folder in a repository has its own name."""
    git(clone, "remote", "add", "origin", "https://example.com/team/shop")
    (clone / "mail").mkdir()
    assert naming.names(clone / "mail") == ("mail",)


@pytest.mark.parametrize(
    "content", ["no TOML", "[project]\nname = 5\n", "project = 5\n", '[project]\nname = ""\n', "a = " + "[" * 9999]
)
def test_a_pyproject_without_a_name_says_none(tmp_path: Path, content: str) -> None:
    """Nor does one that cannot be read."""
    (tmp_path / "pyproject.toml").write_text(content, encoding="utf-8")
    assert naming.names(tmp_path) == (tmp_path.name,)


def test_there_is_always_a_name(tmp_path: Path) -> None:
    """Also for a folder whose own is none."""
    (tmp_path / "a\nb").mkdir()
    assert naming.names(tmp_path / "a\nb") == ("project",)
    assert [naming.is_name(each) for each in ("shop", " shop", "", "a\tb")] == [True, False, False, False]
