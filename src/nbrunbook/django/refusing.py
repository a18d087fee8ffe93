"""What cannot be forgotten, or dropped, and why: each a CommandError that names the way on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError

from nbrunbook.django.forgotten import column_of
from nbrunbook.django.loosening import has_column


def still_needed(model: Any, name: str) -> None:
    """Refuse to forget a primary key, or what an index, a constraint or another field is made of."""
    field, label = model._meta.get_field(name), f"{model._meta.label}.{name}"
    if field.primary_key or field in model._meta.pk_fields:
        raise CommandError(f"{label} is the primary key, which no row can do without. It cannot be forgotten.")
    users = [f"{kind} {each}" for kind, each in _users(model, field)]
    if users:
        raise CommandError(
            f"{label} cannot be forgotten yet, it is used by: {', '.join(users)}."
            " Remove or change that first: in the model, and by an operation before this one"
            " (makemigrations writes RemoveIndex, RemoveConstraint, AlterUniqueTogether or AlterField)."
        )


def _users(model: Any, field: Any) -> list[tuple[str, str]]:
    """What of a model, or what points at it, is made of a field."""
    meta, called = model._meta, {field.name, field.attname}
    found = [("index", each.name) for each in meta.indexes if called & _names(each)]
    found += [("constraint", each.name) for each in meta.constraints if called & _names(each)]
    found += [("unique_together", repr(each)) for each in meta.unique_together if field.name in each]
    if meta.order_with_respect_to is field:
        found.append(("order_with_respect_to", field.name))
    generated = [each for each in meta.local_fields if each.generated and each is not field]
    found += [("generated field", each.name) for each in generated if called & set(_found([each.expression]))]
    relations = [each.field for each in meta.related_objects if not each.many_to_many]
    return found + [
        ("foreign key", f"{each.model._meta.label}.{each.name}") for each in relations if each.target_field is field
    ]


def _names(made: Any) -> set[str]:
    """The fields that an index or a constraint names: its own, and those in its conditions and expressions."""
    _, expressions, named = made.deconstruct()
    fields = [*named.get("fields", ()), *(named.get("include") or ())]
    excluded = [each[0] for each in named.get("expressions", ())]  # of an ExclusionConstraint: with its operator
    fields += [each for each in excluded if isinstance(each, str)]
    conditions = [named.get("condition"), named.get("check")]
    return {each.removeprefix("-") for each in fields} | set(_found([*expressions, *excluded, *conditions]))


def _found(made: list[Any]) -> Iterator[str]:
    """The fields that expressions and conditions name."""
    for each in made:
        if hasattr(each, "children"):  # a Q
            pairs = [pair for pair in each.children if isinstance(pair, tuple)]
            yield from (name.partition("__")[0] for name, _ in pairs)
            yield from _found([value for _, value in pairs])
            yield from _found([inner for inner in each.children if not isinstance(inner, tuple)])
        elif hasattr(each, "get_source_expressions"):
            yield from _found(each.get_source_expressions())
        elif hasattr(each, "resolve_expression") and hasattr(each, "name"):  # an F
            yield each.name.partition("__")[0]


def unknown_field(state: Any, app_label: str, model_name: str, name: str) -> None:
    """Refuse to forget what the model does not have, or has no longer."""
    model = state.models.get((app_label, model_name.lower()))
    if model is None or name not in model.fields:
        known = sorted(model.fields) if model else sorted(each for label, each in state.models if label == app_label)
        raise CommandError(
            f"RemoveFieldFromState: there is no field {name} of {app_label}.{model_name} at this point;"
            f" there are: {', '.join(known)}. Name it as the migrations before this one do, or take the operation out."
        )


def gone_model(state: Any, app_label: str, model_name: str, name: str) -> None:
    """Refuse to drop a column of a model that there is none of: its table went, and the column with it."""
    if (app_label, model_name.lower()) not in state.models:
        raise CommandError(
            f"DropColumn: there is no model {app_label}.{model_name}, its table is gone and {name} with it."
            " Take the operation out, or name the model as it is called now."
        )


def still_a_field(model: Any, name: str, field: Any) -> None:
    """Refuse to drop the column of a field that the model has, be it under another name."""
    columns = {column_of(each, made): each for each, made in model.fields.items() if not made.many_to_many}
    other = None if field.many_to_many else columns.get(column_of(name, field))
    if name not in model.fields and other:
        raise CommandError(
            f"DropColumn: the column {column_of(name, field)} of {model.app_label}.{model.name} is that of its field"
            f" {other}. It was not dropped. Give the field as the model had it, with its db_column."
        )
    if name in model.fields:
        raise CommandError(
            f"DropColumn: {model.app_label}.{model.name} has the field {name}, and code that runs may use it."
            " RemoveFieldFromState goes first, in a release before this one."
        )


def no_column(model: Any, name: str, field: Any) -> None:
    """Refuse to drop what has no table of its own: many-to-many through a model."""
    if not has_column(field):
        raise CommandError(
            f"DropColumn: {model.app_label}.{model.name}.{name} has neither a column nor a table of its own: it goes"
            " through a model, or other columns. Take the operation out; DeleteModel removes a model."
        )


def other_column(model: Any, name: str, column: str, field: Any) -> None:
    """Refuse a field whose column is another than the one that was forgotten."""
    given = column_of(name, field)
    if given != column:
        raise CommandError(
            f"DropColumn: {model.app_label}.{model.name}.{name} was forgotten with the column {column}, and the field"
            f" given here has the column {given}. Give the field as the model had it, with its db_column."
        )


def missing(editor: Any, model: Any, field: Any) -> None:
    """Refuse to ask for values again in a column that somebody else has dropped."""
    table = model._meta.db_table
    if not has(editor, table, field.column):
        raise CommandError(
            f"{model._meta.label}.{field.name}: the table {table} has no column {field.column}; no migration that is"
            " undone here had dropped it. Add it as NULL and migrate again, or go back with --fake."
        )


def has(editor: Any, table: str, column: str) -> bool:
    """Ask the database whether a table has a column."""
    with editor.connection.cursor() as cursor:
        found = editor.connection.introspection.get_table_description(cursor, table)
    return column.lower() in {each.name.lower() for each in found}


def table_in_use(state: Any, table: str, model: Any, name: str) -> None:
    """Refuse to drop a table that a model has."""
    users = [
        each._meta.label for each in state.apps.get_models(include_auto_created=True) if each._meta.db_table == table
    ]
    if users:
        raise CommandError(
            f"DropColumn: the table {table} of {model._meta.label}.{name} is that of {', '.join(users)}."
            " It was not dropped. Take the operation out."
        )
