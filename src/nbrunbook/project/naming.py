"""What a project may be called where its configuration does not say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from nbrunbook.errors import NbrunbookError
from nbrunbook.project import author_files, git
from nbrunbook.project.local_state import local_state


def names(root: Path) -> tuple[str, ...]:
    """Return the names that a folder's project may have, the likeliest first: at least one.

    `[project] name` of its pyproject.toml, that of the repository it was cloned from, that of its folder;
    a linked work tree is called as the one that it was made from.
    """
    remote = git.known(root, "config", "--get", "remote.origin.url") if _is_top(root) else ""
    cloned = re.split(r"[/:\\]", remote.rstrip("/").removesuffix(".git"))[-1]
    found = (declared(root), cloned, _folder(root))
    return tuple(dict.fromkeys(name for name in found if is_name(name))) or ("project",)


def is_name(name: str) -> bool:
    """Tell whether a text can be a project's name: one line that is not empty."""
    return bool(name.strip()) and name == name.strip() and name.isprintable()


def _is_top(root: Path) -> bool:
    """Whether the project is a whole repository: one of several in it is not called as all of it."""
    return (root / ".git").exists()


def declared(root: Path) -> str:
    """Return `[project] name` of a folder's pyproject.toml; empty where there is none."""
    try:
        text = author_files.read(root / "pyproject.toml", at_most=author_files.LARGEST_SETTINGS).decode("utf-8-sig")
        found = tomllib.loads(text).get("project", {}).get("name")
    except (OSError, ValueError, AttributeError, RecursionError):
        return ""
    return found if isinstance(found, str) else ""


def _folder(root: Path) -> str:
    try:
        return local_state(root).name
    except NbrunbookError:
        return root.name
