"""PostgreSQL: what a chunk needs beside its author's statements goes in the messages of BEGIN and COMMIT."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from nbrunbook.batches.cursor import (
    COLUMNS,
    FIELDS,
    MOVED,
    NAMED,
    NUMBERS,
    QUARANTINE,
    TABLE,
    TEXT_COLUMNS,
    Mark,
    Row,
    tables,
)
from nbrunbook.batches.store import LOCK_SECONDS, EndedError
from nbrunbook.errors import NbrunbookError

if TYPE_CHECKING:
    from nbrunbook.batches.db import Db

CLOCK = "EXTRACT(EPOCH FROM clock_timestamp())::float8"
"""Not now(), which stands still within a transaction: a chunk that took longer than a lease would be given away."""
SAME = "pg_current_xact_id() = '{begun}'"
"""Whether this is the transaction that the chunk began: after a COMMIT within it, it is not."""
CONNECT_SECONDS = "10"
PREPARED_AFTER = 5
"""How often a statement of an author's is sent before it is prepared by name."""
_pooled: set[URL] = set()
"""Where a pooler before the server lost names that were prepared: there nothing is any more."""
ALIVE = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3", "tcp_user_timeout": "60000"}
"""So that a server that is gone without a word is noticed within a minute."""
NUL = "\x00"
READ_AS: list[Callable[[bytes], Any]] = [
    bytes.decode if name in TEXT_COLUMNS else float if name in NUMBERS else int for name in FIELDS
]
"""How libpq's text of each column is read."""
TABLES = re.compile(rf"\b({TABLE}|{QUARANTINE})\b")
PLACEHOLDER = re.compile(r"(?<![:\w]):([a-z_][a-z_0-9]*)")


def opener(url: URL, password: str | None, name: str) -> Callable[[], Any]:
    """Return what connects; what the URL's query says (sslmode, require_auth, options …) is libpq's."""
    try:
        import psycopg
    except ImportError:
        raise NbrunbookError(
            f"the database {name} is PostgreSQL, and psycopg is not installed", "", "pip install 'nbrunbook[postgres]'"
        ) from None
    # Of an error within a pipeline it tells the end as well, with the place: the error itself is told by us.
    logging.getLogger("psycopg").addHandler(logging.NullHandler())
    query = {each: text if isinstance(text, str) else ",".join(text) for each, text in url.query.items()}
    place = url.translate_connect_args(username="user", database="dbname")
    asked = {"application_name": "nbrunbook", "connect_timeout": CONNECT_SECONDS, **ALIVE, **query}
    asked["client_encoding"] = "utf8"  # whatever the server's is: it converts
    asked |= {each: str(value) for each, value in place.items()}
    conninfo = psycopg.conninfo.make_conninfo(**asked, **({"password": password} if password else {}))

    def connect() -> Any:
        return psycopg.connect(conninfo, autocommit=True, prepare_threshold=None if url in _pooled else PREPARED_AFTER)

    return connect


def literal(value: object) -> str:
    """Return a value as SQL, whatever standard_conforming_strings says."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return repr(value)
    text = str(value).replace(NUL, "").replace("'", "''")
    return "E'" + text.replace("\\", "\\\\") + "'" if "\\" in text else f"'{text}'"


def _in_ascii(value: Any) -> Any:
    """Return a text as any encoding of a server's holds it: else an error's could not be written down."""
    return value.encode("ascii", "backslashreplace").decode() if isinstance(value, str) else value


def filled(sql: str, values: Mapping[str, Any]) -> str:
    """Return a statement whose `:name`s are literals: several go in one message so."""
    return PLACEHOLDER.sub(lambda match: literal(values[match[1]]), sql)


class Postgres:
    """The cursors' side of a connection. See `store.Store`."""

    kind, is_fenced, skip_locked, breath_seconds = "postgresql", True, " FOR UPDATE SKIP LOCKED", 0.0
    or_nothing = " ON CONFLICT DO NOTHING"

    def __init__(self, db: Db) -> None:
        import psycopg

        self.errors: tuple[type[Exception], ...] = (sa.exc.SQLAlchemyError, psycopg.Error)
        self.db, self._psycopg = db, psycopg
        url = db.engine.url
        self.where = URL.create("postgresql", url.username, None, url.host, url.port, url.database).render_as_string()
        driver: Any = db.connection.driver_connection
        self._is_unicode = driver.info.parameter_status("server_encoding") == "UTF8"
        self._driver, self._cursor = driver, driver.cursor()
        self._division: type[Exception] = psycopg.errors.DivisionByZero
        self._in_error, self._idle = psycopg.pq.TransactionStatus.INERROR, psycopg.pq.TransactionStatus.IDLE
        self._begun: bytes | None = None
        """The transaction of the chunk that goes on."""
        self._before = Row()
        """The cursor as that chunk found it."""
        self._ours: dict[tuple[Mark, int], str] = {}
        self._schema = ""
        self._find_schema("RESET ALL; RESET SESSION AUTHORIZATION; ")  # an author's SET outlives its chunk

    def _find_schema(self, before: str = "") -> bool:
        """Look in which schema the cursors are: an author may set another search_path within a chunk."""
        name = literal(f"{self._schema}{TABLE}")
        query = f"SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = to_regclass({name})"  # noqa: S608
        found = self._send(f"{before}{query}").fetchone()
        self._schema = f"{found[0]}." if found else self._schema
        return found is not None

    def _filled(self, sql: str, values: Mapping[str, Any]) -> str:
        """Return a statement on the tables where they are, with its values."""
        given = values if self._is_unicode else {name: _in_ascii(value) for name, value in values.items()}
        return filled(TABLES.sub(lambda match: self._schema + match[0], sql), given)

    @property
    def clock(self) -> str:
        """SQL of the seconds since 1970."""
        return CLOCK

    def _send(self, sql: str) -> Any:
        """Send one message of any number of statements, and return the cursor at the result of the last."""
        cursor = self._cursor
        cursor.execute(sql, prepare=False)
        while cursor.nextset():
            pass
        return cursor

    def _exchange(self, sql: str) -> Any:
        """Send one message and return the last result, by libpq itself: it is faster, and a chunk has two of these."""
        psycopg, pgconn = self._psycopg, self._driver.pgconn
        found = pgconn.exec_(sql.encode(self._driver.info.encoding))
        if found.status in (psycopg.pq.ExecStatus.TUPLES_OK, psycopg.pq.ExecStatus.COMMAND_OK):
            return found
        if pgconn.status != psycopg.pq.ConnStatus.OK:
            raise psycopg.OperationalError(pgconn.get_error_message())
        raise psycopg.errors.error_from_result(found, self._driver.info.encoding)

    def execute(self, sql: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Run a statement, and return its first row."""
        rows = self.rows(sql, values)
        return rows[0] if rows else None

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return all rows of a statement."""
        cursor = self._send(self._filled(sql, values))
        return cursor.fetchall() if cursor.description else []

    def has_table(self, name: str) -> bool:
        """Tell whether a table is there."""
        if name == TABLE:
            return self._find_schema()
        return (
            self.execute("SELECT 1 WHERE to_regclass(:name) IS NOT NULL", {"name": f"{self._schema}{name}"}) is not None
        )

    def make(self) -> None:
        """Make both tables."""
        for each in tables(self.kind):
            self.execute(each, {})

    def is_refused(self, error: Exception) -> bool:
        """Tell whether an error says that this role may not do that, or that nothing can be written there."""
        return getattr(getattr(error, "orig", error), "sqlstate", None) in ("42501", "25006")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Begin and commit a few statements of our own."""
        self._send(_begin(LOCK_SECONDS))
        try:
            yield
            self._send("COMMIT")
        except BaseException:
            self.abort()
            raise

    def fence(self, mark: Mark, generation: int, lease_seconds: float) -> Row | None:
        """Begin, lock the cursor and read it, in one message."""
        found = self._exchange(
            f"{_begin(lease_seconds)}SELECT {COLUMNS}, pg_current_xact_id() FROM {self._schema}{TABLE} "  # noqa: S608
            f"WHERE {self._of(mark, generation)} AND state = 'open' FOR UPDATE"
        )
        if found.ntuples == 0:
            self.abort()
            return None
        self.db.begin()
        *said, self._begun = [found.get_value(0, at) for at in range(found.nfields)]
        values: list[Any] = [each if each is None else read(each) for each, read in zip(said, READ_AS, strict=True)]
        self._before = Row(*values)
        return self._before

    def move(self, mark: Mark, generation: int, row: Row, lease_seconds: float) -> None:
        """Move the cursor and commit, in one message, whose COMMIT is not reached where no row was moved."""
        was, begun, self._begun = self._before._asdict(), (self._begun or b"0").decode(), None
        moved = {name: value for name, value in row._asdict().items() if name in MOVED and value != was[name]}
        sets = self._filled("".join(f"{name} = :{name}, " for name in moved), moved)
        try:
            self._exchange(
                f"WITH moved AS (UPDATE {self._schema}{TABLE} SET {sets}lease_until = {CLOCK} + {lease_seconds!r} "  # noqa: S608
                f"WHERE {self._of(mark, generation)} AND {SAME.format(begun=begun)} "
                "RETURNING 1) SELECT 1 / count(*) FROM moved; COMMIT"
            )
        except self._division as error:
            self.abort()
            raise EndedError from error
        self.db.commit()

    def _of(self, mark: Mark, generation: int) -> str:
        """Return the condition that names a cursor as it was claimed: each chunk asks for it twice."""
        found = self._ours.get((mark, generation))
        if found is None:
            found = self._ours[mark, generation] = f"{self._filled(NAMED, mark.values)} AND generation = {generation}"
        return found

    def abort(self) -> bool:
        """Roll back whatever there is."""
        begun, self._begun = self._begun, None
        is_another = begun is not None and self._has_left(begun)
        try:
            self._driver.rollback()
            if self.db.in_transaction():
                self.db.rollback()
        except Exception:
            with contextlib.suppress(Exception):
                self.db.invalidate()
            return False
        return is_another or (begun is not None and self._is_committed(begun))

    def _has_left(self, begun: bytes) -> bool:
        """Tell whether another transaction than that of the chunk goes on, or none; one that failed does not say it."""
        if self.is_failed():
            return False
        try:
            return self.has_ended() or bool(self._exchange("SELECT pg_current_xact_id()").get_value(0, 0) != begun)
        except self.errors:
            return False

    def _is_committed(self, begun: bytes) -> bool:
        """Tell whether what a chunk did stands, though it was rolled back: somebody had committed it."""
        try:
            return bool(self._exchange(f"SELECT pg_xact_status('{begun.decode()}')").get_value(0, 0) == b"committed")
        except self.errors:
            return False

    def lost(self, error: BaseException) -> None:
        """Learn from an error that ends the connection."""
        if getattr(getattr(error, "orig", error), "sqlstate", None) in ("26000", "42P05"):
            _pooled.add(self.db.engine.url)

    def check(self) -> None:
        """Ask those that are deferrable; they are deferred then until the next time, or COMMIT."""
        self._send("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")

    def is_failed(self) -> bool:
        """Tell whether a statement failed in this transaction, and nobody rolled back to a savepoint before it."""
        return bool(self._driver.info.transaction_status == self._in_error)

    def has_ended(self) -> bool:
        """Tell whether there is none."""
        return bool(self._driver.info.transaction_status == self._idle)


def _begin(idle_seconds: float) -> str:
    """BEGIN, with waits that end: a runner that froze is disconnected, and its rows are free again."""
    return (
        f"BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = {int(LOCK_SECONDS * 1000)}; "
        f"SET LOCAL idle_in_transaction_session_timeout = {max(1, int(idle_seconds * 1000))}; "
    )
