"""Beside a manage.py: no second journal beside the Django site's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.project import manage
from nbrunbook.project.settings import project_on_disk

MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Django project with our app, without a journal."""
    monkeypatch.delenv("NBRUNBOOK_JOURNAL", raising=False)
    (tmp_path / "manage.py").write_text(MANAGE, encoding="utf-8")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "settings.py").write_text('INSTALLED_APPS = ["nbrunbook.django"]\n', encoding="utf-8")
    (tmp_path / "nbrunbook.toml").write_text('name = "shop"\n', encoding="utf-8")
    return tmp_path


def test_the_plain_command_line_refuses_to_make_another_journal(site: Path) -> None:
    """The way on is manage.py's command line, and a folder below the site is beside its manage.py, too."""
    for start in (site, site / "shop"):
        with pytest.raises(NbrunbookError, match=r"'python manage\.py runbook VERB' is the same command line"):
            manage.refuse_another_journal(project_on_disk(start), start)
    with pytest.raises(NbrunbookError, match="the Django site's"):
        manage.refuse_another_journal(None, site)


def test_a_plain_journal_that_is_there_stays_valid(site: Path) -> None:
    """What people have signed is not put out of reach."""
    (site / ".nbrunbook").mkdir()
    (site / ".nbrunbook" / "journal.db").write_bytes(b"SQLite")
    manage.refuse_another_journal(project_on_disk(site), site)


def test_a_journal_that_is_configured_is_taken(site: Path) -> None:
    """The configuration's journal is the site's, too."""
    (site / "nbrunbook.toml").write_text('journal = "ops.db"\n', encoding="utf-8")
    manage.refuse_another_journal(project_on_disk(site), site)


def test_a_manage_py_above_the_project_is_not_its_own(site: Path) -> None:
    """A project within a Django site that has a configuration of its own has its own journal."""
    (site / "tool").mkdir()
    (site / "tool" / "nbrunbook.toml").write_text('name = "tool"\n', encoding="utf-8")
    manage.refuse_another_journal(project_on_disk(site / "tool"), site / "tool")


@pytest.mark.parametrize(
    ("text", "settings", "has"),
    [
        (MANAGE, 'INSTALLED_APPS = ["nbrunbook.django"]', True),
        (MANAGE, 'INSTALLED_APPS = ["shop"]', False),
        (MANAGE.replace("shop.settings", "elsewhere.settings"), "", True),
        ("from django.core.management import execute_from_command_line", "", True),
        ("from flask_script import Manager", "", False),
    ],
)
def test_settings_are_looked_at_and_not_run(site: Path, text: str, settings: str, has: bool) -> None:
    """A site without our app keeps the plain command line; where it cannot be told, it may have it."""
    (site / "manage.py").write_text(text, encoding="utf-8")
    (site / "shop" / "settings.py").write_text(f"{settings}\nraise SystemExit\n", encoding="utf-8")
    assert manage.has_app(site) is has
