"""Paths as they were written."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.project import paths


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `shop` with a link out of it, a link into it, and folders beside it."""
    for name in ("shop/docs", "shared/templates", "home"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "shop" / "templates").symlink_to("../shared/templates")
    (tmp_path / "home" / "link").symlink_to(tmp_path / "shop")
    monkeypatch.chdir(tmp_path)
    return tmp_path


BELOW = {
    "shop": ".",
    "shop/templates/1.0.md": "templates/1.0.md",
    "shop/docs/../templates/1.0.md": "templates/1.0.md",
    "home/link/templates/1.0.md": "templates/1.0.md",
    "shop/gone/../new/file": "new/file",
    "shared/../shop/docs": "docs",
    "shop/templates/../x": None,
    "shop/../shared": None,
    "shared/templates/1.0.md": None,
}


@pytest.mark.parametrize("path", BELOW)
def test_a_way_is_the_one_that_was_written(here: Path, path: str) -> None:
    """A link in the folder stays one, and one to the folder is none; `..` goes where the file system goes."""
    for written in (Path(path), here / path):
        found = paths.below(written, here / "shop")
        assert (None if found is None else found.as_posix()) == BELOW[path]


def test_what_lies_beside_is_reached_by_dots(here: Path) -> None:
    """Within one of the folders named; anywhere else there is no way but from the root of all."""
    shop, beside = here / "shop", [here / "shared"]
    assert paths.beside(here / "shared" / "templates", shop, beside) == "../shared/templates"
    assert paths.beside(here / "shared", shop, beside) == "../shared"
    assert paths.beside(here / "home", shop, beside) == (here / "home").as_posix()


def test_a_file_of_ours_is_read_in_its_real_folder(here: Path) -> None:
    """The folder's links are followed, and a file that is a link itself stays one: it may lead to anybody's."""
    (here / "shared" / "templates" / "a").symlink_to("b")
    assert paths.of_ours(here / "home" / "link" / "templates" / "a") == here.resolve() / "shared" / "templates" / "a"
