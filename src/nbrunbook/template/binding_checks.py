"""What can be wrong with the decorators in an author's code, and with code that a run has to load."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from nbrunbook.documents import notebook, top_level
from nbrunbook.errors import nearest
from nbrunbook.runbook.parameters import Parameter
from nbrunbook.template import argument_checks, batch_checks, bindings
from nbrunbook.template.bindings import Binding, Bindings
from nbrunbook.template.placed_cells import Place
from nbrunbook.template.problems import Problem
from nbrunbook.template.python_cells import Code
from nbrunbook.template.written_step import WrittenStep
from nbrunbook.texts import short

RUN = "run"
"""The one parameter that a step's function may take."""
OF_NOTEBOOKS = ("display", "get_ipython")
"""What IPython puts into its own namespace alone."""


def problems(found: Bindings, steps: Sequence[WrittenStep], parameters: Mapping[str, Parameter]) -> Iterator[Problem]:
    """Yield what is wrong with what binds functions to steps, and with the code around it."""
    by_id = {step.id: step for step in steps}
    taken: dict[str, Binding] = {}
    for each in found.listed:
        if each.step is None or each.step not in by_id:
            yield _no_step(each, by_id)
            continue
        first = taken.setdefault(each.step, each)
        if first is not each:
            where = "" if first.place is each.place else " in another cell"
            message = f"a second decorator binds the step {each.step!r}: line {first.line + first.place.above}{where}"
            yield each.place.problem("RB120", message, "keep one", each.line)
        yield from argument_checks.problems(each, parameters)
        yield from _function(each, found, parameters) if each.kind != "batch" else ()
        yield from _step(each, by_id[each.step])
    yield from batch_checks.problems(found, parameters)
    for place, code in found.cells.items() if found.automated else ():
        if "parameters" not in notebook.tags(place.cell):
            yield from _only_in_notebooks(place, code, found)


def _no_step(each: Binding, by_id: Mapping[str, WrittenStep]) -> Problem:
    if each.step is None:
        message = f"{each.kind}(…) does not name its step by a text"
        return each.place.problem("RB115", message, f'write the id itself: {each.kind}("id")', each.line)
    close = nearest(each.step, by_id)
    hint = f"did you mean {close!r}?" if close else "an id of a step in Markdown: {#id}"
    return each.place.problem("RB115", f"{each.kind}({each.step!r}) names no step", hint, each.line)


# What stands below it


def _function(each: Binding, found: Bindings, parameters: Mapping[str, Parameter]) -> Iterator[Problem]:
    function = each.function
    if function is None:
        yield each.place.problem("RB122", f"{each.kind}(…) stands above a class", "a function does a step", each.line)
        return
    name, words = short(function.name, 80), ""
    if not each.at_top:
        words, hint = f"{name} stands inside of something else", "move it to the top level of its cell"
    elif other := _other_arguments(function.args):
        words, hint = f"{name} takes {short(other, 80)}", "a step's function takes nothing, or run"
    elif id(function) in found.generators:
        words, hint = f"{name} yields: calling it does nothing", "return what there is to say"
    elif function.name in parameters or found.assigned[function.name] > 1:
        words, hint = f"something else is called {name}, too", "a run finds a step's function by its name: rename one"
    if words:
        yield each.place.problem("RB122", words, hint, function.lineno)


def _other_arguments(taken: ast.arguments) -> str:
    """What it takes that a run does not give: `run` comes by its name."""
    before = [f"{each.arg}, /" for each in taken.posonlyargs]
    named = [*before, *(each.arg for each in (*taken.args, *taken.kwonlyargs))]
    starred = [f"*{taken.vararg.arg}"] if taken.vararg else []
    starred += [f"**{taken.kwarg.arg}"] if taken.kwarg else []
    return ", ".join([*(name for name in named if name != RUN), *starred])


def _step(each: Binding, step: WrittenStep) -> Iterator[Problem]:
    if not step.box or "group" in step.attributes.flags:
        what = "a .group" if step.box else "a plain bullet over steps"
        hint = "bind the steps in it, or give it a box of its own"
        yield each.place.problem("RB123", f"{each.kind}({each.step!r}) names {what}, which has no box", hint, each.line)


# What a run cannot load


def _only_in_notebooks(place: Place, code: Code, found: Bindings) -> Iterator[Problem]:
    hint = "automated steps load all code cells as plain Python, in a process of their own"
    if code.tree is None:
        yield place.problem("RB124", "the cell is not Python", hint)
        return
    lines = {line: f"{short(text)} is IPython's" for line, text in code.magic.items()}
    for statement in code.tree.body:
        lines |= dict.fromkeys(_awaits(statement), "await outside of a function")
        lines |= {line: f"{name} is IPython's" for line, name in _of_ipython(statement, found)}
        lines |= dict.fromkeys(_mains(statement), "a run's code is not __main__")
    for line, words in sorted(lines.items()):
        yield place.problem("RB124", words, hint, line)


def _awaits(statement: ast.stmt) -> Iterator[int]:
    if isinstance(statement, top_level.DEFINITIONS):
        return
    for node in (statement, *bindings.own_nodes(statement)):
        is_async = any(each.is_async for each in getattr(node, "generators", ()))
        if is_async or isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
            yield getattr(node, "lineno", statement.lineno)


def _of_ipython(statement: ast.stmt, found: Bindings) -> Iterator[tuple[int, str]]:
    nodes = [each for each in ast.walk(statement) if isinstance(each, ast.Name) and each.id in OF_NOTEBOOKS]
    used = top_level.used(statement) if nodes else set[str]()
    for node in nodes:
        if node.id in used and not found.assigned[node.id]:
            yield node.lineno, node.id


def _mains(statement: ast.stmt) -> Iterator[int]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Constant) and node.value == "__main__":
            yield node.lineno
        elif isinstance(node, ast.Import | ast.ImportFrom):
            named = [getattr(node, "module", None), *(alias.name for alias in node.names)]
            yield from [node.lineno] if "__main__" in named else []
