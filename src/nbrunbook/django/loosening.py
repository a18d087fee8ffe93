"""A field that the database does without: what it is made to, and what its rows need on the way back."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Any

from django.core.management.base import CommandError
from django.db import connection
from django.db.models import ForeignKey
from django.db.models.expressions import Value
from django.db.models.fields import NOT_PROVIDED

CONSTANT = (str, int, float, Decimal)
"""Kinds of defaults that the database can have as well."""


def loosened(field: Any) -> Any:
    """Return the field as the database does without it: no value needed, no row pointed at.

    A constant default becomes the database's, so that the old code finds it in the rows of the new one; else NULL.
    """
    changes: dict[str, Any] = {}
    if field.generated:
        return field.clone()
    if field.remote_field:
        changes["db_constraint"] = False
    if not field.many_to_many and not field.null and not _fills_itself(field):
        constant = None if field.unique or field.remote_field else constant_default(field)
        changes |= {"null": True, "db_default": NOT_PROVIDED if constant is None else constant}
    return _changed(field, **changes)


def has_column(field: Any) -> bool:
    """Tell whether a field has a column, or a table of its own: many-to-many through a model has none."""
    if field.many_to_many:
        return field.remote_field.through is None
    return isinstance(field, ForeignKey) if field.remote_field else field.db_type(connection) is not None


def nullable(field: Any) -> Any:
    """Return the field as a column that was dropped comes back: NULL is allowed."""
    return field.clone() if field.many_to_many or field.generated else _changed(field, null=True)


def same(one: Any, other: Any) -> bool:
    """Tell whether two fields are the same to a database."""
    return bool(one.deconstruct()[1:] == other.deconstruct()[1:])


def constant_default(field: Any) -> Any:
    """Return the default of one of Django's own fields that is a constant, as the database has it; else None."""
    if type(field).__module__ != "django.db.models.fields":
        return None
    value = field.default
    if value is NOT_PROVIDED and field.blank and field.empty_strings_allowed:
        value = ""
    value = value.value if isinstance(value, Enum) else value
    return value if isinstance(value, CONSTANT) else None


def _fills_itself(field: Any) -> bool:
    """Tell whether the database has a default that each row may have: a unique field, a constant only once."""
    if not field.has_db_default():
        return False
    return not field.unique or (hasattr(field.db_default, "resolve_expression") and not _is_constant(field.db_default))


def _is_constant(default: Any) -> bool:
    return isinstance(default, Value)


def _changed(field: Any, **changes: Any) -> Any:
    _, _, arguments, named = field.deconstruct()
    return type(field)(*arguments, **{**named, **changes})


def fill(editor: Any, model: Any, field: Any) -> None:
    """Give rows without a value the field's default, before they need one; CommandError, with numbers, without one.

    A default of the database's own is given by Django as it alters the field.
    """
    if field.null or field.generated or _fills_itself(field):
        return
    table, column = map(editor.quote_name, (model._meta.db_table, field.column))
    (rows,) = asked(editor, f"SELECT count(*) FROM {table} WHERE {column} IS NULL")  # noqa: S608
    stamped = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    default = None if stamped else editor.effective_default(field)  # now is not when the row was written
    set_some = f"UPDATE {table} SET {column} = %s WHERE {column} IS NULL"  # noqa: S608
    if rows and (default is None or (field.unique and rows > 1)):
        raise CommandError(
            f"{_named(model, field)}: rows have no value: {rows}, and the field needs one. It has no default that would"
            f" do. Nothing of this operation was undone. Give them one, then migrate again: {set_some % '…'}"
        )
    if rows:
        editor.execute(set_some, [default])


def find_lost(editor: Any, model: Any, field: Any) -> None:
    """Refuse with a CommandError where rows point at rows that are gone: no constraint held them."""
    if not field.remote_field or not field.db_constraint:
        return
    lost = f"FROM {editor.quote_name(model._meta.db_table)} WHERE {_lost(editor, field)}"
    (rows,) = asked(editor, f"SELECT count(*) {lost}")
    if rows:
        raise CommandError(
            f"{_named(model, field)}: rows point at a {field.related_model._meta.label} that is gone: {rows}."
            " Nothing of this operation was undone. Delete them or let them point elsewhere, then migrate again:"
            f" SELECT * {lost}"
        )


def clear_pairs(editor: Any, through: Any) -> None:
    """Delete the pairs of many-to-many of which one side is gone, as Django would have done with that side."""
    table = editor.quote_name(through._meta.db_table)
    for field in through._meta.local_fields:
        if field.remote_field and field.db_constraint:
            editor.execute(f"DELETE FROM {table} WHERE {_lost(editor, field)}")  # noqa: S608


def _lost(editor: Any, field: Any) -> str:
    """The condition that a row points at one that is gone."""
    table, column = map(editor.quote_name, (field.model._meta.db_table, field.column))
    other = editor.quote_name(field.target_field.model._meta.db_table)
    key = editor.quote_name(field.target_field.column)
    return (
        f"{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {other} AS pointed_at"  # noqa: S608
        f" WHERE pointed_at.{key} = {table}.{column})"
    )


def asked(editor: Any, sql: str) -> Any:
    """Return the first row of an answer."""
    with editor.connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


def _named(model: Any, field: Any) -> str:
    return f"{model._meta.label}.{field.name}"
