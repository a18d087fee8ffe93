"""What cannot be forgotten, or dropped, and why: each a CommandError that names the way on."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from nbrunbook.django.forgotten import column_of


def still_needed(model: Any, name: str) -> None:
    """Refuse to forget a primary key, or what an index, a constraint or another field is made of."""
    field, label = model._meta.get_field(name), f"{model._meta.label}.{name}"
    if getattr(field, "primary_key", False):
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
    meta = model._meta
    found = [("index", each.name) for each in meta.indexes if field.name in _names(each)]
    found += [("constraint", each.name) for each in meta.constraints if field.name in _names(each)]
    found += [("unique_together", repr(each)) for each in meta.unique_together if field.name in each]
    if meta.order_with_respect_to is field:
        found.append(("order_with_respect_to", field.name))
    generated = [each for each in meta.local_fields if each.generated and each is not field]
    found += [("generated field", each.name) for each in generated if field.name in _found([each.expression])]
    relations = [each.field for each in meta.related_objects if not each.many_to_many]
    return found + [
        ("foreign key", f"{each.model._meta.label}.{each.name}") for each in relations if each.target_field is field
    ]


def _names(made: Any) -> set[str]:
    """The fields that an index or a constraint names: its own, and those in its conditions and expressions."""
    _, expressions, named = made.deconstruct()
    return set(_found([expressions, list(named.values())]))


def _found(value: Any) -> list[str]:
    """Names in a Q, an F, an expression, or a list of them."""
    if isinstance(value, str):
        return [value.removeprefix("-").partition("__")[0]]
    if isinstance(value, list | tuple):
        return [name for each in value for name in _found(each)]
    if hasattr(value, "children"):  # Q
        lookups = [each for each in value.children if isinstance(each, tuple)]
        rest = [each for each in value.children if not isinstance(each, tuple)]
        return [each[0].partition("__")[0] for each in lookups] + _found([each[1] for each in lookups] + rest)
    if hasattr(value, "get_source_expressions"):
        return _found([each for each in value.get_source_expressions() if each is not None])
    return [value.name.partition("__")[0]] if hasattr(value, "resolve_expression") and hasattr(value, "name") else []


def gone_model(state: Any, app_label: str, model_name: str, name: str) -> None:
    """Refuse to drop a column of a model that there is none of: its table went, and the column with it."""
    if (app_label, model_name.lower()) not in state.models:
        raise CommandError(
            f"DropColumn: there is no model {app_label}.{model_name}, its table is gone and {name} with it."
            " Take the operation out, or name the model as it is called now."
        )


def still_a_field(model: Any, name: str) -> None:
    """Refuse to drop the column of a field that the model has."""
    if name in model.fields:
        raise CommandError(
            f"DropColumn: {model.app_label}.{model.name} has the field {name}, and code that runs may use it."
            " RemoveFieldFromState goes first, in a release before this one."
        )


def no_column(app_label: str, model_name: str, name: str, field: Any) -> None:
    """Refuse to drop what has no table of its own: many-to-many through a model."""
    if field.many_to_many and field.remote_field.through is not None:
        raise CommandError(
            f"DropColumn: {app_label}.{model_name}.{name} goes through the model {field.remote_field.through}, and"
            " has no table of its own. Take the operation out; DeleteModel removes the model."
        )


def other_column(app_label: str, model_name: str, name: str, column: str, field: Any) -> None:
    """Refuse a field whose column is another than the one that was forgotten."""
    given = column_of(name, field)
    if given != column:
        raise CommandError(
            f"DropColumn: {app_label}.{model_name}.{name} was forgotten with the column {column}, and the field given"
            f" here has the column {given}. Give the field as the model had it, with its db_column."
        )


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
