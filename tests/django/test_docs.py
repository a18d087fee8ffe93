"""The page on Django is followed to the letter, mistakes and all."""

from __future__ import annotations

import os
import re
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.django.hosts import FORGOTTEN

PAGE = (ROOT / "docs" / "django.md").read_text(encoding="utf-8")
TOLD = ("CommandError:", "SystemCheckError:", "error:", "RB")
"""What a command that does not go on says first."""


def _section(title: str, behind: str) -> str:
    """What stands between two headings: a template in a fence has headings of its own."""
    return PAGE.split(f"\n## {title}\n")[1].split(f"\n## {behind}\n")[0]


def _commands(block: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a block, and the lines shown below it."""
    for each in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *shown = each.splitlines()
        yield command, shown


def _follow(folder: Path, info: str, block: str) -> None:
    """Write the file that a fence names, or run its commands."""
    if info == "console":
        for command, shown in _commands(block):
            _run(folder, command, shown)
        return
    kind, *more, path = info.split()
    assert kind in ("python", "text", "markdown")
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    before = file.read_text(encoding="utf-8") if more == [">>"] else ""
    file.write_text(before + block, encoding="utf-8")


def _run(folder: Path, command: str, shown: list[str]) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in FORGOTTEN}
    bin_folder = Path(sys.executable).parent
    env = {**kept, "PATH": f"{bin_folder}{os.pathsep}{kept['PATH']}", "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(shlex.split(command), cwd=folder, env=env, capture_output=True, text=True, timeout=300)
    said = re.sub(r"\s+", " ", f"{done.stdout}\n{done.stderr}")
    assert (done.returncode != 0) == bool(shown and shown[0].startswith(TOLD)), f"{command}\n{said}"
    for line in shown:
        pattern = ".*".join(re.escape(part) for part in re.sub(r"\s+", " ", line.strip()).split("…"))
        assert re.search(pattern, said), f"{command}\n{line}\n{said}"


@pytest.mark.usefixtures("operator_of_git")
def test_the_tutorial_ends_with_the_column_dropped(tmp_path: Path) -> None:
    """From startproject to the second release: each command says what the page shows, and each mistake is told."""
    section = _section("A column dropped in two releases", "The command line")
    for info, block in re.findall(r"^```([^\n]*)\n(.*?)^```", section, re.MULTILINE | re.DOTALL):
        _follow(tmp_path, info, block)
    with sqlite3.connect(tmp_path / "db.sqlite3") as db:
        assert [each[1] for each in db.execute("PRAGMA table_info(shop_product)")] == ["id", "title"]


@pytest.fixture
def operator_of_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits have an author."""
    for name in ("GIT_AUTHOR", "GIT_COMMITTER"):
        monkeypatch.setenv(f"{name}_NAME", "Ana")
        monkeypatch.setenv(f"{name}_EMAIL", "ana@example.com")


def test_every_check_stands_in_the_docs() -> None:
    """Each id that the code gives has a row, and no row is of an id that there is not."""
    found: set[str] = set()
    for path in (ROOT / "src" / "nbrunbook" / "django").rglob("*.py"):
        found |= set(re.findall(r"\b([EW]0\d\d)\b", path.read_text(encoding="utf-8")))
    assert set(re.findall(r"^\| `nbrunbook\.([EW]\d+)` \|", PAGE, re.MULTILINE)) == found
