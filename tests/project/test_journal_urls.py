"""Where the journal is, as settings say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.project.journal_urls import journal_url
from nbrunbook.project.settings import find_project


@pytest.mark.parametrize(
    ("setting", "url"),
    [
        (None, "sqlite:////shop/.nbrunbook/journal.db"),
        ("j.db", "sqlite:////shop/j.db"),
        ("/var/j.db", "sqlite:////var/j.db"),
        ("postgresql+psycopg://db/ops", "postgresql+psycopg://db/ops"),
    ],
)
def test_a_journal_is_a_url_or_a_file(setting: str | None, url: str) -> None:
    """A setting with :// is a URL, anything else a file seen from the root."""
    assert journal_url(Path("/shop"), setting) == url


@pytest.mark.parametrize(
    ("named", "asked"),
    [
        ("postgresql://db/ops", "postgresql://db/ops?require_auth=!password,!md5"),
        ("postgresql://db/ops?require_auth=password", "postgresql://db/ops?require_auth=!password,!md5"),
        ("postgresql://db/ops?sslmode=require", "postgresql://db/ops?sslmode=require&require_auth=!password,!md5"),
    ],
)
def test_a_host_that_only_a_file_names_gets_no_password(tmp_path: Path, named: str, asked: str) -> None:
    """A branch may have written it: neither in clear nor as a hash that could be sent again."""
    (tmp_path / "nbrunbook.toml").write_text(f"journal = {named!r}\n", encoding="utf-8")
    assert find_project(tmp_path).journal == asked
