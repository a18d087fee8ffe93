"""Databases: [tool.nbrunbook.databases], the places of the data that batches go through. Pure facts; none is opened.

What is written there may hold a password by mistake: no error shows a URL, or a value that could be one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from nbrunbook.errors import ConfigurationError, NbrunbookError, nearest
from nbrunbook.project import paths
from nbrunbook.project.journal_urls import without_passwords
from nbrunbook.project.names import check_name
from nbrunbook.texts import listed

KEYS = ("url", "password")
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
"""What the name of an environment variable looks like; a literal secret seldom does."""
URL = re.compile(r"(?P<kind>[a-z][a-z0-9_]*(?:\+[a-z0-9_]+)?)://(?P<place>[^?]*)(?:\?(?P<query>.*))?")
HAS_PASSWORD = re.compile(r"[^:/@]*:[^@]*@")
"""A place with a password, as SQLAlchemy reads it: it begins behind the first colon and ends at an @."""
PLACE = re.compile(r"(?:[^:/@]*@)?(?:\[[^/@\]]+\]|[^:/@]*)(?::\d{1,5})?(?:/[^@]*)?")
"""USER@HOST:PORT/DATABASE, each of which may be missing."""
NAME_IT = "name it in [tool.nbrunbook.databases] of pyproject.toml, or in [databases] of nbrunbook.toml"
SERVER = re.compile(r"(postgresql\+psycopg://(?:[^@/]*@)?)(?P<host>\[[^]]+\]|[^:/?]+)(?::(?P<port>\d+))?")
HERE = ("localhost", "[::1]")
LONGEST_URL = 2000
MOST = 2000
POSTGRES = ("postgresql+psycopg", "postgresql", "postgres")
SQLITE = ("sqlite", "sqlite+pysqlite")
"""What a URL of one begins with; there are other kinds, for batches that may be repeated."""
LIBPQ = frozenset(
    [
        "application_name",
        "channel_binding",
        "connect_timeout",
        "gssencmode",
        "host",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "load_balance_hosts",
        "options",
        "port",
        "sslcert",
        "sslcrl",
        "sslkey",
        "sslmode",
        "sslnegotiation",
        "sslrootcert",
        "target_session_attrs",
        "tcp_user_timeout",
    ]
)
"""What may stand behind the ? of PostgreSQL's URL (https://www.postgresql.org/docs/current/libpq-connect.html).

Nothing by which whoever writes it says how a password is sent, or from which file.
"""
ASYNC = re.compile(r"\+.*(aio|async)|_async")
EXAMPLE = "a URL such as postgresql+psycopg://USER@HOST/DATABASE or sqlite:///PATH"
SECRETS = "a URL without a password, and with password = the name of the environment variable that holds it"


@dataclass(frozen=True, kw_only=True)
class Database:
    """One database, as the configuration names it."""

    name: str
    url: str
    """SQLAlchemy's, without a password; a path of SQLite's is absolute, and PostgreSQL's host gets none in clear."""
    password: str | None = None
    """The environment variable that holds the password; None where none is needed."""


def declared_databases(root: Path, path: Path, table: Mapping[str, Any]) -> dict[str, Database]:
    """Return the databases in a table, by name; ConfigurationError, with `path`, for what is not known."""
    found: dict[str, Database] = {}
    if len(table) > MOST:
        raise ConfigurationError(path, f"{len(table):,} databases", f"at most {MOST:,}")
    for name, said in table.items():
        if "://" in name:
            raise ConfigurationError(path, "a database is called by a URL (it is not shown)", "a name such as eu")
        check_name(name, "database")
        found[name] = _database(root, name, said, _Refusing(path, f"databases.{name}"))
    return found


def chosen(databases: Mapping[str, Database], names: Iterable[str]) -> tuple[Database, ...]:
    """Return those of some names, in their order.

    NbrunbookError, which lists the known, for a name that the configuration has not, and for two names of one database:
    each would go through all of its rows.
    """
    found: dict[str, Database] = {}
    for name in names:
        if name not in databases:
            close = nearest(name, databases)
            known = f"one of: {listed(list(databases), 12)}" if databases else ""
            do = f"did you mean {close!r}?" if close else NAME_IT
            raise NbrunbookError(f"unknown database {name!r}", known, do)
        found[name] = databases[name]
    by_url: dict[str, str] = {}
    for each in found.values():
        other = by_url.setdefault(_place(each.url), each.name)
        if other != each.name:
            raise NbrunbookError(f"{other!r} and {each.name!r} are one database", "each database once")
    return tuple(found.values())


def _place(url: str) -> str:
    """Where it leads in the end, past links, other names of this computer, and a port that need not be said."""
    kind, _, path = url.partition(":///")
    if kind == "sqlite":
        return os.path.realpath(path)
    match = SERVER.match(url)
    if match is None:
        return url
    host = match["host"].lower()
    return f"{match[1]}{'127.0.0.1' if host in HERE else host}:{match['port'] or 5432}{url[match.end() :]}"


@dataclass(frozen=True)
class _Refusing:
    """What is said of what cannot be used: what was written never is."""

    path: Path
    here: str

    def __call__(self, found: str, expected: str) -> ConfigurationError:
        return ConfigurationError(self.path, f"{self.here}{found}", expected)


def _database(root: Path, name: str, said: object, refused: _Refusing) -> Database:
    facts = {"url": said} if isinstance(said, str) else said
    if not isinstance(facts, dict):
        raise refused(" is neither a text nor a table", "a URL, or a table with url and password")
    for key in facts:
        if key not in KEYS:
            raise refused(f" has an unknown key {key if key.isidentifier() else ''}".rstrip(), " and ".join(KEYS))
    fault = next(_faults(facts.get("url")), None)
    if fault:
        raise refused(f": {fault[0]} (which is not shown, since it may hold a password)", fault[1])
    kind, _, place = facts["url"].partition("://")
    password = facts.get("password")
    if password is not None and not (isinstance(password, str) and VARIABLE.fullmatch(password)):
        found = ".password is no name of an environment variable (it is not shown)"
        raise refused(found, "a name in capitals, such as EU_PASSWORD; the password itself stands in no file")
    if password is not None and kind in SQLITE:
        raise refused(" has a password", "none: SQLite knows no passwords")
    return Database(name=name, url=_whole(root, kind, place), password=password)


def _whole(root: Path, kind: str, place: str) -> str:
    """A URL as SQLAlchemy wants it, wherever it is opened from."""
    if kind in SQLITE:
        return f"sqlite:///{paths.plain(root / place[1:])}"
    return without_passwords(f"postgresql+psycopg://{place}") if kind in POSTGRES else f"{kind}://{place}"


def _faults(url: object) -> Iterator[tuple[str, str]]:
    """What is wrong with a URL, and what is expected."""
    match = URL.fullmatch(url) if isinstance(url, str) and len(url) <= LONGEST_URL else None
    if match is None or not match[0].isprintable() or any(map(str.isspace, match[0])):
        yield "its URL is none", EXAMPLE
        return
    kind, place, query = match["kind"], match["place"], match["query"] or ""
    keys = {key.lower() for key, _ in parse_qsl(query, keep_blank_values=True)}
    if kind in SQLITE:
        file = unquote(place).removeprefix("/")
        if not place.startswith("/") or not file or file.startswith((":memory:", "file:")) or query:
            yield "its URL names no file of SQLite's", "sqlite:///PATH, and nothing behind it"
        return
    if HAS_PASSWORD.match(f"{place}?{query}") or any("password" in each for each in keys):
        yield "its URL holds a password", SECRETS
    unknown = sorted(keys - LIBPQ) if kind in POSTGRES else []
    if unknown:
        yield (
            f"its URL says {unknown[0] if unknown[0].isidentifier() else 'what is not known'}",
            ", ".join(sorted(LIBPQ)),
        )
    if not PLACE.fullmatch(place):
        yield "its URL is none", EXAMPLE
    if kind.startswith(("postgres", "sqlite")) and kind not in POSTGRES:
        yield f"its driver is {kind.partition('+')[2]}", "postgresql+psycopg, or sqlite"
    if ASYNC.search(kind):
        yield f"its driver is {kind.partition('+')[2]}", "one that is called and returns: no asynchronous one"
