"""Files: written whole or not at all, and readable for others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nbrunbook.documents import files


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an error the old file is as it was, and nothing is left beside it."""
    path = tmp_path / "new" / "a.ipynb"
    files.write(path, b"old")

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space"):
        files.write(path, b"new")
    assert (path.read_bytes(), list(path.parent.iterdir())) == (b"old", [path])


def test_a_file_is_readable_for_others(tmp_path: Path) -> None:
    """A written file has the permissions that the umask gives, not those of a temporary one."""
    before = os.umask(0o022)
    try:
        files.write(tmp_path / "a.ipynb", b"a")
    finally:
        os.umask(before)
    assert (tmp_path / "a.ipynb").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("links", [True, False])
def test_a_new_file_is_written_over_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    """Also where the filesystem knows no hard links; nothing half-written is left."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    files.write_new(tmp_path / "a", b"first")
    with pytest.raises(FileExistsError):
        files.write_new(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    """Whoever wants it at the same moment waits until it is free; a second door to it does not open it."""
    with files.locked(tmp_path):
        script = (
            f"import fcntl, os; fcntl.flock(os.open({str(tmp_path)!r}, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)"
        )
        assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 1
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    """A folder, a link and a pipe, which would never end, are errors at once."""
    (tmp_path / "file").write_bytes(b"x")
    with files.opened(tmp_path / "file") as file:
        assert file.read() == b"x"
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", ".", "missing"):
        with pytest.raises(OSError):  # noqa: PT011
            files.opened(tmp_path / name)
