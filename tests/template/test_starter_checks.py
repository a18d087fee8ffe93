"""The checks of starters look at what they say: a page, a repository, a database."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

from nbrunbook.template.starter import find_starter
from tests.conftest import ROOT, Workplace
from tests.databases import Server
from tests.making import run_git
from tests.serving import Site, site

__all__ = ["site"]


@pytest.fixture(autouse=True)
def _this_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are processes of their own, and load the code of this checkout."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))


def _started(work: Workplace, name: str, *given: str, **replaced: str) -> None:
    """Start a template from a starter, with attempts and waits that a test has time for, and instantiate it."""
    assert work.run("new", "1.0", "--from", name) == 0, work.err
    path = work.root / "templates" / "1.0.ipynb"
    text = path.read_text(encoding="utf-8")
    for old, new in replaced.items():
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    assert work.run("instantiate", "1.0", "-e", "staging", *given) == 0, work.err


def _looked(work: Workplace, step: str) -> dict[str, Any]:
    """What came out of a check."""
    work.run("check", "staging/1.0", step, "--json")
    assert work.out, work.err
    (found,) = json.loads(work.out)["runs"]
    return {name: found[name] for name in ("outcome", "value", "message")}


def test_the_page_answers_with_the_release(work: Workplace, site: Site) -> None:
    """It passes where the page says the release, fails where it says another, and is undecided where there is none."""
    _started(work, "release", "-p", "base_url", site.url, **{"attempts=10, ": ""})
    steps = ("mail-support", "announce", "baseline", "dashboard", "alert", "settings-before", "webhook")
    assert work.run("approve", "staging/1.0", "webhook") == 0, work.err
    for step in steps:
        assert work.run("skip", "staging/1.0", step, "--reason", "x") in (0, 1)
    assert _looked(work, "site-answers")["message"] == "urllib.error.HTTPError: HTTP Error 404: File not found"
    (site.folder / "version").write_text("0.9\n", encoding="utf-8")
    failed = {"outcome": "failed", "value": None, "message": f"{site.url}/version says '0.9'"}
    assert _looked(work, "site-answers") == failed
    (site.folder / "version").write_text("1.0\n", encoding="utf-8")
    assert _looked(work, "site-answers") == {"outcome": "passed", "value": "1.0", "message": None}


REMOVAL = ("-p", "table", "product", "-p", "column", "old_sku", "-p", "field", "old_sku")
ALL_AT_ONCE = re.compile(r"after=[\w,-]+ |after=[\w,-]+(?=})|wait=\w+ ?")


def _removing(work: Workplace, *given: str) -> None:
    """A runbook of remove-column in which nothing waits."""
    text = find_starter("remove-column").found.text
    _started(work, "remove-column", *REMOVAL, *given, **dict.fromkeys(set(ALL_AT_ONCE.findall(text)), ""))


def test_code_that_names_the_column_is_found(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the commit that is deployed, not in its migrations, nor in the template that says what to look for."""
    code, migration = Path("shop/models.py"), Path("shop/migrations/0001.py")
    migration.parent.mkdir(parents=True)
    migration.write_text("old_sku = 1\n", encoding="utf-8")
    code.write_text("print(product.old_sku)\n", encoding="utf-8")
    run_git(work.root, "init", "-q")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody-asks-it")
    _removing(work, "-p", "deployed", "live")
    for line in ("add .", "commit -qm Begin", "tag live"):
        run_git(work.root, *line.split())
    assert _looked(work, "no-code")["message"] == "lines that name it: 1"
    code.write_text("", encoding="utf-8")
    assert _looked(work, "no-code")["outcome"] == "failed", "what lies there is not what is deployed"
    for line in ("commit -qam Forget", "tag -f live"):
        run_git(work.root, *line.split())
    commit = run_git(work.root, "rev-parse", "live").strip()
    assert _looked(work, "no-code") == {"outcome": "passed", "value": commit, "message": None}
    run_git(work.root, "tag", "-d", "live")
    assert _looked(work, "no-code")["outcome"] == "undecided"


def _admin(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


@pytest.mark.database
def test_statements_that_name_the_column_are_found(
    work: Workplace, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was counted in this database fails it; a role that is not shown what others run cannot tell.

    The tests' PostgreSQL has no pg_stat_statements: a table of that name stands for it.
    """
    url = postgres.fresh()
    monkeypatch.setenv("DATABASE_URL", url.replace("+psycopg", ""))
    _removing(work)
    with _admin(url) as admin:
        admin.execute("CREATE TABLE pg_stat_statements (userid oid, dbid oid, calls bigint, query text)")
        add = "INSERT INTO pg_stat_statements SELECT 10, %s, 7, %s"
        own = admin.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
        assert own
        admin.execute(add, (1, "SELECT old_sku FROM product"))
        admin.execute(add, (own[0], "SELECT * FROM pg_stat_statements WHERE query ILIKE 'old_sku'"))
        assert _looked(work, "no-statements")["outcome"] == "passed"
        admin.execute(add, (own[0], "SELECT Old_SKU FROM product"))
        assert _looked(work, "no-statements")["message"] == "statements that name it: 1"
        admin.execute(add, (own[0], "<insufficient privilege>"))
        assert "statements that this role is not shown: 1" in _looked(work, "no-statements")["message"]


@pytest.mark.database
def test_a_column_that_is_gone_is_seen(work: Workplace, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails while the column is there, passes afterwards, and is undecided where there is no such table."""
    url = postgres.fresh()
    monkeypatch.setenv("DATABASE_URL", url)
    _removing(work)
    assert _looked(work, "gone")["outcome"] == "undecided"
    with _admin(url) as admin:
        admin.execute("CREATE TABLE product (id int, old_sku text)")
        assert _looked(work, "gone")["message"] == "it is still there"
        admin.execute("ALTER TABLE product DROP COLUMN old_sku")
    assert _looked(work, "gone") == {"outcome": "passed", "value": "no such column", "message": None}
