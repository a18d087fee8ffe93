"""What migrations take away from code that runs still: in one phase, or without waiting for it to be gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nbrunbook.documents.migrations import Migration, Operation
from nbrunbook.documents.sql_removals import Removed, removed_by
from nbrunbook.review import app_history
from nbrunbook.review.app_history import App, Field, Model

FORGETS = ("RemoveField", "RemoveFieldFromState", "DeleteModel")
DROPS = ("RemoveField", "DropColumn", "DeleteModel")

MOST = 1000
"""Removals of one migration that are told of: each holds its model as it was."""


@dataclass(frozen=True, kw_only=True)
class Removal:
    """A field, a model, a column or a table that a migration takes away."""

    model: str = ""
    """In lower case; empty for SQL's."""
    field: str = ""
    """Empty for a model."""
    sql: Removed | None = None
    operation: Operation
    """Which does it."""
    forgets: bool
    """Whether Django's models lose it."""
    drops: bool
    """Whether the database does."""
    before: Model | None = None
    """The model as it was; None where its migrations do not tell."""

    @property
    def what(self) -> str:
        """What it is called in words: product.legacy_sku."""
        if self.sql:
            return str(self.sql)
        is_of_field = "model_name" in self.operation.arguments
        return f"{self.model or '…'}.{self.field or '…'}" if is_of_field else self.model or "a model"

    @property
    def was(self) -> Field | None:
        """The field as it was declared."""
        return self.before.fields.get(self.field) if self.before else None

    @property
    def names(self) -> tuple[str, ...]:
        """What a text may call it by."""
        if self.sql:
            return (self.sql.column or self.sql.table,)
        if self.field:
            return tuple(filter(None, (self.field, self.before.column(self.field) if self.before else "")))
        return tuple(filter(None, (self.model, self.before.table if self.before else "")))


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A migration, and what is wrong with what it takes away."""

    path: Path
    migration: Migration
    app: App
    at_once: tuple[Removal, ...] = ()
    """What goes out of the models and the database together."""
    replaced: tuple[Removal, ...] = ()
    """What drops the same, by itself."""
    unprepared: tuple[Removal, ...] = ()
    """Fields that only the models lose, while the database asks for their value."""
    unguarded: tuple[Removal, ...] = ()
    """What the database loses."""


def of(migration: Migration, name: str, app: App) -> list[Removal]:
    """Return what a migration takes away; what it, or one that is as new, brought itself is not among it."""
    models = app.before(name)
    found: list[Removal] = []
    for operation in migration.operations:
        if len(found) >= MOST:
            break
        found += _of_operation(operation, migration, models)
        app_history.apply(operation, migration, models, app.label)
    return found


def judged(path: Path, app: App, new: Mapping[str, Migration]) -> Judged | None:
    """Return what is wrong with a migration, without its steps; None for one that takes nothing away, and for a squash.

    `new` holds the app's migrations that no release has: what one of them brought, no running code knows.
    """
    migration = app.migrations.get(path.stem)
    if migration is None or migration.replaces:
        return None
    known = [each for each in of(migration, path.stem, app) if not _is_brought(each, new, app)]
    kept = [each for each in known if _is_stored(each)]
    dropped = [each for each in kept if each.drops]
    at_once = [each for each in kept if each.forgets and (each.drops or any(_is_same(one, each) for one in dropped))]
    if migration.runbook_step is not None:  # it waits, and the new code may do without meanwhile
        at_once = [each for each in at_once if not _does_without(each)]
    told = {id(each) for each in at_once}  # a field's like is told by what it is, not by how it looks: they are many
    rest = [each for each in kept if id(each) not in told]
    replaced = [each for each in rest if each.drops and any(_is_same(each, other) for other in at_once)]
    return Judged(
        path=path,
        migration=migration,
        app=app,
        at_once=tuple(at_once),
        unprepared=tuple(each for each in rest if _is_unprepared(each)),
        replaced=tuple(replaced),
        unguarded=tuple(each for each in rest if each.drops and each not in replaced),
    )


def _of_operation(operation: Operation, migration: Migration, models: Mapping[str, Model]) -> Iterator[Removal]:
    kind, before = operation.kind, models.get(operation.model)
    if kind in (*FORGETS, "DropColumn"):
        yield Removal(
            model=operation.model,
            field=operation.field,
            operation=operation,
            forgets=operation.in_state and kind in FORGETS,
            drops=operation.in_database and kind in DROPS,
            before=_as_known(before),
        )
    elif operation.in_database and kind in ("RunSQL", "RunPython"):
        for each in removed_by(migration.sql_of(operation)):
            yield Removal(sql=each, operation=operation, forgets=False, drops=True)


def _as_known(model: Model | None) -> Model | None:
    """A model as it is now: what comes behind changes it."""
    return Model(model.table, dict(model.fields), model.stored) if model else None


def _is_brought(removal: Removal, new: Mapping[str, Migration], app: App) -> bool:
    """Whether a migration that is as new made it, or makes it anew: a field of another type, under its name."""
    for migration in new.values():
        for each in migration.operations:
            if each.kind == "CreateModel" and removal.model and removal.model == each.model:
                return True
            if each.kind == "AddField" and removal.field and (removal.model, removal.field) == (each.model, each.field):
                return True
            if removal.sql and each.kind == "CreateModel" and removal.sql.table.lower() == f"{app.label}_{each.model}":
                return True
    return False


def _is_stored(removal: Removal) -> bool:
    """Whether the database holds it: no table of a proxy, or of one that another model names, goes with a model."""
    if removal.before is None:
        return True
    named = removal.was is not None and removal.was.kind == "ManyToManyField" and removal.was.option("through")
    return removal.before.stored and not named


def _is_same(dropped: Removal, forgotten: Removal) -> bool:
    """Whether what the database drops is what the models forget, by its model or by its table."""
    if not dropped.sql:
        return (dropped.model, dropped.field) == (forgotten.model, forgotten.field)
    before, column = forgotten.before, dropped.sql.column.lower()
    if before and dropped.sql.table.lower() != before.table.lower():
        return False
    if not forgotten.field:
        return not column
    columns = (forgotten.field, before.column(forgotten.field) if before else "")
    return bool(column) and column in {each.lower() for each in columns}


def _does_without(removal: Removal) -> bool:
    """Whether code that has forgotten it runs well while it is there."""
    if removal.sql or removal.before is None:
        return False
    if removal.field:
        return removal.was is not None and not removal.was.needs_a_value and not removal.was.points
    return not any(each.points for each in removal.before.fields.values())


def _is_unprepared(removal: Removal) -> bool:
    """Whether a field is forgotten by hand, and the database goes on asking for its value."""
    by_hand = removal.forgets and not removal.drops and removal.operation.kind == "RemoveField"
    return bool(by_hand and removal.was and removal.was.needs_a_value)
