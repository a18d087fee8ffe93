"""Django's migrations, read from their text: nothing of them is run, and no Django is needed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

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

MOST = 2_500_000
"""Letters, and parts of expressions, that are read of a file's texts: names of names would make more without end."""
MOST_ADDED = 50
"""Times that `+=` adds to a constant."""


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
    texts: Texts

    def sql_of(self, operation: Operation) -> str:
        """Return the SQL that a RunSQL runs forwards, or texts that a RunPython's functions hold, each a statement."""
        node = operation.arguments.get("sql", operation.arguments.get("code"))
        return ";\n".join(self.texts.of(node)) if node is not None else ""


def read(text: str) -> Migration | None:
    """Return the migration that a Python file holds; None where it holds none, or is no Python."""
    if "Migration" not in text:
        return None
    try:
        module = ast.Module(body=python_source.statements(text.removeprefix("\ufeff")), type_ignores=[])
    except SyntaxError:
        return None
    classes = [each for each in _statements(module.body) if isinstance(each, ast.ClassDef)]
    found = [each for each in classes if each.name == "Migration"]
    if not found or not any(_last_name(base).endswith("Migration") for base in found[-1].bases):
        return None
    return _migration(found[-1], module)


def _migration(written: ast.ClassDef, module: ast.Module) -> Migration:
    values = _constants(written.body)
    known = {**_constants(module.body), **values}
    functions = {each.name: each for each in _statements(module.body) if isinstance(each, ast.FunctionDef)}
    reader = _Reader({**functions, **known}, _first_names(module))
    lists = [*_given("operations", written.body, ast.Name), *_given("operations", module.body, ast.Attribute)]
    step = values.get("runbook_step")
    none = isinstance(step, ast.Constant) and step.value is None
    return Migration(
        operations=tuple(operation for value in lists for operation in reader.operations(value)),
        dependencies=_pairs(values.get("dependencies"), known),
        replaces=_pairs(values.get("replaces"), known),
        runbook_step=None if step is None or none else text_of(known.get(getattr(step, "id", ""), step)),
        module=module,
        texts=Texts(known, functions),
    )


class _Reader:
    def __init__(self, known: Mapping[str, ast.AST], first_names: Mapping[str, str]) -> None:
        self.known, self.first_names = known, first_names
        self.passed: set[tuple[str, bool, bool]] = set()

    def operations(self, node: ast.AST | None, state: bool = True, database: bool = True) -> Iterator[Operation]:
        """Yield the operations that stand in an expression; in a loop or a condition as if they stood there once.

        A name's are yielded once, too: lists that hold each other's names many times over would have no end.
        """
        if isinstance(node, ast.Name):
            key = (node.id, state, database)
            if node.id in self.known and key not in self.passed:
                self.passed.add(key)
                yield from self.operations(self.known[node.id], state, database)
            return
        kind = self._kind(node)
        if isinstance(node, ast.Call) and kind in SIGNATURES:
            yield from self._of_call(node, kind, state, database)
            return
        for child in ast.iter_child_nodes(node) if node is not None else ():
            yield from self.operations(child, state, database)

    def _kind(self, node: ast.AST | None) -> str:
        name = _last_name(node.func) if isinstance(node, ast.Call) else ""
        return self.first_names.get(name, name)

    def _of_call(self, node: ast.Call, kind: str, state: bool, database: bool) -> Iterator[Operation]:
        given = dict(zip(SIGNATURES[kind], node.args, strict=False))
        given |= {each.arg: each.value for each in node.keywords if each.arg}
        if kind != "SeparateDatabaseAndState":
            yield Operation(kind=kind, arguments=given, line=node.lineno, in_state=state, in_database=database)
        yield from self.operations(given.get("database_operations"), False, database)
        yield from self.operations(given.get("state_operations"), state, False)


def text_of(node: ast.AST | None) -> str:
    """Return the text that an expression is; empty for another one."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


class Texts:
    """The texts in expressions of a file, with the constants and functions of that file that they name."""

    def __init__(self, known: Mapping[str, ast.expr], functions: Mapping[str, ast.FunctionDef]) -> None:
        self.known, self.functions = known, functions
        self.left = MOST

    def of(self, node: ast.AST) -> list[str]:
        """Return each text in an expression, in order; of a pair (SQL, parameters) the SQL."""
        return list(self._in(node, 0, set()))

    def _in(self, node: ast.AST, deep: int, called: set[str]) -> Iterator[str]:
        self.left -= 1
        if self.left < 0:
            return
        if isinstance(node, ast.Constant):
            yield from [self._counted(node.value)] if isinstance(node.value, str) else []
        elif isinstance(node, ast.Name):
            yield from self._named(node.id, deep, called)
        elif isinstance(node, ast.JoinedStr):
            yield "".join([text_of(part) or self._counted(self._put_in(part)) for part in node.values])
        elif isinstance(node, ast.List | ast.Tuple):
            for each in node.elts:
                first = each.elts[0] if isinstance(each, ast.Tuple) and each.elts else each
                yield from self._in(first, deep, called)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            yield from self._added(node, deep, called)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join":
            yield text_of(node.func.value).join([text for each in node.args for text in self._in(each, deep, called)])
        else:
            for child in ast.iter_child_nodes(node):
                if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):  # a docstring
                    yield from self._in(child, deep, called)

    def _named(self, name: str, deep: int, called: set[str]) -> Iterator[str]:
        if name in self.known and deep < 8:
            yield from self._in(self.known[name], deep + 1, called)
        elif name in self.functions and name not in called and len(called) < 8:
            called.add(name)
            for each in self.functions[name].body:
                if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)):
                    yield from self._in(each, deep, called)

    def _added(self, node: ast.BinOp, deep: int, called: set[str]) -> Iterator[str]:
        """A sum: one text of texts, with what stands for those that are computed, or lists one after the other."""
        both = [[*self._in(each, deep, called)] for each in (node.left, node.right)]
        is_text = not any(isinstance(each, ast.List | ast.Tuple) for each in (node.left, node.right))
        if not is_text or not any(both) or any(len(each) > 1 for each in both):
            yield from [*both[0], *both[1]]
            return
        sides = zip(both, (node.left, node.right), strict=True)
        yield "".join([found[0] if found else _last_name(side) or "something" for found, side in sides])

    def _put_in(self, part: ast.expr) -> str:
        """What an f-string puts in: a constant of the module, else a name that stands for it."""
        value = part.value if isinstance(part, ast.FormattedValue) else part
        found = text_of(self.known.get(value.id)) if isinstance(value, ast.Name) else text_of(value)
        return found or _last_name(value) or "something"

    def _counted(self, text: str) -> str:
        self.left -= len(text)
        return text if self.left >= 0 else ""


def _last_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _pairs(node: ast.expr | None, known: Mapping[str, ast.expr]) -> tuple[tuple[str, str], ...]:
    """The pairs of texts in a list, such as ("shop", "0041_price")."""
    if isinstance(node, ast.Name):
        node = known.get(node.id)
    tuples = [each for each in ast.walk(node) if isinstance(each, ast.Tuple | ast.List)] if node else []
    found = [(text_of(each.elts[0]), text_of(each.elts[1])) for each in tuples if len(each.elts) == 2]
    return tuple((app, name) for app, name in found if name)


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements, with those that stand in a condition or the like, in order."""
    for each in body:
        yield each
        if not isinstance(each, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _statements([inner for inner in ast.iter_child_nodes(each) if isinstance(inner, ast.stmt)])
            for handler in getattr(each, "handlers", ()):
                yield from _statements(handler.body)


def _given(name: str, body: Sequence[ast.stmt], target: type[ast.expr]) -> Iterator[ast.expr]:
    """What a name gets: by `=`, by `+=`, and by methods such as append."""
    for each in _statements(body):
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call):
            method = each.value.func
            if isinstance(method, ast.Attribute) and isinstance(method.value, target):
                yield from each.value.args if _last_name(method.value) == name else ()
        value = getattr(each, "value", None)
        if isinstance(value, ast.expr) and any(
            _last_name(to) == name for to in _targets(each) if isinstance(to, target)
        ):
            yield value


def _targets(statement: ast.stmt) -> list[ast.expr]:
    if isinstance(statement, ast.AnnAssign | ast.AugAssign):
        return [statement.target]
    return statement.targets if isinstance(statement, ast.Assign) else []


def _constants(body: Sequence[ast.stmt]) -> dict[str, ast.expr]:
    """What names get; what `+=` adds stands behind it."""
    found: dict[str, ast.expr] = {}
    added: dict[str, int] = {}
    for each in _statements(body):
        value = getattr(each, "value", None)
        for name in (_last_name(to) for to in _targets(each) if isinstance(to, ast.Name)):
            if not isinstance(value, ast.expr):
                continue
            if isinstance(each, ast.AugAssign) and name in found:
                added[name] = added.get(name, 0) + 1
                whole = ast.BinOp(left=found[name], op=ast.Add(), right=value)
                found[name] = whole if added[name] < MOST_ADDED else found[name]
            else:
                found[name] = value
    return found


def _first_names(module: ast.Module) -> dict[str, str]:
    """What is imported, or named, under another name -> what its home calls it."""
    imported = [each for each in _statements(module.body) if isinstance(each, ast.ImportFrom)]
    named = {name: _last_name(value) for name, value in _constants(module.body).items()}
    again = {name: kind for name, kind in named.items() if kind in SIGNATURES}
    return again | {name.asname: name.name for each in imported for name in each.names if name.asname}
