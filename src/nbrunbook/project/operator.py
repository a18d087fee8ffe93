"""Who is at work, and how we know."""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nbrunbook.project import ci, git

Known = Literal["verified", "declared"]
"""What vouches for a name: Jupyter's identity provider, or nothing."""

ANONYMOUS = re.compile(r"[0-9a-f]{32}")
"""A plain token server gives every browser a random user name of 32 hex digits."""

LONGEST_NAME = 200
"""Characters of a name that is typed."""


@dataclass(frozen=True, kw_only=True)
class Operator:
    """A person, and what vouches for the name."""

    name: str
    known: Known
    known_by: str
    """jupyter (the server's own /api/me), env, ci, hub, git, os or typed."""

    def __str__(self) -> str:
        return f"{self.name} ({self.known}: {self.known_by})"


def declared(name: str, known_by: str) -> Operator:
    """Return an operator whose name nobody vouches for."""
    return Operator(name=re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", name).strip(), known="declared", known_by=known_by)


def from_browser(username: str, aliases: Mapping[str, str]) -> Operator | None:
    """Return the operator whom Jupyter's identity provider names, or None for nobody.

    Only `username` counts: a user may set `name` and `display_name` to anything.
    """
    name = username.strip()
    if not name or ANONYMOUS.fullmatch(name):
        return None
    return Operator(name=aliases.get(name, name), known="verified", known_by="jupyter")


def from_keyboard(typed: str, aliases: Mapping[str, str]) -> Operator | None:
    """Return the operator of a name that somebody typed, or None for nobody."""
    found = declared(typed[:LONGEST_NAME], "typed")
    return (
        Operator(name=aliases.get(found.name, found.name), known="declared", known_by="typed") if found.name else None
    )


def from_machine(root: Path, aliases: Mapping[str, str]) -> Operator:
    """Return the operator whom the environment, the CI, git or the operating system names."""
    for name, known_by in _names(root):
        if name.strip():
            found = declared(name, known_by)
            return Operator(name=aliases.get(found.name, found.name), known="declared", known_by=known_by)
    return declared("unknown", "os")


def _names(root: Path) -> Iterator[tuple[str, str]]:
    """One at a time, since asking git starts a process."""
    yield os.environ.get("NBRUNBOOK_OPERATOR", ""), "env"
    yield ci.deployer(), "ci"
    yield os.environ.get("JUPYTERHUB_USER", ""), "hub"
    yield git.email(root), "git"
    yield _os_user(), "os"


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
