"""What an app's migrations come to: its models and fields at a point, as far as their texts say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbrunbook.documents import migrations, python_source
from nbrunbook.documents.migrations import Migration, Operation, text_of
from nbrunbook.project import author_files

LARGEST_MIGRATION = 2_000_000
"""Bytes."""
POINTING = ("ForeignKey", "OneToOneField", "ManyToManyField")
"""Fields whose constraints let no row go that they point at."""


@dataclass(frozen=True)
class Field:
    """A field as a migration declares it."""

    node: ast.expr
    migration: Migration

    @property
    def kind(self) -> str:
        """The name of its class, such as CharField; empty where it is computed."""
        called = self.node.func if isinstance(self.node, ast.Call) else None
        return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""

    @property
    def points(self) -> bool:
        """Whether its constraints hold rows of another table."""
        return self.kind in POINTING

    @property
    def needs_a_value(self) -> bool:
        """Whether the database refuses a new row without one, as far as can be told."""
        known = isinstance(self.node, ast.Call) and not any(each.arg is None for each in self.node.keywords)
        null = self.option("null")
        free = "db_default" in self._options or self.kind in ("ManyToManyField", "GenericRelation", "GeneratedField")
        return known and not free and (null is None or (isinstance(null, ast.Constant) and null.value is False))

    def option(self, name: str) -> ast.expr | None:
        """Return what it is given by a name."""
        return self._options.get(name)

    @property
    def _options(self) -> Mapping[str, ast.expr]:
        given = self.node.keywords if isinstance(self.node, ast.Call) else ()
        return {each.arg: each.value for each in given if each.arg}

    @property
    def source(self) -> str:
        """How it is written."""
        return python_source.shown(self.node)

    @property
    def imports(self) -> tuple[str, ...]:
        """What its migration imports for it, as it is written."""
        used = {each.id for each in ast.walk(self.node) if isinstance(each, ast.Name)}
        return tuple(each for names, each in _imports(self.migration.module) if used & names)


def _imports(module: ast.Module) -> Iterator[tuple[set[str], str]]:
    """Each name that a module imports, with a statement that imports it alone."""
    for each in module.body:
        alone: ast.stmt
        for alias in each.names if isinstance(each, ast.Import | ast.ImportFrom) else ():
            if isinstance(each, ast.ImportFrom):
                alone = ast.ImportFrom(module=each.module, names=[alias], level=each.level)
            else:
                alone = ast.Import(names=[alias])
            yield {alias.asname or alias.name.partition(".")[0]}, python_source.shown(alone)


@dataclass
class Model:
    """A model as some migrations leave it."""

    table: str
    fields: dict[str, Field] = field(default_factory=dict)
    stored: bool = True
    """Whether it has a table that is Django's to drop."""

    def column(self, name: str) -> str:
        """Return what a field's column is called; empty for one that has none."""
        found = self.fields.get(name)
        if found is None or found.kind == "ManyToManyField":
            return ""
        return text_of(found.option("db_column")) or (f"{name}_id" if found.points else name)


@dataclass(frozen=True)
class App:
    """A folder of migrations."""

    label: str
    migrations: Mapping[str, Migration]
    """By their names."""

    @property
    def last(self) -> str:
        """The name of the one with the highest number."""
        return max(self.migrations, key=lambda name: (number_of(name), name), default="")

    def before(self, name: str) -> dict[str, Model]:
        """Return the models, by their names in lower case, when all has run that a migration stands on."""
        models: dict[str, Model] = {}
        for each in self._below(name):
            for operation in self.migrations[each].operations:
                apply(operation, self.migrations[each], models, self.label)
        return models

    def _below(self, name: str) -> list[str]:
        """What a migration depends on in its app, in order; what is not there is passed over."""
        found: list[str] = []
        seen: set[str] = set()
        ahead = [(name, False)]
        while ahead:
            each, is_done = ahead.pop()
            if is_done:
                found.append(each)
            elif each in self.migrations and each not in seen:
                seen.add(each)
                ahead += [(each, True), *((other, False) for other in sorted(self._direct(each), reverse=True))]
        return found[:-1]

    def _direct(self, name: str) -> Iterable[str]:
        named = {other for app, other in self.migrations[name].dependencies if app == self.label}
        squashes = {each for each, found in self.migrations.items() for _, old in found.replaces if old in named}
        return (named & set(self.migrations)) or squashes - {name}


def read(folder: Path) -> App:
    """Return the app whose migrations are in a folder; what cannot be read is passed over."""
    found: dict[str, Migration] = {}
    for path in sorted(folder.glob("*.py")):
        migration = read_migration(path)
        if migration is not None:
            found[path.stem] = migration
    named = [app for each in found.values() for app, name in each.dependencies if name in found]
    return App(named[0] if named else folder.parent.name, found)


def read_migration(path: Path) -> Migration | None:
    """Return the migration in a file; None where it holds none, or cannot be read."""
    try:
        text = author_files.read(path, at_most=LARGEST_MIGRATION).decode(errors="replace")
    except (OSError, ValueError):
        return None
    return migrations.read(text)


def number_of(name: str) -> int:
    """Return the number in front of a migration's name; 0 without one."""
    found = re.match(r"[0-9]{1,9}", name)
    return int(found[0]) if found else 0


def apply(operation: Operation, migration: Migration, models: dict[str, Model], label: str) -> None:
    """Change some models as an operation does."""
    given, model = operation.arguments, models.get(operation.model)
    match operation.kind:
        case "CreateModel":
            models[operation.model] = _created(operation, migration, label)
        case "DeleteModel":
            models.pop(operation.model, None)
        case "RenameModel":
            _rename(models, text_of(given.get("old_name")).lower(), text_of(given.get("new_name")).lower(), label)
        case "AddField" | "AlterField" if model and "field" in given:
            model.fields[operation.field] = Field(given["field"], migration)
        case "RemoveField" | "RemoveFieldFromState" if model:
            model.fields.pop(operation.field, None)
        case "RenameField":
            named = models.get(text_of(given.get("model_name")).lower())
            old, new = text_of(given.get("old_name")), text_of(given.get("new_name"))
            if named and old in named.fields:
                named.fields[new] = named.fields.pop(old)
        case "AlterModelTable" if model:
            model.table = text_of(given.get("table")) or f"{label}_{operation.model}"


def _rename(models: dict[str, Model], old: str, new: str, label: str) -> None:
    if old in models:
        models[new] = models.pop(old)
        if models[new].table == f"{label}_{old}":
            models[new].table = f"{label}_{new}"


def _created(operation: Operation, migration: Migration, label: str) -> Model:
    written = operation.arguments.get("options")
    pairs = zip(written.keys, written.values, strict=True) if isinstance(written, ast.Dict) else ()
    options = {text_of(key): value for key, value in pairs}
    made = Model(text_of(options.get("db_table")) or f"{label}_{operation.model}")
    proxy, managed = options.get("proxy"), options.get("managed")
    made.stored = not _is(proxy, True) and not _is(managed, False)
    declared = operation.arguments.get("fields")
    for pair in declared.elts if isinstance(declared, ast.List | ast.Tuple) else ():
        if isinstance(pair, ast.Tuple | ast.List) and len(pair.elts) == 2:
            made.fields[text_of(pair.elts[0])] = Field(pair.elts[1], migration)
    return made


def _is(node: ast.expr | None, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value
