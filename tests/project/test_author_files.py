"""Files of authors: read within their repository, and never without end."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from nbrunbook.project import author_files, git


def test_a_file_is_read_by_whatever_way_leads_to_it_in_its_repository(tmp_path: Path) -> None:
    """A link that stays in the repository is as good as the file."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.md").write_text("a", encoding="utf-8")
    (tmp_path / "sub" / "b.md").symlink_to("../a.md")
    assert author_files.read(tmp_path / "sub" / "b.md") == b"a"
    assert author_files.read(tmp_path / "sub" / ".." / "a.md", at_most=1) == b"a"
    with pytest.raises(ValueError, match=re.escape("more than 0 MB")):
        author_files.read(tmp_path / "a.md", at_most=0)


@pytest.mark.parametrize(
    ("marks", "home"),
    [
        ((".git", "sub/pyproject.toml"), "."),
        (("pyproject.toml", "sub/nbrunbook.toml"), "sub"),
        (("pyproject.toml",), "."),
        ((), "sub/deep"),
        ((git.TREE_MARK,), "."),
    ],
)
def test_its_repository_is_git_s_else_that_of_a_configuration(
    tmp_path: Path, marks: tuple[str, ...], home: str
) -> None:
    """Without either a file does not lead out of its own folder."""
    (tmp_path / "sub" / "deep").mkdir(parents=True)
    for mark in marks:
        (tmp_path / mark).touch()
    assert author_files.repository(tmp_path / "sub" / "deep" / "a.md") == (tmp_path / home).resolve()


def test_who_names_a_file_says_which_repository_counts(tmp_path: Path) -> None:
    """A path that begins at the root is in a repository of its own: what names it is not."""
    (tmp_path / "home" / ".git").mkdir(parents=True)
    (tmp_path / "secret").write_text("s", encoding="utf-8")
    assert author_files.read(tmp_path / "secret") == b"s"
    with pytest.raises(ValueError, match="leads out of its repository"):
        author_files.read(tmp_path / "secret", named_in=tmp_path / "home")


def test_what_leads_out_or_never_ends_is_not_read(tmp_path: Path) -> None:
    """A link to elsewhere, a device, a pipe, a folder."""
    home = tmp_path / "home"
    (home / ".git").mkdir(parents=True)
    (tmp_path / "secret").write_text("s", encoding="utf-8")
    for name, target in (
        ("out", tmp_path / "secret"),
        ("zero", Path("/dev/zero")),
        ("env", Path("/proc/self/environ")),
    ):
        (home / name).symlink_to(target)
    os.mkfifo(home / "pipe")
    for name in ("out", "zero", "env", "../secret"):
        with pytest.raises(ValueError, match=r"leads out of its repository|it is no regular file"):
            author_files.read(home / name)
    with pytest.raises(ValueError, match="it is no regular file"):
        author_files.read(home / "pipe")
    with pytest.raises(IsADirectoryError):
        author_files.read(home / ".git")


def test_without_git_and_configuration_a_manage_py_marks_the_project(tmp_path: Path) -> None:
    """An image of a Django site holds neither; a configuration within it is nearer to what it is about."""
    (tmp_path / "manage.py").touch()
    (tmp_path / "shop" / "runbooks").mkdir(parents=True)
    assert author_files.repository(tmp_path / "shop" / "runbooks" / "1.0.md") == tmp_path.resolve()
    (tmp_path / "shop" / "nbrunbook.toml").touch()
    assert author_files.repository(tmp_path / "shop" / "runbooks" / "1.0.md") == (tmp_path / "shop").resolve()


def test_a_loop_of_links_cannot_be_read(tmp_path: Path) -> None:
    """Whichever Python says so, it is an OSError."""
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match="loop"):
        author_files.read(tmp_path / "loop")
