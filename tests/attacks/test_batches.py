"""A batch whose code or driver says what nobody may read."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.conftest import PARAMETERS, ROOT, Workplace
from tests.databases import Server

PASSWORD = "hunter2-of-eu"
CODE = """import os
from nbrunbook import batch

fill = batch("fill", databases=["eu"])

@fill.fetch
def _(db, cursor, batch_size):
    return ([1, 2], 1) if cursor is None else None

@fill.process
def _(db, rows):
    print("with", os.environ["EU_PASSWORD"])
    raise ValueError("refused with " + os.environ["EU_PASSWORD"])
"""


@pytest.mark.database
def test_no_password_is_told(work: Workplace, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a batch prints and raises has no password of its databases: whoever shows it, wherever it is kept."""
    url = postgres.fresh()
    with Path("pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(f'[tool.nbrunbook.databases]\neu = {{url = "{url}", password = "EU_PASSWORD"}}\n')
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    monkeypatch.setenv("EU_PASSWORD", PASSWORD)
    work.template("- [ ] Fill {#fill}\n", parameters=PARAMETERS, code=CODE)
    assert work.run("instantiate", "1.0", "-e", "staging") == 0, work.err
    key, said = "staging/1.0", ""
    for line in (["run", key, "fill"], ["batch", "status", key, "fill"], ["journal", key, "--json"], ["status", key]):
        work.run(*line)
        said += work.out + work.err
    with psycopg.connect(url.replace("+psycopg", "")) as db:
        said += str(db.execute("SELECT * FROM nbrunbook_cursor").fetchall())
        said += str(db.execute("SELECT * FROM nbrunbook_quarantine").fetchall())
    assert said.count("refused with ***") >= 3
    assert PASSWORD not in said
    assert [path for path in work.root.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()] == []
