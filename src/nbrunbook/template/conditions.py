"""Conditions: what is wrong with a `when`. RB107."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nbrunbook.errors import nearest
from nbrunbook.runbook import expressions
from nbrunbook.runbook.parameters import Parameter
from nbrunbook.template.placed_cells import Place
from nbrunbook.template.problems import Problem


def problems(expression: str, place: Place, line: int, declared: Mapping[str, Parameter]) -> Iterator[Problem]:
    """Yield what keeps a `when` from being decided: its syntax, names of no parameter, texts that are no version."""
    try:
        used = expressions.names_in(expression)
    except expressions.ExpressionError as error:
        yield place.problem("RB107", error.found, f"expected {error.expected}", line)
        return
    for name in dict.fromkeys(used):
        if name not in declared:
            close = nearest(name, declared)
            hint = f"did you mean {close!r}?" if close else f"there are {', '.join(sorted(declared))}"
            yield place.problem("RB107", f"when={expression!r} names no parameter: {name}", hint, line)
    versions = [name for name, each in declared.items() if name == expressions.RELEASE or each.type.base == "Version"]
    for value in dict.fromkeys(expressions.no_versions(expression, versions)):
        message = f"when={expression!r} cannot be decided: {value!r} is no version"
        yield place.problem("RB107", message, "write one, as a text: '2026.10.0'", line)
