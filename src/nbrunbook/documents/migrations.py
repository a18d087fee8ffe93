"""Django's migrations, read from their text: nothing of them is run, and no Django is needed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nbrunbook.documents import python_source

SIGNATURES: Mapping[str, tuple[str, ...]] = {
    "AddField": ("model_name", "name", "field"),
    "AlterField": ("model_name", "name", "field"),
    "AlterModelOptions": ("name", "options"),
    "AlterModelTable": ("name", "table"),
    "AlterUniqueTogether": ("name", "unique_together"),
    "CreateModel": ("name", "fields", "options", "bases"),
    "DeleteModel": ("name",),
    "DropColumn": ("model_name", "name", "field"),
    "RemoveConstraint": ("model_name", "name"),
    "RemoveField": ("model_name", "name"),
    "RemoveFieldFromState": ("model_name", "name"),
    "RemoveIndex": ("model_name", "name"),
    "RenameField": ("model_name", "old_name", "new_name"),
    "RenameModel": ("old_name", "new_name"),
    "RunPython": ("code", "reverse_code"),
    "RunSQL": ("sql", "reverse_sql", "state_operations"),
    "SeparateDatabaseAndState": ("database_operations", "state_operations"),
}
"""The operations that say what is there, of Django (docs: "Migration Operations") and of ours, and what they take."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation of a migration, also one within another one."""

    kind: str
    """The name of its class, as its home calls it."""
    arguments: Mapping[str, ast.expr]
    line: int
    in_state: bool = True
    in_database: bool = True

    @property
    def model(self) -> str:
        """The model that it is about, in lower case as Django compares it; empty where that is computed."""
        return text_of(self.arguments.get("model_name", self.arguments.get("name"))).lower()

    @property
    def field(self) -> str:
        """The field that it is about; empty for one about a model, and where it is computed."""
        return text_of(self.arguments.get("name")) if "model_name" in self.arguments else ""


@dataclass(frozen=True, kw_only=True)
class Migration:
    """A migration as it is written."""

    operations: tuple[Operation, ...]
    """In order; what a SeparateDatabaseAndState holds stands in its place."""
    dependencies: tuple[tuple[str, str], ...]
    replaces: tuple[tuple[str, str], ...]
    runbook_step: str | None
    """What it waits for; empty where that is computed."""
    module: ast.Module

    def sql_of(self, operation: Operation) -> str:
        """Return the SQL that a RunSQL runs forwards, as far as it stands there."""
        return ";\n".join(_strings(operation.arguments.get("sql"), _constants(self.module)))

    def function_of(self, operation: Operation) -> ast.FunctionDef | None:
        """Return the function that a RunPython calls forwards, where it stands in the same file."""
        called = operation.arguments.get("code")
        functions = {each.name: each for each in self.module.body if isinstance(each, ast.FunctionDef)}
        return functions.get(called.id) if isinstance(called, ast.Name) else None

    def strings_in(self, node: ast.AST) -> str:
        """Return what a function says in texts, such as the SQL that it runs, each its own statement."""
        parts = {id(each) for whole in ast.walk(node) if isinstance(whole, ast.JoinedStr) for each in whole.values}
        whole = [each for each in ast.walk(node) if isinstance(each, ast.Constant | ast.JoinedStr)]
        known = _constants(self.module)
        return ";\n".join(text for each in whole if id(each) not in parts for text in _strings(each, known))


def read(text: str) -> Migration | None:
    """Return the migration that a Python file holds; None where it holds none, or is no Python."""
    if "Migration" not in text:
        return None
    try:
        module = ast.Module(body=python_source.statements(text), type_ignores=[])
    except SyntaxError:
        return None
    found = [each for each in module.body if isinstance(each, ast.ClassDef) and each.name == "Migration"]
    if not found or not any(_last_name(base).endswith("Migration") for base in found[-1].bases):
        return None
    return _migration(found[-1], module)


def _migration(written: ast.ClassDef, module: ast.Module) -> Migration:
    known = _constants(module)
    values = {name: value for name, value, _ in _assigned(written.body)}
    reader = _Reader(known, _first_names(module))
    lists = [value for name, value, _ in _assigned(written.body) if name == "operations"]
    step = values.get("runbook_step")
    none = isinstance(step, ast.Constant) and step.value is None
    return Migration(
        operations=tuple(operation for value in lists for operation in reader.operations(value)),
        dependencies=_pairs(values.get("dependencies"), known),
        replaces=_pairs(values.get("replaces"), known),
        runbook_step=None if step is None or none else text_of(known.get(getattr(step, "id", ""), step)),
        module=module,
    )


class _Reader:
    def __init__(self, known: Mapping[str, ast.expr], first_names: Mapping[str, str]) -> None:
        self.known, self.first_names = known, first_names

    def operations(self, node: ast.AST | None, within: Sequence[str] = ()) -> Iterator[Operation]:
        """Yield the operations that stand in an expression; in a loop or a condition as if they stood there once."""
        if isinstance(node, ast.Name):
            if node.id in self.known and node.id not in within:
                yield from self.operations(self.known[node.id], (*within, node.id))
            return
        kind = self._kind(node)
        if isinstance(node, ast.Call) and kind in SIGNATURES:
            yield from self._of_call(node, kind, within)
            return
        for child in ast.iter_child_nodes(node) if node is not None else ():
            yield from self.operations(child, within)

    def _kind(self, node: ast.AST | None) -> str:
        name = _last_name(node.func) if isinstance(node, ast.Call) else ""
        return self.first_names.get(name, name)

    def _of_call(self, node: ast.Call, kind: str, within: Sequence[str]) -> Iterator[Operation]:
        given = dict(zip(SIGNATURES[kind], node.args, strict=False))
        given |= {each.arg: each.value for each in node.keywords if each.arg}
        if kind != "SeparateDatabaseAndState":
            yield Operation(kind=kind, arguments=given, line=node.lineno)
        for each in self.operations(given.get("database_operations"), within):
            yield replace(each, in_state=False)
        for each in self.operations(given.get("state_operations"), within):
            yield replace(each, in_database=False)


def text_of(node: ast.AST | None) -> str:
    """Return the text that an expression is; empty for another one."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _strings(node: ast.AST | None, known: Mapping[str, ast.expr], deep: int = 0) -> Iterator[str]:
    """Each text in an expression, in order; of a pair (SQL, parameters) the SQL."""
    if isinstance(node, ast.Constant):
        yield from [node.value] if isinstance(node.value, str) else []
    elif isinstance(node, ast.Name):
        if node.id in known and deep < 8:
            yield from _strings(known[node.id], known, deep + 1)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(text_of(part) or _put_in(part, known) for part in node.values)
    elif isinstance(node, ast.List | ast.Tuple):
        for each in node.elts:
            yield from _strings(each.elts[0] if isinstance(each, ast.Tuple) and each.elts else each, known, deep)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        both = [*_strings(node.left, known, deep)], [*_strings(node.right, known, deep)]
        is_text = len(both[0]) == len(both[1]) == 1 and not isinstance(node.left, ast.List | ast.Tuple)
        yield from ["".join(both[0] + both[1])] if is_text else both[0] + both[1]
    elif isinstance(node, ast.AST):
        for child in ast.iter_child_nodes(node):
            yield from _strings(child, known, deep)


def _put_in(part: ast.expr, known: Mapping[str, ast.expr]) -> str:
    """What an f-string puts in: a constant of the module, else a name that stands for it."""
    value = part.value if isinstance(part, ast.FormattedValue) else part
    found = text_of(known.get(value.id)) if isinstance(value, ast.Name) else ""
    return found or _last_name(value) or "something"


def _last_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _pairs(node: ast.expr | None, known: Mapping[str, ast.expr]) -> tuple[tuple[str, str], ...]:
    """The pairs of texts in a list, such as ("shop", "0041_price")."""
    if isinstance(node, ast.Name):
        node = known.get(node.id)
    tuples = [each for each in ast.walk(node) if isinstance(each, ast.Tuple | ast.List)] if node else []
    found = [(text_of(each.elts[0]), text_of(each.elts[1])) for each in tuples if len(each.elts) == 2]
    return tuple((app, name) for app, name in found if name)


def _assigned(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr, ast.stmt]]:
    """(name, value, statement) of each name that gets one, or gets more."""
    for each in body:
        targets = each.targets if isinstance(each, ast.Assign) else []
        if isinstance(each, ast.AnnAssign | ast.AugAssign):
            targets = [each.target]
        value = getattr(each, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(value, ast.expr):
                yield target.id, value, each


def _constants(module: ast.Module) -> dict[str, ast.expr]:
    return {name: value for name, value, _ in _assigned(module.body)}


def _first_names(module: ast.Module) -> dict[str, str]:
    """What is imported under another name -> what its home calls it."""
    imported = [each for each in module.body if isinstance(each, ast.ImportFrom)]
    return {name.asname: name.name for each in imported for name in each.names if name.asname}
