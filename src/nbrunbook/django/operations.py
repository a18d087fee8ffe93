"""Remove a field in two releases: the first one forgets it, the next one drops what the database still has.

Between them both the old code, which knows the field, and the new code write rows. What migrations import from here
never moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.db.backends.utils import truncate_name
from django.db.migrations.operations.base import OperationCategory
from django.db.migrations.operations.fields import AlterField, FieldOperation, RemoveField
from django.db.utils import DatabaseError

from nbrunbook.django import forgotten, loosening, refusing


class RemoveFieldFromState(RemoveField):
    """Let the database do without the field, and forget it: the column stays, with its values.

    A subclass of RemoveField, so that a squash with the model's beginning leaves the field out.
    """

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Take the field out of the state, which remembers its column."""
        refusing.unknown_field(state, app_label, self.model_name, self.name)
        field = state.models[app_label, self.model_name_lower].fields[self.name]
        if loosening.has_column(field):
            forgotten.forget(state, app_label, self.model_name_lower, self.name, loosening.loosened(field))
        super().state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:  # noqa: ARG002
        """Let the database do without a value, and without a row that is pointed at."""
        model = from_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        refusing.still_needed(model, self.name)
        field = from_state.models[app_label, self.model_name_lower].fields[self.name]
        loose = loosening.loosened(field) if loosening.has_column(field) else field
        if not loosening.same(field, loose):
            with _told(model, self.name, "forgotten"):
                self._alter(app_label, schema_editor, from_state, loose)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:  # noqa: ARG002
        """Let the database ask for a value again; CommandError where rows have none, or point at what is gone."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        field = to_state.models[app_label, self.model_name_lower].fields[self.name]
        if not loosening.has_column(field):
            return
        before = self._with(app_label, to_state, loosening.nullable(loosening.loosened(field)))
        if not schema_editor.collect_sql:
            self._make_ready(schema_editor, model)
        if not loosening.same(field, before.models[app_label, self.model_name_lower].fields[self.name]):
            with _told(model, self.name, "asked for again"):
                self._alter(app_label, schema_editor, before, field)

    def describe(self) -> str:
        """Say what it does."""
        return f"Forget field {self.name} of {self.model_name}, and leave its column"

    @property
    def migration_name_fragment(self) -> str:
        """The name that makemigrations would give."""
        return f"forget_{self.model_name_lower}_{self.name_lower}"

    def _alter(self, app_label: str, editor: Any, state: Any, field: Any) -> None:
        """Alter the field from what it is in a state."""
        after = self._with(app_label, state, field)
        AlterField(self.model_name, self.name, field).database_forwards(app_label, editor, state, after)

    def _with(self, app_label: str, state: Any, field: Any) -> Any:
        """Return a state in which the field is another."""
        after = state.clone()
        after.alter_field(app_label, self.model_name_lower, self.name, field, True)
        return after

    def _make_ready(self, editor: Any, model: Any) -> None:
        """Give the rows what the field needs again."""
        field = model._meta.get_field(self.name)
        if field.many_to_many:
            loosening.clear_pairs(editor, field.remote_field.through)
        else:
            refusing.missing(editor, model, field)
            loosening.fill(editor, model, field)
            loosening.find_lost(editor, model, field)


class DropColumn(FieldOperation):
    """Drop the column, or the table of many-to-many, that RemoveFieldFromState left in an earlier release.

    `field` is the field as the model had it. Nothing that depends on the column goes with it: such a view is an error,
    and nothing was dropped. Where it is not there (a fresh database, a squash) nothing is done. Reversed, the column
    comes back as NULL.
    """

    category = OperationCategory.REMOVAL

    def __init__(self, model_name: str, name: str, field: Any) -> None:
        super().__init__(model_name, name, field)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return how a migration writes it."""
        return type(self).__name__, [], {"model_name": self.model_name, "name": self.name, "field": self.field}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Let the state remember the column no longer."""
        refusing.gone_model(state, app_label, self.model_name, self.name)
        forgotten.dropped(state, app_label, self.model_name_lower, self.name)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:  # noqa: ARG002
        """Drop what is still there; CommandError where something uses it."""
        state = self._remembering(app_label, from_state)
        model = state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        kept = forgotten.known(state, app_label, self.model_name_lower, self.name)
        if not schema_editor.collect_sql and not self._is_there(schema_editor, model, kept):
            return
        with _told(model, self.name, "dropped"), _without_cascade(schema_editor):
            if kept.many_to_many:
                table = _table(schema_editor, kept)
                refusing.table_in_use(state, table, model, self.name)
                schema_editor.execute(schema_editor.sql_delete_table % {"table": schema_editor.quote_name(table)})
            else:
                schema_editor.remove_field(model, self._bound(model))

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Add the column as NULL, for a backup to be read into it; the table of many-to-many without rows."""
        state = self._remembering(app_label, to_state)
        model = state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        kept = forgotten.known(state, app_label, self.model_name_lower, self.name)
        if not schema_editor.collect_sql and self._is_there(schema_editor, model, kept):
            return
        if kept.many_to_many:
            self._add_table(app_label, schema_editor, from_state, kept)
        else:
            self._add_column(app_label, schema_editor, from_state, state)

    def describe(self) -> str:
        """Say what it does."""
        return f"Drop the column of {self.name} from {self.model_name}"

    @property
    def migration_name_fragment(self) -> str:
        """The name that makemigrations would give."""
        return f"drop_{self.model_name_lower}_{self.name_lower}"

    def _remembering(self, app_label: str, state: Any) -> Any:
        """Return the state with the column in it: its own memory, else what this operation says of the field."""
        model = state.models[app_label, self.model_name_lower]
        refusing.still_a_field(model, self.name, self.field)
        refusing.no_column(model, self.name, self.field)
        whole = state.clone()
        kept = forgotten.known(state, app_label, self.model_name_lower, self.name)
        if kept is None:
            loose = loosening.nullable(loosening.loosened(self.field))
            if loose.remote_field and not loose.many_to_many:
                loose.db_index = True  # its constraint may be there still: SQLite is to make the table anew
            forgotten.forget(whole, app_label, self.model_name_lower, self.name, loose)
            whole.reload_model(app_label, self.model_name_lower, delay=True)
        elif not kept.many_to_many:
            refusing.other_column(model, self.name, kept.db_column, self.field)
        return whole

    def _bound(self, model: Any) -> Any:
        return model._meta.get_field(forgotten.PREFIX + self.name)

    def _is_there(self, editor: Any, model: Any, kept: Any) -> bool:
        if kept.many_to_many:
            return _table(editor, kept) in editor.connection.introspection.table_names()
        return refusing.has(editor, model._meta.db_table, self._bound(model).column)

    def _add_column(self, app_label: str, editor: Any, from_state: Any, state: Any) -> None:
        """Add it as NULL; only then the default that RemoveFieldFromState had left, for the rows to come."""
        bare = state.clone()
        model = bare.models[app_label, self.model_name_lower]
        whole = model.forgotten[self.name]
        if isinstance(whole, forgotten.ForgottenColumn):
            model.forgotten = {**model.forgotten, self.name: whole.without_default()}
            bare.reload_model(app_label, self.model_name_lower, delay=True)
        old, without, new = (each.apps.get_model(app_label, self.model_name) for each in (from_state, bare, state))
        editor.add_field(old, self._bound(without))
        if whole.has_db_default():
            editor.alter_field(without, self._bound(without), self._bound(new))

    def _add_table(self, app_label: str, editor: Any, from_state: Any, kept: Any) -> None:
        state = from_state.clone()
        field = loosening.loosened(self.field)
        field.db_table = _table(editor, kept)
        state.add_field(app_label, self.model_name_lower, self.name, field, True)
        through = state.apps.get_model(app_label, self.model_name)._meta.get_field(self.name).remote_field.through
        editor.create_model(through)


def _table(editor: Any, kept: Any) -> str:
    return truncate_name(kept.db_table, editor.connection.ops.max_name_length())


@contextmanager
def _without_cascade(editor: Any) -> Iterator[None]:
    """Django's statements say CASCADE on PostgreSQL, and views would go with the column."""
    names = ("sql_delete_column", "sql_delete_table")
    before = {name: getattr(editor, name) for name in names}
    for name, sql in before.items():
        setattr(editor, name, sql.replace(" CASCADE", ""))
    try:
        yield
    finally:
        for name in names:
            delattr(editor, name)


@contextmanager
def _told(model: Any, name: str, done: str) -> Iterator[None]:
    """What the database refuses, in our words and its own."""
    try:
        yield
    except DatabaseError as error:
        said = str(error).partition("\nHINT:")[0].strip()  # it would be CASCADE
        raise CommandError(
            f"{model._meta.label}.{name} was not {done}, the database refuses: {said}\n"
            "Change what it names, or wait until it is free, then migrate again."
        ) from error
