"""Where a site's journal is."""

from __future__ import annotations

from tests.databases import Server
from tests.django import hosts
from tests.django.hosts import Host

PLACES = """
from django.conf import settings
from django.db.utils import ConnectionHandler
from nbrunbook.errors import NbrunbookError
from nbrunbook.django import journal_place, site

def place(databases, setting=None, env=None):
    settings.NBRUNBOOK = {"NAME": "shop", **(setting or {})}
    journal_place.connections = ConnectionHandler({
        alias: {"ENGINE": kind if "_like" in kind else f"django.db.backends.{kind}", "NAME": name}
        for alias, (kind, name) in databases.items()
    })
    os.environ.pop("NBRUNBOOK_JOURNAL", None)
    os.environ.update({"NBRUNBOOK_JOURNAL": env} if env else {})
    try:
        return site.project().journal
    except NbrunbookError as error:
        return f"refused: {error}"
"""
"""One process asks for many sites."""


def places(host: Host, *sites: str) -> list[str]:
    """Return the journal of each site, or why it has none; each is written as the arguments of `place`."""
    asked = ", ".join(f"place({each})" for each in sites)
    found = host.answers(f"{PLACES}\nprint(json.dumps([{asked}]))")
    assert isinstance(found, list)
    return found


def test_the_order_in_which_a_journal_is_looked_for(host: Host) -> None:
    """The variable comes before DATABASE, that before JOURNAL, and that before the site's own database."""
    two = "{'default': ('sqlite3', '/srv/db.sqlite3'), 'ops': ('postgresql', 'ops')}"
    named = "{'DATABASE': 'ops', 'JOURNAL': '/srv/journal.db'}"
    assert places(
        host,
        f"{two}, {named}, '/srv/named.db'",
        f"{two}, {named}",
        f"{two}, {{'JOURNAL': '/srv/journal.db'}}",
        f"{two}, {{'JOURNAL': 'postgresql://db/ops'}}",
        two,
        "{'default': ('postgresql', 'shop')}",
    ) == [
        "sqlite:////srv/named.db",
        "django://ops",
        "sqlite:////srv/journal.db",
        "postgresql://db/ops?require_auth=!password,!md5",
        "sqlite:////srv/db.nbrunbook.sqlite3",
        "django://default",
    ]


def test_the_site_s_own_database_serves_one_environment(host: Host) -> None:
    """Several environments share a journal, which is named; a database of one of them is not taken for it."""
    own = "{'default': ('postgresql', 'shop'), 'ops': ('postgresql', 'ops')}"
    one, two = "'ENVIRONMENTS': {'eu': {}}", "'ENVIRONMENTS': {'eu': {}, 'us': {}}"
    alone, refused, named = places(
        host, f"{own}, {{{one}}}", f"{own}, {{{two}}}", f"{own}, {{{two}, 'DATABASE': 'ops'}}"
    )
    assert (alone, named) == ("django://default", "django://ops")
    assert refused.startswith("refused: no journal is named, and this site has 2 environments (eu, us)")
    assert "NBRUNBOOK_JOURNAL=postgresql+psycopg://" in refused


OTHER = """
from django.db.backends.dummy.base import DatabaseWrapper as Dummy

class DatabaseWrapper(Dummy):
    vendor = {vendor!r}
"""
"""A database of another kind, whose driver need not be there."""


def test_databases_that_keep_no_journal_are_refused(host: Host) -> None:
    """MySQL, Oracle, memory, none and an unknown alias: each hears what would do, and nothing is connected."""
    for vendor in ("mysql", "oracle"):
        host.write(f"{vendor}_like/base.py", OTHER.format(vendor=vendor))
    file = "('sqlite3', '/srv/db.sqlite3')"
    found = places(
        host,
        "{'default': ('mysql_like', 'shop')}",
        f"{{'default': {file}, 'old': ('oracle_like', 'shop')}}, {{'DATABASE': 'old'}}",
        "{'default': ('mysql', 'shop')}",
        "{'default': ('dummy', '')}",
        "{'default': ('sqlite3', ':memory:')}",
        "{'default': ('sqlite3', 'file:shared?mode=memory&cache=shared')}",
        f"{{'default': {file}}}, {{'DATABASE': 'ops'}}",
    )
    said = [each.partition(";")[0] for each in found]
    own, named = "refused: no journal is named, and the database 'default'", 'as settings.NBRUNBOOK["DATABASE"] says,'
    assert said == [
        f"{own} is MySQL, which keeps no journal",
        f"refused: the database 'old', {named} is Oracle, which keeps no journal",
        f"{own} cannot be loaded (Error loading MySQLdb module. ⏎ Did you install mysqlclient?)",
        f"{own} is no database, which keeps no journal",
        f"{own} is in memory, which keeps no journal",
        f"{own} is in memory, which keeps no journal",
        f"refused: the database 'ops', {named} does not exist",
    ]
    assert sum("NBRUNBOOK_JOURNAL=" in each for each in found) == 5


def test_the_site_s_own_database_takes_no_other_environment_s_runbooks(host: Host) -> None:
    """Another environment has another database: to wait for it is to name a journal, and nothing is made here."""
    host.write("templates/1.0.md", "- [ ] Look at it {#look}\n")
    found = host.answers("""
    from nbrunbook import commands
    asked = [["instantiate", "templates/1.0.md", "-e", "staging"], ["skip", "staging/1.0", "--reason", "none"]]
    said = [commands.called(each)[1] for each in asked]
    os.environ["NBRUNBOOK_JOURNAL"] = "named.db"
    print(json.dumps([*said, commands.called(asked[0])]))
    """)
    assert isinstance(found, list)
    words = "the journal is in the database of production, and staging cannot reach it; expected production; "
    assert [each[: len(words)] for each in found[:2]] == [words, words]
    assert found[2] == [0, ""]
    assert not (host.root / "db.nbrunbook.sqlite3").exists()


def test_a_journal_moves_into_another_database_of_the_site_s(host: Host, postgres: Server) -> None:
    """`journal copy django://ALIAS` brings it into a schema there, says what the settings then say, and it goes on."""
    url = postgres.fresh()
    host.databases["ops"] = hosts.postgres(url)
    host.set()
    host.template("1.0", "- [ ] Look {#look}\n")
    done = host.manage("runbook", "instantiate", "--pending")
    assert done.returncode == 0, done.stderr
    copied = host.manage("runbook", "journal", "copy", "django://ops")
    assert "made; new there: 1 runbook, 1 event" in copied.stdout
    assert 'then NBRUNBOOK = {"DATABASE": "ops"} in the settings goes on there; keep the old one' in copied.stderr
    host.set(DATABASE="ops")
    assert "production/1.0  0 of 1 done  open" in host.manage("runbook", "status").stdout
    postgres.drop(url)
