"""A project's own tests, and the journals that they ask for."""

from __future__ import annotations

import pytest

from tests.databases import Server
from tests.django import hosts
from tests.django.hosts import Host

TESTS = """
import os
from pathlib import Path

from django.core.management import call_command
from django.test import SimpleTestCase, TestCase, TransactionTestCase

from nbrunbook.django import site
from nbrunbook.django.test import journal
from nbrunbook.errors import JournalError
from nbrunbook.journal.journal import Journal

def is_there():
    return Journal.if_any(site.project().journal) is not None

class WithoutTests(TestCase):
    def test_there_is_no_journal(self):
        self.assertFalse(is_there())
        with self.assertRaisesRegex(JournalError, "no journal while tests run; expected a test that asks for one"):
            Journal.open(site.project().journal, create=True)

    def test_a_block_has_one(self):
        with journal() as project:
            self.assertEqual(Journal.open(project.journal).projects(), [])
            outer = project.journal
            with journal() as inner:
                self.assertNotEqual(inner.journal, outer)
            self.assertEqual(site.project().journal, outer)
            self.assertEqual(os.environ["NBRUNBOOK_JOURNAL"], outer)
        self.assertFalse(is_there())
        self.assertFalse(Path(outer.removeprefix("sqlite:///")).parent.exists())

    @journal(kwarg_name="project")
    def test_a_release_is_made(self, project):
        call_command("runbook", "instantiate", "--pending")
        self.assertEqual([each.key for each in Journal.open(project.journal).runbooks("shop")], ["production/1.0"])
        call_command("runbook", "tick", "production/1.0", "look")
        self.assertFalse((project.root / "runbooks").exists())

@journal()
class WithTests(TransactionTestCase):
    def test_all_have_one(self):
        self.assertTrue(is_there())

@journal(attr_name="project")
class AttributeTests(SimpleTestCase):
    def test_the_project_is_here(self):
        self.assertEqual(self.project.journal, site.project().journal)

class AsyncTests(SimpleTestCase):
    @journal()
    async def test_decorated(self):
        self.assertTrue(is_there())
"""
"""What a project's own tests do, by each of the ways to ask."""


def test_tests_have_no_journal_until_one_asks(host: Host) -> None:
    """Neither the file beside the site's own nor the one that a variable names is made, opened or changed."""
    host.write("shop/tests.py", TESTS)
    host.template("1.0", "- [ ] Look {#look}\n")
    named = host.root / "named.db"
    done = host.manage("test", "--parallel", "2", env={"NBRUNBOOK_JOURNAL": str(named), "CI": "true"})
    assert done.returncode == 0, done.stderr
    assert "Ran 6 tests" in done.stderr
    assert not named.exists()
    assert not (host.root / "db.nbrunbook.sqlite3").exists()


PYTEST = """
import pytest
from nbrunbook.django import site
from nbrunbook.django.test import nbrunbook_journal
from nbrunbook.journal.journal import Journal
from shop.models import Product

def test_without():
    assert Journal.if_any(site.project().journal) is None

@pytest.mark.django_db
def test_with(nbrunbook_journal):
    Product.objects.create()
    assert Journal.open(nbrunbook_journal.journal).projects() == []
    assert site.project().journal == nbrunbook_journal.journal
"""


def test_a_test_of_pytest_asks_by_its_fixture(host: Host) -> None:
    """With pytest-django, `nbrunbook_journal` gives one test a journal, and the one beside it has none."""
    host.write("test_shop.py", PYTEST)
    options = ["-q", "-p", "pytest_django.plugin", "-p", "no:cacheprovider", "--ds", "site_of_shop.settings"]
    said = host.run(f"import pytest; pytest.main({options})", env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
    assert "2 passed" in said, said
    assert not (host.root / "db.nbrunbook.sqlite3").exists()


def databases(server: Server) -> list[str]:
    """Return the databases that tests of a site made."""
    with server.connect() as admin:
        found = admin.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test_test_%' ORDER BY 1").fetchall()
    return [name for (name,) in found]


@pytest.mark.parametrize(
    "options",
    [("--parallel", "2"), pytest.param(("--parallel", "2", "--keepdb"), marks=[pytest.mark.faults, pytest.mark.whole])],
    ids=" ".join,
)
def test_databases_of_tests_are_dropped_and_kept_as_before(
    host: Host, postgres: Server, options: tuple[str, ...]
) -> None:
    """A journal in the site's own database leaves nothing in a test's, and nothing that holds one open."""
    url = postgres.fresh()
    host.databases = {"default": hosts.postgres(url, CONN_MAX_AGE=60)}
    host.set()
    host.write("shop/tests.py", TESTS)
    host.template("1.0", "- [ ] Look {#look}\n")
    kept, keeps = [], "--keepdb" in options
    if keeps:
        assert host.manage("runbook", "journal", "init").returncode == 0
    for _ in range(1 + keeps):
        done = host.manage("test", "--noinput", *options)
        assert done.returncode == 0, done.stderr
        kept = databases(postgres)
    name = url.rpartition("/")[2]
    assert kept == ([f"test_{name}", f"test_{name}_1", f"test_{name}_2"] if keeps else [])
    for each in kept:
        with postgres.connect(each) as inside:
            assert inside.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'nbrunbook'").fetchone() is None
        postgres.drop(postgres.url(each))
    postgres.drop(url)
