"""The journal in the site's own database: how it is reached, and what is left of it there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.databases import Server
from tests.django import hosts
from tests.django.hosts import Host

JOURNAL = """\
from nbrunbook.errors import NbrunbookError
from nbrunbook.journal.journal import Journal
def opened(url="django://default", create=True, **more):
    return Journal.open(url, create=create, **more)
def refused(url, **more):
    try:
        opened(url, **more)
    except NbrunbookError as error:
        return str(error)
"""


@pytest.fixture
def on_postgres(postgres: Server, tmp_path: Path) -> Iterator[Callable[..., Host]]:
    """From what its entry of DATABASES says more, to a shop in a database of its own."""
    url = postgres.fresh()
    yield lambda **more: Host(tmp_path / "shop", databases={"default": hosts.postgres(url, **more)})
    postgres.drop(url)


def test_a_journal_is_a_schema_beside_the_site_s_tables(on_postgres: Callable[..., Host]) -> None:
    """It is made when it is asked for, not before; a migration neither makes nor sees it."""
    host = on_postgres()
    said = host.run(
        JOURNAL
        + """
call("migrate", verbosity=0)
print(refused("django://default", create=False))
journal = opened()
print(journal.is_new, opened().is_new, journal.where)
from django.db import connection
with connection.cursor() as cursor:
    print(sorted({each.name for each in connection.introspection.get_table_list(cursor)} & {"event", "shop_product"}))
    cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'nbrunbook' AND tablename = 'event'")
    print(cursor.fetchone()[0])
"""
    ).splitlines()
    assert '(DATABASES["default"], schema nbrunbook) holds no journal' in said[0]
    assert "manage.py runbook journal init" in said[0]
    assert said[1].startswith("True False postgresql://postgres@127.0.0.1:")
    assert said[2:] == ["['shop_product']", "1"]
