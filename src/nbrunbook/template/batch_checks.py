"""What can be wrong with batches: where one is made, the functions that it is given, and what holds it back."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nbrunbook.documents import python_source
from nbrunbook.errors import NbrunbookError, nearest
from nbrunbook.runbook import batch_facts, batch_parts
from nbrunbook.runbook.batch_parts import DEFINITIONS, NEEDED, PARTS
from nbrunbook.runbook.our_names import THROTTLES
from nbrunbook.runbook.parameters import Parameter
from nbrunbook.template.batch_planning import throttles
from nbrunbook.template.bindings import Binding, Bindings
from nbrunbook.template.placed_cells import Place
from nbrunbook.template.problems import Problem
from nbrunbook.texts import short

MADE = 'write fill = batch("id", …) at the top level of a cell'
HELD = f"expected {batch_facts.EXPECTED['throttle']}"


@dataclass(frozen=True, kw_only=True)
class Given:
    """A decorator such as @fill.fetch."""

    batch: str
    part: str
    made: ast.expr
    below: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    at_top: bool
    place: Place
    order: tuple[int, int]
    """The number of its cell, and its line there."""

    def problem(self, problem_id: str, message: str, hint: str) -> Problem:
        """Return what is wrong with it."""
        return self.place.problem(problem_id, message, hint, self.made.lineno)


def problems(found: Bindings, parameters: Mapping[str, Parameter]) -> Iterator[Problem]:
    """Yield what is wrong with the batches in an author's code; their arguments are looked at elsewhere."""
    given: dict[str, list[Given]] = {}
    for one in _given(found):
        given.setdefault(one.batch, []).append(one)
        yield from _function(one, found)
    numbers = {place: number for number, place in enumerate(found.cells)}
    functions = {each.name: each.args for each in found.statements if isinstance(each, DEFINITIONS)}
    for each in found.listed:
        if each.kind == "batch":
            yield from _made(each, found, parameters)
            yield from _held(each, found, functions, parameters)
            yield from _parts(each, given.get(each.variable, []), (numbers[each.place], each.line))
    yield from _loose(found)


# Where it is made


def _made(each: Binding, found: Bindings, parameters: Mapping[str, Parameter]) -> Iterator[Problem]:
    name, words = short(each.variable, 80), ""
    if not each.variable:
        words, hint = "a batch that is not put into one variable", MADE
    elif not each.at_top:
        words, hint = f"{name} stands inside of something else", MADE
    elif each.variable in parameters or found.assigned[each.variable] > 1:
        words, hint = f"something else is called {name}, too", "a run finds a batch by its name: rename one"
    if words:
        yield each.place.problem("RB122", words, hint, each.line)
    stars = isinstance(each.made, ast.Call) and any(keyword.arg is None for keyword in each.made.keywords)
    if "databases" not in each.expressions and not stars:
        hint = f"expected databases={batch_facts.EXPECTED['databases']}"
        yield each.place.problem("RB121", "batch without databases", hint, each.line)


def _loose(found: Bindings) -> Iterator[Problem]:
    """Calls of what is imported as our batch, that no variable takes."""
    imported = {name for name, meant in found.names.items() if meant == "batch" and found.assigned[name]}
    for place, code in found.cells.items() if imported else ():
        kept = {id(batch_parts.variable(node, found.names)[1]) for node in ast.walk(code.tree)} if code.tree else set()
        for node in ast.walk(code.tree) if code.tree else ():
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in imported and id(node) not in kept:
                yield place.problem("RB122", "a batch that is not put into one variable", MADE, node.lineno)


# The functions that it is given


def _given(found: Bindings) -> Iterator[Given]:
    """All decorators of batches, also those that give nothing."""
    batches = {each.variable for each in found.listed if each.variable}
    for number, (place, code) in enumerate(found.cells.items()) if batches else ():
        top = {id(each) for each in code.tree.body} if code.tree else set[int]()
        for node in ast.walk(code.tree) if code.tree else ():
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            for made in node.decorator_list:
                base = made.func if isinstance(made, ast.Call) else made
                if isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name) and base.value.id in batches:
                    yield Given(
                        batch=base.value.id,
                        part=base.attr,
                        made=made,
                        below=node,
                        at_top=id(node) in top,
                        place=place,
                        order=(number, made.lineno),
                    )


def _parts(each: Binding, given: list[Given], order: tuple[int, int]) -> Iterator[Problem]:
    name, taken = short(each.variable, 80), dict[str, Given]()
    for one in given:
        part = f"@{name}.{short(one.part, 80)}"
        first = taken.setdefault(one.part, one)
        if one.part not in PARTS:
            close = nearest(one.part, PARTS)
            hint = f"did you mean {close}?" if close else f"it knows {', '.join(PARTS)}"
            yield one.problem("RB125", f"a batch has no {short(one.part, 80)}", hint)
        elif isinstance(one.made, ast.Call):
            yield one.problem("RB125", f"{part} is called", f"write {part} alone")
        elif first is not one:
            where = "" if first.place is one.place else " in another cell"
            line = first.made.lineno + first.place.above
            yield one.problem("RB125", f"a second function with {part}: line {line}{where}", "keep one")
        elif one.order < order:
            yield one.problem("RB125", f"{part} stands above {name} = batch(…)", "move it below")
    for part in NEEDED if each.variable else ():
        if part not in taken:
            hint = f"put it above a function that takes {', '.join(PARTS[part])}"
            yield each.place.problem("RB125", f"no function has @{name}.{part}", hint, each.line)


def _function(one: Given, found: Bindings) -> Iterator[Problem]:
    """Whether what stands below a decorator can be called as a run does."""
    function, needed, words = one.below, PARTS.get(one.part, ()), ""
    if isinstance(function, ast.ClassDef):
        yield one.problem("RB122", f"@{one.batch}.{one.part} stands above a class", "a function does it")
        return
    name = short(function.name, 80)
    if not one.at_top:
        words, hint = f"{name} stands inside of something else", "move it to the top level of its cell"
    elif needed and not _takes(function.args, len(needed)):
        words = f"{name} takes {short(python_source.shown(function.args), 80) or 'nothing'}"
        hint = f"{one.part} is called with {', '.join(needed)}"
    elif id(function) in found.generators:
        words, hint = f"{name} yields: calling it does nothing", "return what there is to say"
    if words:
        yield one.problem("RB122", words, hint)


def _takes(taken: ast.arguments, count: int) -> bool:
    """Whether so many arguments can be given one after the other, and nothing else has to be."""
    most = len(taken.posonlyargs) + len(taken.args)
    more_needed = any(default is None for default in taken.kw_defaults)
    return most - len(taken.defaults) <= count and (count <= most or taken.vararg is not None) and not more_needed


# What holds it back


def _held(
    each: Binding, found: Bindings, functions: Mapping[str, ast.arguments], parameters: Mapping[str, Parameter]
) -> Iterator[Problem]:
    for throttle in throttles(each):
        shown, words, hint = short(python_source.shown(throttle), 80), "", HELD
        if isinstance(throttle, ast.Call) and found.called(throttle) in THROTTLES:
            words, hint = _ours(throttle, found.called(throttle), parameters)
        elif not isinstance(throttle, ast.Name):
            words = f"throttle={shown}"
        elif throttle.id not in functions:
            words = f"throttle={shown} is no function of the template"
        elif not _takes(functions[throttle.id], 0) and not _takes(functions[throttle.id], 1):
            words = f"{shown} takes {short(python_source.shown(functions[throttle.id]), 80)}"
            hint = "what holds a batch back takes nothing, or db"
        if words:
            yield each.place.problem("RB126", words, hint, throttle.lineno)


def _ours(throttle: ast.Call, name: str, parameters: Mapping[str, Parameter]) -> tuple[str, str]:
    """What is wrong with window(…) or replica_lag(…), and what is expected; empty for nothing."""
    said = [*throttle.args, *(keyword.value for keyword in throttle.keywords)]
    constants = [one.value for one in said if isinstance(one, ast.Constant)]
    if not all(isinstance(one, ast.Constant) or getattr(one, "id", "") in parameters for one in said):
        shown = short(python_source.shown(throttle), 80)
        return f"{shown} is computed", "what it takes are literals or names of parameters"
    if len(constants) < len(said) or any(keyword.arg is None for keyword in throttle.keywords):
        return "", ""
    from nbrunbook.batches import throttles as ours  # which loads SQLAlchemy

    given = dict(zip((str(keyword.arg) for keyword in throttle.keywords), constants[len(throttle.args) :], strict=True))
    try:
        getattr(ours, name)(*constants[: len(throttle.args)], **given)
    except NbrunbookError as error:
        return short(error.found, 200), f"expected {error.expected}"
    except TypeError as error:
        return short(str(error), 200).replace("()", ""), "see docs/batches.md"
    return "", ""
