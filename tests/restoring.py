"""The golden project of the last version, put back: its files, and its journal on either engine."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import psycopg

TESTS = Path(__file__).parent
GOLDEN = TESTS / "golden"


def rows() -> dict[str, list[list[Any]]]:
    """Return the journal's rows by table, with the blobs' content."""
    found: dict[str, list[list[Any]]] = json.loads((GOLDEN / "journal.json").read_bytes())
    for row in found["blob"]:
        row[1] = (GOLDEN / "shop" / row[1]["file"]).read_bytes() if "file" in row[1] else row[1]["text"].encode()
    return found


def put_files(root: Path, *names: str) -> None:
    """Copy the project, or some files and folders of it."""
    for name in names or ("pyproject.toml", "docs", "templates", "runbooks", "records"):
        source, target = GOLDEN / "shop" / name, root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy(source, target)


def put_in_file(path: Path, kept: dict[str, list[list[Any]]]) -> None:
    """Make a journal of rows in SQLite."""
    path.parent.mkdir(exist_ok=True)
    connection = sqlite3.connect(path)
    connection.executescript((TESTS / "journal" / "schemas" / "sqlite-2.sql").read_text(encoding="utf-8"))
    _fill(connection, kept, "?")
    connection.close()


def put_in_postgres(url: str, kept: dict[str, list[list[Any]]]) -> None:
    """Make a journal of rows, of schema 2, in an empty database."""
    with psycopg.connect(url.replace("+psycopg", ""), connect_timeout=5) as connection:
        connection.execute((TESTS / "journal" / "schemas" / "postgres-2.sql").read_bytes())
        _fill(connection, kept, "%s")


def _fill(connection: Any, kept: dict[str, list[list[Any]]], mark: str) -> None:
    for table, each in kept.items():
        for row in each:
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join([mark] * len(row))})", row)
    connection.commit()
