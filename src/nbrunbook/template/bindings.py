"""Bindings: what an author's code cells say of the steps that the machine does. Read with `ast`, and never run."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nbrunbook.documents import notebook, top_level
from nbrunbook.documents.letters import composed
from nbrunbook.documents.notebook import Cell
from nbrunbook.runbook.automation import KINDS
from nbrunbook.runbook.fingerprints import Fingerprints
from nbrunbook.template import declarations, python_cells
from nbrunbook.template.cells import Piece
from nbrunbook.template.placed_cells import File, Place
from nbrunbook.template.python_cells import Code

DECORATORS = (*KINDS, "batch")
PACKAGE = "nbrunbook"
PACKAGES = (PACKAGE, "nb")
"""How authors call the package in front of a dot, where they do not say."""
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, kw_only=True)
class Named:
    """An argument that is the value of a parameter."""

    parameter: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Binding:
    """A decorator above a function, or name = batch(…), as it is written."""

    kind: str
    """One of DECORATORS."""
    step: str | None
    """The step's id; None where it is no literal text."""
    made: ast.expr
    """The decorator itself."""
    function: ast.FunctionDef | ast.AsyncFunctionDef | None
    """What stands below it; None for a batch, and above a class, which is no function."""
    at_top: bool
    """Whether it stands at the top level of its cell."""
    place: Place

    @property
    def line(self) -> int:
        """Counted from 1 in its cell."""
        return self.made.lineno

    @property
    def function_name(self) -> str:
        """What a run calls; empty for a batch."""
        return self.function.name if self.function else ""

    @property
    def arguments(self) -> dict[str, Any]:
        """What it says beside the step's id: literals, and `Named` parameters; what is neither is left out."""
        keywords = self.made.keywords if isinstance(self.made, ast.Call) else []
        said = {each.arg: each.value for each in keywords if each.arg is not None}
        literal = {name: each.value for name, each in said.items() if isinstance(each, ast.Constant)}
        return literal | {name: Named(parameter=each.id) for name, each in said.items() if isinstance(each, ast.Name)}


@dataclass(frozen=True, kw_only=True)
class Bindings:
    """The code cells of a template, and what they bind."""

    cells: Mapping[Place, Code]
    """All of them as read, those of parameters among them."""
    names: Mapping[str, str]
    """What the code calls our decorators, and the package -> what they are."""
    listed: tuple[Binding, ...]
    statements: tuple[ast.stmt, ...]
    """Those of a run: all cells' in order, of the parameters only the imports; without our decorators."""

    @cached_property
    def by_step(self) -> Mapping[str, Binding]:
        """By step, the first that binds it to a function."""
        return {each.step: each for each in reversed(self.listed) if each.step is not None and each.function}

    @cached_property
    def fingerprints(self) -> Fingerprints:
        """Whether a function does what it did."""
        return Fingerprints(self.statements)

    @cached_property
    def assigned(self) -> Counter[str]:
        """How often the code binds each name at its top level."""
        return Counter(name for each in self.statements for name in top_level.assigned(each))

    @cached_property
    def automated(self) -> bool:
        """Whether there is any step that the machine does, or is meant to do."""
        return any(each.kind in KINDS for each in self.listed)

    def called(self, node: ast.expr) -> str:
        """Return what of ours is called, or named: check for check(…), nbrunbook.check and nb.check; else empty."""
        return _called(node, self.names)


def read_bindings(files: Sequence[File]) -> Bindings:
    """Return what the code cells of a template bind; a cell that is not Python binds nothing."""
    code = [place for file in files for place in file.places if place.cell["cell_type"] == "code"]
    cells = {place: python_cells.read(place.cell["source"]) for place in code}
    loaded = [each for place in code for each in _loaded(cells[place], imports_alone=_declares(place))]
    names = dict(_names(loaded))
    bound = [each for place in code if not _declares(place) for each in _bindings(place, cells[place], names)]
    return Bindings(
        cells=cells,
        names=names,
        listed=tuple(bound),
        statements=tuple(_undecorated(each, names) for each in loaded),
    )


def steps_bound(source: str) -> tuple[str, ...]:
    """Return the steps to which a cell binds functions, told from it alone."""
    code = python_cells.read(source)
    place = Place(path=Path(), number=None, above=0, cell={})
    found = _bindings(place, code, dict(_names(list(_loaded(code)))))
    return tuple(dict.fromkeys(each.step for each in found if each.step is not None and each.kind in KINDS))


def sources(pieces: Sequence[Piece]) -> tuple[str, ...]:
    """Return the code that a run loads, a source for each cell; the parameters' values come with the run."""
    return plan_code(
        [piece.cell["source"] for piece in pieces if piece.kind == "parameters"],
        [piece.cell["source"] for piece in pieces if piece.kind == "code"],
    )


def plan_code(declaring: Sequence[str], code: Sequence[str]) -> tuple[str, ...]:
    """Return the same from the sources of the cells that declare parameters, and of all other code cells."""
    return tuple(each for each in (*map(declarations.imports, declaring), *code) if each.strip())


def _declares(place: Place) -> bool:
    return "parameters" in notebook.tags(place.cell)


def code_in(cells: Sequence[Cell]) -> tuple[str, ...]:
    """Return the same from the cells of a runbook's notebook."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    return plan_code(
        [cell["source"] for cell in code if "parameters" in notebook.tags(cell)],
        [cell["source"] for cell in code if notebook.is_author_s(cell)],
    )


def fingerprints_of(code: Sequence[str]) -> Fingerprints:
    """Return the functions in the code of a plan."""
    loaded = [statement for source in code for statement in _loaded(python_cells.read(source))]
    names = dict(_names(loaded))
    return Fingerprints([_undecorated(each, names) for each in loaded])


def _loaded(code: Code, *, imports_alone: bool = False) -> Iterator[ast.stmt]:
    for each in top_level.apart(code.tree.body if code.tree else ()):
        if not imports_alone or isinstance(each, ast.Import | ast.ImportFrom):
            yield each


def _names(statements: Sequence[ast.stmt]) -> Iterator[tuple[str, str]]:
    """What names mean something of ours: as it is usual, unless the code binds such a name to something else."""
    others = {name for each in statements for name in top_level.assigned(each)}
    yield from ((name, name) for name in DECORATORS if name not in others)
    yield from ((name, PACKAGE) for name in PACKAGES if name not in others)
    for each in statements:
        for alias in each.names if isinstance(each, ast.Import | ast.ImportFrom) else ():
            of_ours = isinstance(each, ast.ImportFrom) and each.module == PACKAGE and alias.name in DECORATORS
            if of_ours or (isinstance(each, ast.Import) and alias.name == PACKAGE):
                yield alias.asname or alias.name, alias.name


def _called(node: ast.expr, names: Mapping[str, str]) -> str:
    node = node.func if isinstance(node, ast.Call) else node
    if isinstance(node, ast.Attribute):
        of_ours = isinstance(node.value, ast.Name) and names.get(node.value.id) == PACKAGE
        return node.attr if of_ours else ""
    found = names.get(node.id, "") if isinstance(node, ast.Name) else ""
    return found if found != PACKAGE else ""


def _bindings(place: Place, code: Code, names: Mapping[str, str]) -> Iterator[Binding]:
    """@check("id"), @action("id") and name = batch("id", …)."""
    top = {id(each) for each in code.tree.body} if code.tree else set[int]()
    for node in ast.walk(code.tree) if code.tree else ():
        made: list[ast.expr] = []
        if isinstance(node, (*DEFINITIONS, ast.ClassDef)):
            made = [each for each in node.decorator_list if _called(each, names) in KINDS]
        elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            made = [node.value] if _called(node.value, names) == "batch" else []
        for each in made:
            yield Binding(
                kind=_called(each, names),
                step=_first(each),
                made=each,
                function=node if isinstance(node, DEFINITIONS) else None,
                at_top=id(node) in top,
                place=place,
            )


def _first(made: ast.expr) -> str | None:
    first = made.args[0] if isinstance(made, ast.Call) and made.args else None
    return composed(first.value) if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _undecorated(statement: ast.stmt, names: Mapping[str, str]) -> ast.stmt:
    """A statement without our decorators: how often a function is tried is none of what it does."""
    if not isinstance(statement, DEFINITIONS) or not statement.decorator_list:
        return statement
    found = copy.copy(statement)
    found.decorator_list = [each for each in statement.decorator_list if _called(each, names) not in KINDS]
    return found
