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
from nbrunbook.runbook import batch_parts
from nbrunbook.runbook.automation import OPTIONS
from nbrunbook.runbook.batch_parts import DEFINITIONS
from nbrunbook.runbook.fingerprints import Fingerprints
from nbrunbook.runbook.our_names import called, our_names
from nbrunbook.template import declarations, python_cells
from nbrunbook.template.cells import Piece
from nbrunbook.template.placed_cells import File, Place
from nbrunbook.template.python_cells import Code

DECORATORS = tuple(OPTIONS)
"""What stands above a function; a batch is put into a variable."""
LISTS = (ast.List, ast.Tuple)
UNREAD = object()
"""Stands for a value that is computed."""


@dataclass(frozen=True, kw_only=True)
class Named:
    """An argument that is the value of a parameter."""

    parameter: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Binding:
    """A decorator above a function, or name = batch(…), as it is written."""

    kind: str
    """One of KINDS."""
    step: str | None
    """The step's id; None where it is no literal text."""
    made: ast.expr
    """The decorator itself."""
    function: ast.FunctionDef | ast.AsyncFunctionDef | None
    """What stands below it; None for a batch, and above a class, which is no function."""
    variable: str = ""
    """What holds a batch; empty where it is not put into one variable, and for what stands above a function."""
    at_top: bool
    """Whether it stands at the top level of its cell."""
    place: Place

    @property
    def line(self) -> int:
        """Counted from 1 in its cell."""
        return self.made.lineno

    @property
    def function_name(self) -> str:
        """What a run calls; of a batch, the variable that holds it."""
        return self.function.name if self.function else self.variable

    @property
    def arguments(self) -> dict[str, Any]:
        """What it says beside the step's id: literals, and `Named` parameters; what is neither is left out."""
        found = {name: self._value(node) for name, node in self.expressions.items()}
        return {name: value for name, value in found.items() if value is not UNREAD}

    def _value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Name):
            return Named(parameter=node.id)
        if isinstance(node, LISTS) and self.kind == "batch" and all(isinstance(one, ast.Constant) for one in node.elts):
            return [getattr(one, "value", None) for one in node.elts]
        return node.value if isinstance(node, ast.Constant) else UNREAD

    @property
    def expressions(self) -> dict[str, ast.expr]:
        """The same as Python."""
        keywords = self.made.keywords if isinstance(self.made, ast.Call) else []
        return {each.arg: each.value for each in keywords if each.arg is not None}


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
        """By step, the first that binds it to a function, or to a batch."""
        return {each.step: each for each in reversed(self.listed) if each.step is not None and each.function_name}

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
        return bool(self.listed)

    @cached_property
    def generators(self) -> frozenset[int]:
        """The ids of the trees of functions that yield: calling one does nothing."""
        trees = [code.tree for code in self.cells.values() if code.tree]
        functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, DEFINITIONS)]
        return frozenset(id(each) for each in functions if any(map(_yields, own_nodes(each))))

    def called(self, node: ast.expr) -> str:
        """Return what of ours is called, or named: check for check(…), nbrunbook.check and nb.check; else empty."""
        return called(node, self.names)


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands in a function, and not in one inside of it."""
    for child in ast.iter_child_nodes(function):
        yield child
        if not isinstance(child, (*top_level.DEFINITIONS, ast.Lambda)):
            yield from own_nodes(child)


def _yields(node: ast.AST) -> bool:
    return isinstance(node, ast.Yield | ast.YieldFrom)


def read_bindings(files: Sequence[File]) -> Bindings:
    """Return what the code cells of a template bind; a cell that is not Python binds nothing."""
    code = [place for file in files for place in file.places if place.cell["cell_type"] == "code"]
    cells = {place: python_cells.read(place.cell["source"]) for place in code}
    loaded = [each for place in code for each in _loaded(cells[place], imports_alone=_declares(place))]
    names = our_names(loaded)
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
    found = _bindings(place, code, our_names(list(_loaded(code))))
    return tuple(dict.fromkeys(each.step for each in found if each.step is not None))


def batches_given(source: str) -> frozenset[str]:
    """Return the variables whose batches a cell gives a function, told from it alone: wherever they are made."""
    tree = python_cells.read(source).tree
    above = [each for node in (tree.body if tree else ()) for each in getattr(node, "decorator_list", ())]
    parts = [each for each in above if isinstance(each, ast.Attribute) and each.attr in batch_parts.PARTS]
    return frozenset(each.value.id for each in parts if isinstance(each.value, ast.Name))


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
    names = our_names(loaded)
    return Fingerprints([_undecorated(each, names) for each in loaded])


def _loaded(code: Code, *, imports_alone: bool = False) -> Iterator[ast.stmt]:
    for each in top_level.apart(code.tree.body if code.tree else ()):
        if not imports_alone or isinstance(each, ast.Import | ast.ImportFrom):
            yield each


def _bindings(place: Place, code: Code, names: Mapping[str, str]) -> Iterator[Binding]:
    """@check("id"), @action("id") and name = batch("id", …)."""
    top = {id(each) for each in code.tree.body} if code.tree else set[int]()
    for node in ast.walk(code.tree) if code.tree else ():
        variable, batch = batch_parts.variable(node, names)
        made: list[ast.expr] = [batch] if batch else []
        if isinstance(node, (*DEFINITIONS, ast.ClassDef)):
            made = [each for each in node.decorator_list if called(each, names) in DECORATORS]
        for each in made:
            yield Binding(
                kind=called(each, names),
                step=_first(each),
                made=each,
                function=node if isinstance(node, DEFINITIONS) else None,
                variable=variable,
                at_top=id(node) in top,
                place=place,
            )


def _first(made: ast.expr) -> str | None:
    first = made.args[0] if isinstance(made, ast.Call) and made.args else None
    return composed(first.value) if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _undecorated(statement: ast.stmt, names: Mapping[str, str]) -> ast.stmt:
    """A statement without our decorators: how often a function is tried is none of what it does."""
    if not isinstance(statement, DEFINITIONS) or not statement.decorator_list:
        return batch_parts.without_options(statement, names)
    found = copy.copy(statement)
    found.decorator_list = [each for each in statement.decorator_list if called(each, names) not in DECORATORS]
    return found
