"""Databases: [tool.nbrunbook.databases], the places of the data that batches go through. Pure facts; none is opened."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Database:
    """One database, as the configuration names it."""

    name: str
    url: str
    """SQLAlchemy's, without a password; a path of SQLite's is absolute."""
    password: str | None = None
    """The environment variable that holds the password; None where none is needed."""
