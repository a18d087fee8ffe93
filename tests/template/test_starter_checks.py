"""The checks of starters look at what they say: a page, a repository, a database."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.template.starter import find_starter
from tests.conftest import ROOT, Workplace
from tests.databases import Server
from tests.django import hosts
from tests.django.hosts import Host
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


def test_a_column_that_is_forgotten_and_gone_is_seen(tmp_path: Path) -> None:
    """Both checks look at the database of the settings, and are undecided where there is no such table."""
    _seen_on(Host(tmp_path / "shop"))


@pytest.mark.database
def test_a_column_in_postgres_is_seen(tmp_path: Path, postgres: Server) -> None:
    """As on SQLite."""
    _seen_on(Host(tmp_path / "shop", databases={"default": hosts.postgres(postgres.fresh())}))


def _seen_on(host: Host) -> None:
    answers = host.answers(f"""
        import django.db
        def seen(name):
            try:
                return code[name]()
            except Exception as error:
                return str(error) or type(error).__name__
        def sql(text):
            with django.db.connection.cursor() as cursor:
                cursor.execute(text)
        code = dict(alias="default", table="product", column="old_sku")
        exec({find_starter("remove-column").code!r}, code)
        found = [seen("gone")]
        sql("CREATE TABLE product (id integer, old_sku varchar(9) NOT NULL)")
        found += [seen("forgotten"), seen("gone")]
        sql("DROP TABLE product")
        sql("CREATE TABLE product (id integer, old_sku varchar(9))")
        found += [seen("forgotten")]
        sql("ALTER TABLE product DROP COLUMN old_sku")
        print(json.dumps([*found, seen("gone")]))
    """)
    assert isinstance(answers, list)
    assert "product" in answers[0]
    assert answers[1:] == ["it asks for a value", "it is still there", "no value needed", "no such column"]
