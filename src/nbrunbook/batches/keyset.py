"""`keyset`: the common way to fetch. It goes up an unchanging key, and locks the rows that it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from nbrunbook.errors import NbrunbookError
from nbrunbook.texts import short

TAG = "nbrunbook"
"""What stands in a cursor for a value that JSON has none for: {"nbrunbook": its type, "text": …}."""
MOST_LOOKS = 100
"""How often rows are looked for that are there, and could not be locked: by a policy of PostgreSQL's they never can."""
READ_BACK = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "Decimal": Decimal,
    "UUID": UUID,
    "bytes": bytes.fromhex,
}


def keyset(
    db: sa.Connection,
    query: str | sa.Select[Any],
    *,
    key: str | Sequence[str],
    batch_size: int,
    cursor: Any,
    parameters: Mapping[str, Any] | None = None,
    lock: bool = True,
) -> tuple[list[Any], Any] | None:
    """Return the next rows of a query behind a cursor, by its key, and the cursor behind them; None at the end.

    `query` is SQL with the `:name`s of `parameters`, or SQLAlchemy's select(), without an order and a limit of its own.
    `key` names columns of its result that nobody changes, together unique and never NULL: such as id, or created_at
    and id. Rows are locked until the chunk's end (on PostgreSQL; `lock=False` for a query that cannot), so that nobody
    changes what process has read.
    """
    names = (key,) if isinstance(key, str) else tuple(key)
    if not names or batch_size < 1:
        raise NbrunbookError("keyset has no key, or no batch_size", 'such as key="id", and at least one row')
    after = () if cursor is None else _values(cursor, names)

    def read(most: int, *, locked: bool) -> list[Any]:
        statement: sa.TextClause | sa.Select[Any]
        if isinstance(query, str):
            statement, more = _text(query, names, bool(after), locked and _locks(db)), parameters or {}
        else:
            statement, more = _select(query, names, after, locked and _locks(db)), {}
        behind = {f"{TAG}_{at}": value for at, value in enumerate(after)} if isinstance(query, str) else {}
        return list(db.execute(statement, {**more, **behind, f"{TAG}_most": most}).all())

    rows = _read(read, batch_size + 1, locked=lock and _locks(db))
    if not rows:
        if after and _has_null(db, query, names, parameters or {}):
            raise _null(names)
        return None
    if len(rows) > batch_size:
        beyond = _key(rows.pop(), names)
        if beyond == _key(rows[-1], names):
            raise NbrunbookError(
                f"keyset: two rows have the key {', '.join(names)} = {_shown(beyond)}, and one would be passed over",
                "a key that is unique",
                f'add a column that tells them apart: key=("{names[0]}", "id")',
            )
    return rows, _cursor(_key(rows[-1], names))


def _read(read: Callable[..., list[Any]], most: int, *, locked: bool) -> list[Any]:
    """Read rows, once more where all that were there have been changed while we waited for their locks."""
    for _ in range(MOST_LOOKS):
        rows = read(most, locked=locked)
        if rows or not locked or not read(1, locked=False):
            return rows
    raise NbrunbookError("keyset: this role sees rows that it cannot lock", "the right to change them")


def _has_null(db: sa.Connection, query: str | sa.Select[Any], names: tuple[str, ...], given: Mapping[str, Any]) -> bool:
    """Tell whether a row has no key: it is behind no cursor, so nobody would see it."""
    if isinstance(query, str):
        columns = " OR ".join(f"{_quoted(name)} IS NULL" for name in names)
        rows = f"({query.strip().rstrip(';')}\n) AS {TAG}_rows"
        return db.execute(sa.text(f"SELECT 1 FROM {rows} WHERE {columns} LIMIT 1"), given).first() is not None  # noqa: S608
    found = query.subquery(f"{TAG}_rows")
    absent = sa.or_(*(found.c[name].is_(None) for name in names))
    return db.execute(sa.select(sa.literal(1)).select_from(found).where(absent).limit(1)).first() is not None


def _null(names: Sequence[str]) -> NbrunbookError:
    return NbrunbookError(f"keyset: a row has no {' and '.join(names)}", "a key that is never NULL")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _locks(db: sa.Connection) -> bool:
    """SQLite has one lock for all, which a chunk holds anyway."""
    return db.dialect.name != "sqlite"


@lru_cache(maxsize=64)
def _text(query: str, names: tuple[str, ...], is_behind: bool, is_locked: bool) -> sa.TextClause:
    columns = ", ".join(map(_quoted, names))
    values = ", ".join(f":{TAG}_{at}" for at in range(len(names)))
    behind = f" WHERE ({columns}) > ({values})" if is_behind else ""
    locked = " FOR UPDATE" if is_locked else ""
    statement = sa.text(
        f"SELECT * FROM ({query.strip().rstrip(';')}\n) AS {TAG}_rows{behind} "  # noqa: S608
        f"ORDER BY {columns} LIMIT :{TAG}_most{locked}"
    )
    # Without a type: a value is compared as the column's type, and not as SQLAlchemy would have it.
    untyped = [sa.bindparam(f"{TAG}_{at}", type_=sa.types.NULLTYPE) for at in range(len(names) if is_behind else 0)]
    return statement.bindparams(*untyped)


def _select(query: sa.Select[Any], names: tuple[str, ...], after: tuple[Any, ...], is_locked: bool) -> sa.Select[Any]:
    rows = query.subquery(f"{TAG}_rows")
    columns = [rows.c[name] for name in names]
    statement = sa.select(rows).order_by(*columns).limit(sa.bindparam(f"{TAG}_most"))
    if after:
        values = [sa.bindparam(None, value, type_=column.type) for value, column in zip(after, columns, strict=True)]
        statement = statement.where(sa.tuple_(*columns) > sa.tuple_(*values))
    return statement.with_for_update() if is_locked else statement


def _key(row: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
    """Return the values of a row's key, which has to have them."""
    found = row._mapping
    absent = [name for name in names if name not in found]
    if absent:
        raise NbrunbookError(
            f"keyset: the query gives no {', '.join(absent)}", f"the columns of its key among {', '.join(found)}"
        )
    values = tuple(found[name] for name in names)
    if None in values:
        raise _null([names[values.index(None)]])
    return values


def _cursor(values: tuple[Any, ...]) -> Any:
    """Return a key as JSON: the value itself where there is one, else a list."""
    found = [_to_json(each) for each in values]
    return found[0] if len(found) == 1 else found


def _to_json(value: Any) -> Any:
    if isinstance(value, str | int | float):
        return value
    name = next((each.__name__ for each in type(value).__mro__ if each.__name__ in READ_BACK), None)
    if name is None:
        raise NbrunbookError(
            f"keyset: a key of the type {type(value).__name__}", f"text, a number, or one of {', '.join(READ_BACK)}"
        )
    text = value.hex() if name == "bytes" else str(value) if name in ("Decimal", "UUID") else value.isoformat()
    return {TAG: name, "text": text}


def _values(cursor: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
    given = [cursor] if len(names) == 1 else cursor
    if not isinstance(given, list) or len(given) != len(names):
        raise NbrunbookError(
            f"keyset: the cursor {_shown(cursor)} is none of the key {', '.join(names)}", "the one that it returned"
        )
    return tuple(READ_BACK[each[TAG]](each["text"]) if isinstance(each, dict) else each for each in given)


def _shown(value: Any) -> str:
    return short(", ".join(map(str, value)) if isinstance(value, tuple) else str(value), 80)
