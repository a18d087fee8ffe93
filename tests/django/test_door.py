"""The journal in the site's own database: how it is reached, and what is left of it there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.databases import Server
from tests.django import hosts
from tests.django.bouncers import Bouncer
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


MIXED = """\
import threading
from django.db import connection, connections
from nbrunbook.journal import writing
from nbrunbook.runbook.events import digest
NAMES = ("search_path", "lock_timeout", "statement_timeout", "synchronous_commit", "enable_indexonlyscan", "role")
SHOW = "SELECT " + ", ".join(f"current_setting('{name}')" for name in NAMES)
def shown():
    with connection.cursor() as cursor:
        cursor.execute(SHOW)
        return list(cursor.fetchone())
before = shown()
opened().close()
wrong = []
def work(who):
    from shop.models import Product
    for number in range(ROUNDS):
        own = f"{who}-{number}"
        journal = opened(create=False)
        with journal.writing(who) as inside:
            writing.keep_plan(inside, own)
        made = Product.objects.create(title=own)
        answers = (journal.plan_text(digest(own)), Product.objects.get(pk=made.pk).title, shown())
        if answers != (own, own, before):
            wrong.append(answers)
    connections.close_all()
threads = [threading.Thread(target=work, args=(str(each),)) for each in range(6)]
for each in threads:
    each.start()
for each in threads:
    each.join()
from shop.models import Product
from django.db import connections
print(json.dumps([wrong, Product.objects.count(), type(connection.connection).__module__.partition(".")[0]]))
"""
WITHOUT_PSYCOPG = 'import sys\nsys.modules["psycopg"] = None\n'


@pytest.fixture(scope="module")
def bouncer(postgres: Server) -> Iterator[Bouncer]:
    """A pgbouncer that has two connections to the server, so that whoever comes gets a used one."""
    found = Bouncer(postgres, size=2)
    yield found
    found.close()


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
@pytest.mark.parametrize("keep", [0, pytest.param(600, marks=[pytest.mark.faults, pytest.mark.whole])])
def test_behind_pgbouncer_nobody_gets_another_one_s_settings_or_rows(
    postgres: Server, bouncer: Bouncer, tmp_path: Path, driver: str, keep: int
) -> None:
    """In transaction mode, with fewer connections than threads: the site's and the journal's statements take turns."""
    url = postgres.fresh()
    entry = hosts.postgres(bouncer.url(url), CONN_MAX_AGE=keep)
    more = WITHOUT_PSYCOPG if driver == "psycopg2" else ""
    host = Host(tmp_path / "shop", databases={"default": entry}, more=more)
    said = host.answers(JOURNAL + 'ROUNDS = 20\ncall("migrate", verbosity=0)\n' + MIXED)
    assert said == [[], 120, driver]
    assert "client disconnect while server was not ready" not in bouncer.log()
    postgres.drop(url)
