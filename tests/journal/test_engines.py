"""Engines: which one a URL means."""

from __future__ import annotations

import pytest

from nbrunbook.errors import JournalError
from nbrunbook.journal.journal import Journal


@pytest.mark.parametrize("url", ["mysql://ana:secret@host/db", "postgresql+asyncpg://ana:secret@host/db"])
def test_another_database_is_refused_without_its_password(url: str) -> None:
    """A URL that we cannot open is an error that shows no password."""
    with pytest.raises(JournalError, match="host/db") as told:
        Journal.open(url)
    assert "secret" not in str(told.value)
