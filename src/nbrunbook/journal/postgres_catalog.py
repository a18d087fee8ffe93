"""Beside a PostgreSQL journal's rows: the triggers, functions and indexes that are ours, and what is not.

A rule or a trigger of somebody else's may keep a row from being stored, a policy hide one, an index answer otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from nbrunbook.journal import tables

_OURS = f"({', '.join(repr(name) for name in tables.metadata.tables)})"
_OF_OURS = f"relnamespace = current_schema()::regnamespace AND relname IN {_OURS}"
TRIGGERS = (
    "SELECT tgname, relname, pg_get_triggerdef(pg_trigger.oid, true) AS made, "  # noqa: S608
    "tgenabled IN ('O', 'A') AS works "
    f"FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal AND {_OF_OURS} ORDER BY 2, 1"
)
FUNCTIONS = (
    "SELECT proname, prosrc, prosecdef, proconfig, has_function_privilege('public', oid, 'EXECUTE') AS anybody "
    "FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND pronargs = 0"
)
OTHERS = (
    "SELECT 'rule' AS kind, rulename::text AS name, relname::text AS of FROM pg_rewrite "  # noqa: S608
    f"JOIN pg_class ON pg_class.oid = ev_class WHERE rulename <> '_RETURN' AND {_OF_OURS} "
    "UNION ALL SELECT 'policy', polname::text, relname::text FROM pg_policy "
    f"JOIN pg_class ON pg_class.oid = polrelid WHERE {_OF_OURS} "
    "UNION ALL SELECT 'row security', '', relname::text FROM pg_class "
    f"WHERE (relrowsecurity OR relforcerowsecurity) AND {_OF_OURS} "
    "UNION ALL SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'relation' END, '', "
    f"relname::text FROM pg_class WHERE relkind <> 'r' AND {_OF_OURS} "
    "UNION ALL SELECT 'inheritance', '', relname::text FROM pg_inherits "
    f"JOIN pg_class ON pg_class.oid IN (inhparent, inhrelid) WHERE {_OF_OURS} "
    "ORDER BY 1, 3, 2"
)
AMCHECK = (
    "SELECT bool_or(has_function_privilege(oid, 'EXECUTE')) FROM pg_proc "
    "WHERE proname = 'bt_index_check' AND pronargs = 2"
)
INDEXES = (
    "SELECT found.relname::text AS name, of.relname::text AS of, indisvalid AND indisready AS works, "  # noqa: S608
    "pg_get_indexdef(indexrelid) AS made FROM pg_index JOIN pg_class AS found ON found.oid = indexrelid "
    "JOIN pg_class AS of ON of.oid = indrelid "
    f"WHERE of.relnamespace = current_schema()::regnamespace AND of.relname IN {_OURS} ORDER BY 2, 1"
)


def faults(connection: sa.Connection, made: Sequence[str]) -> Iterator[str]:
    """Yield, in words, what is missing, what was changed, and what nbrunbook did not make."""
    yield from _of_triggers(connection, made)
    yield from _of_functions(connection, made)
    yield from _of_indexes(connection)
    yield from _of_pages(connection)
    for each in connection.exec_driver_sql(OTHERS):
        what = f"the {each.kind} {each.name} on {each.of}".replace("  ", " ")
        yield f"{what} is not nbrunbook's: it may change what is stored or read"


def _of_triggers(connection: sa.Connection, made: Sequence[str]) -> Iterator[str]:
    there = connection.exec_driver_sql(TRIGGERS).all()
    working = {_essence(each.made) for each in there if each.works}
    ours = [statement for statement in made if statement.startswith("CREATE TRIGGER")]
    for statement in ours:
        if _essence(statement) not in working:
            yield f"the trigger {statement.split()[2]} is missing or was changed: rows could be edited"
    names = {statement.split()[2] for statement in ours}
    for each in there:
        if each.tgname not in names:
            yield f"the trigger {each.tgname} on {each.relname} is not nbrunbook's: it may change what is stored"


def _of_functions(connection: sa.Connection, made: Sequence[str]) -> Iterator[str]:
    there = {each.proname: each for each in connection.exec_driver_sql(FUNCTIONS)}
    for statement in made:
        found = re.match(r"CREATE OR REPLACE FUNCTION (\w+)\(\)(.*?) AS \$\$(.*)\$\$$", statement, re.DOTALL)
        if found is None:
            continue
        is_definer, kept = "SECURITY DEFINER" in found[2], there.get(found[1])
        config = ["search_path=pg_catalog, pg_temp"] if is_definer else None
        if kept is None or (kept.prosrc, kept.prosecdef, kept.proconfig) != (found[3], is_definer, config):
            yield f"the function {found[1]} is missing or was changed: rows could be edited"
        elif kept.anybody:
            yield f"the function {found[1]} may be called by anybody: rows could be edited"


def _of_indexes(connection: sa.Connection) -> Iterator[str]:
    there = {each.name: each for each in connection.exec_driver_sql(INDEXES)}
    named = {each.name: str(each.of) for each in there.values()}
    ours = dict(_our_indexes())
    for name, table in ours.items():
        if named.get(name) != table:
            yield f"the index {name} on {table} is missing: rows could stand there twice"
        elif not there[name].works:
            yield f"the index {name} on {table} is not valid: it may answer otherwise than the rows"
    for name, table in named.items():
        if name not in ours:
            yield f"the index {name} on {table} is not nbrunbook's: it may answer otherwise than the rows"


def _of_pages(connection: sa.Connection) -> Iterator[str]:
    """Hold each index against its table where PostgreSQL's extension amcheck is there, and this role may ask it."""
    if not connection.exec_driver_sql(AMCHECK).scalar():
        return
    for name, _ in _our_indexes():
        try:
            connection.execute(sa.text("SELECT bt_index_check(to_regclass(:name), true)"), {"name": name})
        except sa.exc.DBAPIError as error:
            yield f"the index {name} does not agree with its table: {' '.join(str(error.orig).split())}"


def _our_indexes() -> Iterator[tuple[str, str]]:
    """The names of our indexes, those of keys among them, and their tables."""
    for table in tables.metadata.tables.values():
        yield f"{table.name}_pkey", table.name
        for constraint in table.constraints:
            if isinstance(constraint, sa.UniqueConstraint):
                yield str(constraint.name), table.name
    for statement in tables.INDEXES:
        words = statement.split()
        yield words[2], words[4]


def _essence(trigger: str) -> str:
    """A trigger's SQL without what PostgreSQL writes otherwise than we: parentheses, types, IN."""
    plain = re.sub(r"= ANY \(ARRAY\[(.*?)\]\)", r"IN (\1)", re.sub(r"::\w+", "", trigger))
    return re.sub(r"[\s()]", "", plain).lower()
