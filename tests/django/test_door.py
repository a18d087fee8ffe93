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
    said = host.answers(JOURNAL + 'ROUNDS = 8\ncall("migrate", verbosity=0)\n' + MIXED)
    assert said == [[], 48, driver]
    assert "client disconnect while server was not ready" not in bouncer.log()
    postgres.drop(url)


BY_SERVICE = """\
import os, pathlib
def entry(**more):
    return {"ENGINE": "django.db.backends.postgresql", **more}
service = pathlib.Path("services.conf")
service.write_text(f"[shop]\\nhost=127.0.0.1\\nport={DATABASES['default']['PORT']}\\n"
                   f"user=postgres\\ndbname={DATABASES['default']['NAME']}\\n")
os.environ["PGSERVICEFILE"] = str(service.absolute())
DATABASES["by_service"] = entry(OPTIONS={"service": "shop"})
DATABASES["by_role"] = {**DATABASES["default"], "OPTIONS": {"assume_role": 'the "owner"'}}
DATABASES["down"] = entry(NAME="shop", USER="ana", PASSWORD="sesame", HOST="127.0.0.1", PORT=1)
DATABASES["nameless"] = entry()
DATABASES["broken"] = {"ENGINE": "no.such.backend", "NAME": "x"}
DATABASES["file"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}
"""


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_connections_are_made_as_django_makes_them(on_postgres: Callable[..., Host], driver: str) -> None:
    """By a service file, as an assumed role; what cannot be is said with the alias and without a password."""
    host = on_postgres()
    host.set(more=BY_SERVICE + (WITHOUT_PSYCOPG if driver == "psycopg2" else ""))
    said = host.answers(
        JOURNAL
        + """
from django.db import connections
with connections["default"].cursor() as cursor:
    cursor.execute('CREATE ROLE "the ""owner""\"')
    cursor.execute(f'GRANT CREATE ON DATABASE "{connections["default"].settings_dict["NAME"]}" TO "the ""owner""\"')
opened("django://by_role").close()
with opened("django://by_service", create=False).reading() as inside:
    made_by = inside.exec_driver_sql("SELECT tableowner FROM pg_tables WHERE tablename = 'event'").scalar()
faults = [refused(f"django://{each}", create=False) for each in ("down", "nameless", "file", "missing", "broken")]
with connections["default"].cursor() as cursor:
    cursor.execute("DROP SCHEMA nbrunbook CASCADE")
    cursor.execute('DROP OWNED BY "the ""owner""\"')
    cursor.execute('DROP ROLE "the ""owner""\"')
print(json.dumps([made_by, opened("django://by_service").where, *faults]))
"""
    )
    assert isinstance(said, list)
    made_by, by_service, down, nameless, file, missing, broken = said
    assert made_by == 'the "owner"'
    assert by_service == 'postgresql:///shop (DATABASES["by_service"], schema nbrunbook)'
    assert 'postgresql://ana@127.0.0.1:1/shop (DATABASES["down"], schema nbrunbook): ' in down
    assert "refused" in down
    assert "sesame" not in down
    assert 'DATABASES["nameless"]: settings.DATABASES is improperly configured' in nameless
    assert 'DATABASES["file"] is sqlite, which has no schemas for a journal' in file
    assert "one of DATABASES: default, by_service, by_role, down, nameless, broken, file" in missing
    assert "DATABASES[\"broken\"]: 'no.such.backend' isn't an available database backend" in broken


def test_a_whole_life_beside_tables_of_the_same_names(on_postgres: Callable[..., Host], postgres: Server) -> None:
    """The site's own table `event`, with a rule of its own, is neither looked at nor touched, in a copy either."""
    host, second = on_postgres(), postgres.fresh()
    host.databases["second"] = hosts.postgres(second)
    host.set()
    host.write("templates/1.0.md", "- [ ] Look at it {#look}\n- [ ] Say so {#say}\n")
    said = host.run(
        JOURNAL
        + """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE event (id int); CREATE TABLE schema_version (version int, needs text)")
    cursor.execute("INSERT INTO schema_version VALUES (99, 'somebody else')")
    cursor.execute("CREATE RULE nothing AS ON INSERT TO event DO INSTEAD NOTHING")
from nbrunbook import commands
os.environ["NBRUNBOOK_OPERATOR"] = "ana"
key = "production/1.0"
for verb in (["journal", "init"], ["instantiate", "templates/1.0.md", "-e", "production"], ["tick", key, "look"],
             ["tick", key, "say", "--note", "a token"], ["sign-off", key], ["verify", "--all"], ["journal", key],
             ["journal", "copy", "django://second"]):
    assert commands.run_line(verb) == 0, verb
print(opened("django://second", create=False).projects())
with connection.cursor() as cursor:
    cursor.execute("SELECT (SELECT count(*) FROM event), count(*), (SELECT version FROM schema_version) "
                   "FROM nbrunbook.event")
    print(cursor.fetchone())
"""
    )
    assert said.splitlines()[-2:] == ["['shop']", "(0, 4, 99)"]
    postgres.drop(second)


def test_a_url_is_opened_in_a_site_as_its_own_database_is(postgres: Server, bouncer: Bouncer, tmp_path: Path) -> None:
    """No setting stays with pgbouncer's connection, none of ours is kept, and psycopg2 alone is enough."""
    url = postgres.fresh()
    host = Host(tmp_path / "shop", databases={"default": hosts.postgres(bouncer.url(url))}, more=WITHOUT_PSYCOPG)
    journal = postgres.with_schema()
    named = JOURNAL.replace("django://default", bouncer.url(journal))
    said = host.answers(named + 'ROUNDS = 3\ncall("migrate", verbosity=0)\n' + MIXED)
    assert said == [[], 18, "psycopg2"]
    for each in (url, journal):
        postgres.drop(each)


def test_what_is_kept_is_closed_as_django_closes_its_own(on_postgres: Callable[..., Host]) -> None:
    """When a request ends, once it is as old as CONN_MAX_AGE says; a view's rollback takes nothing of ours back."""
    host = on_postgres(CONN_MAX_AGE=1e-6)
    said = host.answers(
        JOURNAL
        + """
from django.core.signals import request_finished
from django.db import connections, transaction
from nbrunbook.journal import writing
from nbrunbook.runbook.events import digest
journal = opened()
def kept():
    with connections["default"].cursor() as cursor:
        for _ in range(2000):
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'nbrunbook' "
                           "AND datname = current_database()")
            (count,) = cursor.fetchone()
            if count == expected:
                break
        return count
with transaction.atomic():
    with journal.writing("x") as inside:
        writing.keep_plan(inside, "{}")
    transaction.set_rollback(True)
expected = 1
stays, before = journal.plan_text(digest("{}")), kept()
request_finished.send(None)
expected = 0
print(json.dumps([stays, before, kept()]))
"""
    )
    assert said == ["{}", 1, 0]
