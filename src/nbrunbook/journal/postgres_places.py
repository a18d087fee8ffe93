"""Places in PostgreSQL: which database, and what it is called; a URL is read here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from nbrunbook.errors import JournalError

SCHEMES = ("postgresql+psycopg", "postgresql", "postgres")
"""What a URL may begin with."""
MADE_BY = "'nbrunbook journal init' makes one in it"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A database of PostgreSQL, and how much of it is the journal's own."""

    where: str
    """What to call it in messages: never with a password."""
    parameters: Callable[[], dict[str, str]] = field(repr=False, compare=False)
    """What to connect with, by libpq's names, asked each time: passwords may change."""
    driver: str = ""
    """psycopg or psycopg2; empty for whichever is installed."""
    is_shared: bool = False
    """Whether a site's application uses it, too: all settings are of a transaction then, reads are in one, statements
    are not prepared, and the server's connection may be another one each time (pgbouncer)."""
    schema: str = ""
    """The journal's, in a database that is somebody else's; empty for a database, or a search path, of its own."""
    role: str = ""
    """Whom to become in each transaction, where it is shared."""
    keep_seconds: float | None = None
    """How long a process keeps its one connection, where it is shared: 0 for not at all, None for ever."""
    key: str = field(default="", repr=False)
    """What else tells it from another place of the same name: a URL's options."""
    missing: str = MADE_BY
    """What to do where there is no journal."""


def place_of(url: str) -> Place:
    """Return the place of a URL; JournalError, which shows no password, for one that cannot be read."""
    parsed = _parsed(url)
    return Place(where=shown(parsed), parameters=lambda: _parameters(parsed))


def _parameters(url: URL) -> dict[str, str]:
    query = {name: text if isinstance(text, str) else ",".join(text) for name, text in url.query.items()}
    place = url.translate_connect_args(username="user", database="dbname")
    return {**query, **{name: str(each) for name, each in place.items()}}


def _parsed(url: str) -> URL:
    refused = JournalError(
        f"the journal {hidden(url)}",
        "postgresql+psycopg://USER@HOST/DATABASE",
        "write @ : / in a password as %40 %3A %2F, or give it with PGPASSWORD or ~/.pgpass",
    )
    try:
        parsed = make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise refused from None
    if parsed.drivername not in SCHEMES or "@" in (parsed.host or "") or not parsed.database:
        raise refused
    return parsed


def hidden(url: str) -> str:
    """Return a URL that could not be read, without whatever may be a password."""
    scheme, _, rest = url.partition("?")[0].partition("://")
    at = rest.rfind("@")
    return f"{scheme}://…{rest[at:]}" if at >= 0 else f"{scheme}://…"


def shown(url: URL) -> str:
    """Return what to call a database: never with a password, nor with what follows the `?`."""
    return URL.create("postgresql", url.username, None, url.host, url.port, url.database).render_as_string()
