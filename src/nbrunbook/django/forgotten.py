"""What a migration forgot and the database still has: a model's state that remembers its columns.

Django's SQLite makes a table anew from the model whenever a field is altered, and a column that the model does not
have would go with it, unseen. So the model that is made of a state, which migrations work with, has the column still,
under a name of its own; the state's fields, which the autodetector compares, have not.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps as installed
from django.core.management.base import CommandError
from django.db import models
from django.db.migrations.state import ModelState
from django.db.migrations.utils import resolve_relation
from django.db.models.expressions import Value
from django.db.models.fields import NOT_PROVIDED

PREFIX = "_forgotten_"
"""Of the name of a forgotten column's field, so that a child model may have one of the old name."""


class ForgottenColumn(models.Field):
    """A column as it is in the database, and no more: no relation, no descriptor, no value of Python's."""

    def __init__(self, like: Any, *, type_of: Any = None, default: bool = True) -> None:
        """`like` is the field as it was; `type_of` what it points at, whose type the column has."""
        self.like, self.type_of = like, type_of
        given = like.db_default if default else NOT_PROVIDED
        if given is not NOT_PROVIDED and not hasattr(given, "resolve_expression"):
            given = Value(given, output_field=like)
        unique, index = like.unique, like.db_index
        super().__init__(null=True, db_column=like.column, unique=unique, db_index=index, db_default=given)

    def clone(self) -> ForgottenColumn:
        """Return another one of the same column, bound to no model."""
        return type(self)(self.like, type_of=self.type_of, default=self.has_db_default())

    def without_default(self) -> ForgottenColumn:
        """Return the same column without the database's default."""
        return type(self)(self.like, type_of=self.type_of, default=False)

    def db_parameters(self, connection: Any) -> dict[str, Any]:
        """Return what Django's schema editor asks for: the type, the check, the collation."""
        if self.type_of is None:
            return dict(self.like.db_parameters(connection=connection))
        return {"type": self.type_of.rel_db_type(connection=connection), "check": None}

    def db_type(self, connection: Any) -> Any:
        """Return the column's type."""
        return self.db_parameters(connection)["type"]


class ForgetfulState(ModelState):
    """A model's state that also knows which of its columns, and tables, the database has still."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.forgotten: dict[str, Any] = {}

    def clone(self) -> ForgetfulState:
        """Return a copy that has forgotten the same."""
        copy = super().clone()
        copy.forgotten = dict(self.forgotten)
        return copy

    def render(self, apps: Any) -> Any:
        """Return the model, with its forgotten columns; CommandError where a field has the column of one."""
        columns = {PREFIX + name: each for name, each in self.forgotten.items() if not each.many_to_many}
        taken = {column_of(name, each): name for name, each in self.fields.items() if not each.many_to_many}
        for name, each in columns.items():
            if each.db_column in taken:
                raise CommandError(
                    f"{self.app_label}.{self.name}: the field {taken[each.db_column]} is to have the column"
                    f" {each.db_column}, which"
                    f" RemoveFieldFromState forgot ({name.removeprefix(PREFIX)}) and the database still has."
                    " Migrate back to before it was forgotten, or drop it first: DropColumn in a migration before this."
                )
        named = {"options": dict(self.options), "bases": self.bases, "managers": list(self.managers)}
        return ModelState(self.app_label, self.name, {**self.fields, **columns}, **named).render(apps)


def forget(state: Any, app_label: str, model_name: str, name: str, field: Any) -> None:
    """Let a project's state remember a column, or a table of many-to-many, that is no field of the model."""
    old = state.models[app_label, model_name]
    new = ForgetfulState(old.app_label, old.name, old.fields, old.options, old.bases, old.managers)
    new.forgotten = {**getattr(old, "forgotten", {}), name: remembered(state, old, name, field)}
    state.models[app_label, model_name] = new


def remembered(state: Any, model: Any, name: str, field: Any) -> Any:
    """Return a field as it is remembered: the column alone; of many-to-many the field, with its table's name."""
    field = field.clone()
    field.set_attributes_from_name(name)
    if field.many_to_many:
        table = model.options.get("db_table") or f"{model.app_label}_{model.name_lower}"
        field.db_table = field.db_table or "{}_{}".format(table.strip('"'), name)
        return field
    if field.generated:
        field.db_column = field.column
        return field
    return ForgottenColumn(field, type_of=_pointed_at(state, model, field) if field.remote_field else None)


def known(state: Any, app_label: str, model_name: str, name: str) -> Any:
    """Return what is remembered of a field that was forgotten; None where a state knows none."""
    return getattr(state.models[app_label, model_name], "forgotten", {}).get(name)


def dropped(state: Any, app_label: str, model_name: str, name: str) -> None:
    """Let a state remember a field no longer; nothing happens where it did not."""
    model = state.models[app_label, model_name]
    if known(state, app_label, model_name, name) is not None:
        model.forgotten = {each: field for each, field in model.forgotten.items() if each != name}
        state.reload_model(app_label, model_name, delay=True)


def _pointed_at(state: Any, model: Any, field: Any) -> Any:
    """The field that a foreign key points at, itself no relation: by the state, so that no model has to be made."""
    label, name = resolve_relation(field.remote_field.model, model.app_label, model.name_lower)
    to = field.remote_field.field_name
    target = state.models.get((label, name))
    if target is None:
        found = installed.get_model(label, name)._meta
        return found.get_field(to) if to else found.pk
    fields = target.fields.items()
    found = target.fields[to] if to else next((each for _, each in fields if each.primary_key), models.BigAutoField())
    return _pointed_at(state, target, found) if found.remote_field else found


def column_of(name: str, field: Any) -> str:
    """Return the column of a field that is bound to no model yet."""
    return str(field.db_column or (f"{name}_id" if field.remote_field else name))
