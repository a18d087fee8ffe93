"""A repository that is set up: what it is like, and which files are written into it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.project import repository
from nbrunbook.project.repository import HOOKS, Repository

WORKFLOW = "on:\n  push:\n    branches: [main]\nenv:\n  TEMPLATES: templates\n"


def _repository(folder: Path) -> Repository:
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return repository.place_at(folder)


def _names(place: Repository) -> list[str]:
    return [change.path.relative_to(place.root).as_posix() for change in repository.changes(place, "shop", WORKFLOW)]


def test_all_that_is_missing_is_written(tmp_path: Path) -> None:
    """A bare repository gets a configuration, folders, lines for git, a hook and a workflow."""
    assert _names(_repository(tmp_path)) == [
        "nbrunbook.toml",
        "templates/.gitkeep",
        "runbooks/.gitkeep",
        "records/.gitkeep",
        ".gitignore",
        ".gitattributes",
        ".pre-commit-config.yaml",
        ".github/workflows/nbrunbook.yml",
    ]


def test_what_is_there_stays(tmp_path: Path) -> None:
    """Nothing is left to write once it was; looking writes nothing."""
    place = _repository(tmp_path)
    changes = repository.changes(place, "shop", WORKFLOW)
    assert [path.name for path in tmp_path.iterdir()] == [".git"]
    for change in changes:
        change.path.parent.mkdir(parents=True, exist_ok=True)
        change.path.write_bytes(change.after)
    assert _names(repository.place_at(tmp_path)) == []


def test_another_tool_s_folder_is_left_to_it(tmp_path: Path) -> None:
    """Where `templates` holds other files, ours is another folder, and the configuration says so."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "base.html").touch()
    place = _repository(tmp_path)
    assert (place.foreign, place.inside("templates")) == ("templates/base.html", "release-templates")


def test_a_project_that_is_not_all_of_its_repository_gets_no_ci(tmp_path: Path) -> None:
    """CI and pre-commit look for their files in the repository's root."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "pyproject.toml").write_text("[tool.nbrunbook]\n", encoding="utf-8")
    place = repository.place_at(tmp_path / "shop")
    assert (place.configured, place.is_whole) == (True, False)
    assert not {HOOKS, repository.WORKFLOW} & set(_names(place))


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    """A folder that cannot be made is told before anything is written."""
    place = _repository(tmp_path)
    (tmp_path / ".github").touch()
    with pytest.raises(NbrunbookError, match=r"\.github is a file; expected a folder"):
        repository.changes(place, "shop", WORKFLOW)


def test_a_hook_that_we_cannot_add_is_for_a_person(tmp_path: Path) -> None:
    """Where it is not certain how a configuration is written, the hook is given to be added by hand."""
    place = _repository(tmp_path)
    assert repository.hook_by_hand(place) == ""
    (tmp_path / HOOKS).write_text("repos: []\n", encoding="utf-8")
    assert "nbrunbook-lint" in repository.hook_by_hand(place)
    assert HOOKS not in _names(place)


def test_what_git_ignores_is_told(tmp_path: Path) -> None:
    """Runbooks and records are committed: a line that ignores them is found."""
    place = _repository(tmp_path)
    assert repository.ignored(place) == []
    (tmp_path / ".gitignore").write_text("*.html\n", encoding="utf-8")
    assert repository.ignored(place) == ["records/production/1.0.html"]


def test_hooks_that_are_there_pass_over_records_from_now_on(tmp_path: Path) -> None:
    """One line is added to what an earlier `init`, or somebody else, wrote; where that is not certain it is told."""
    place = _repository(tmp_path)
    before = b"repos:\n- repo: meta\n  hooks:\n  - id: nbrunbook-lint\n"
    (tmp_path / HOOKS).write_bytes(before)
    change = next(each for each in repository.changes(place, "shop", WORKFLOW) if each.path.name == HOOKS)
    assert change.about == "no hook changes a record"
    assert change.after.endswith(before)
    assert repository.exclude_by_hand(place) == ""
    (tmp_path / HOOKS).write_bytes(b"exclude: ^docs/\n" + before)
    assert repository.exclude_by_hand(place) == "exclude: '^records/'"
    assert HOOKS not in _names(place)
