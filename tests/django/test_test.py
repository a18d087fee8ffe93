"""A project's own tests, and the journals that they ask for."""

from __future__ import annotations

from tests.django.hosts import Host

TESTS = """
import os
from pathlib import Path
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

    @journal()
    def test_decorated(self):
        self.assertTrue(is_there())

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
    named = host.root / "named.db"
    done = host.manage("test", "--parallel", "2", env={"NBRUNBOOK_JOURNAL": str(named)})
    assert done.returncode == 0, done.stderr
    assert "Ran 6 tests" in done.stderr
    assert not named.exists()
    assert not (host.root / "db.nbrunbook.sqlite3").exists()
