"""What can be wrong with what a decorator, or batch(…), says: RB121."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from nbrunbook.errors import nearest
from nbrunbook.runbook.parameters import MISSING, Parameter
from nbrunbook.template.argument_values import EXPECTED, OPTIONS, read
from nbrunbook.template.bindings import LISTS, Binding
from nbrunbook.template.problems import Problem
from nbrunbook.texts import short

TYPES: Mapping[str, str] = {
    "attempts": "int",
    "batch_size": "int",
    "max_errors": "int",
    "repeatable": "bool",
    "databases": "list",
}
"""By option, of which type a parameter has to be whose value it takes; a str where nothing is said."""


def problems(each: Binding, parameters: Mapping[str, Parameter]) -> Iterator[Problem]:
    """Yield RB121 for each argument that cannot be used; what holds a batch back is looked at elsewhere."""
    made, known = each.made, OPTIONS[each.kind]
    for extra in made.args[1:] if isinstance(made, ast.Call) else ():
        hint = f"name it: {each.kind}({each.step!r}, {known[0]}=…)"
        yield each.place.problem("RB121", f"{each.kind} takes the step's id alone in first place", hint, extra.lineno)
    for keyword in made.keywords if isinstance(made, ast.Call) else ():
        if keyword.arg is None:
            message, hint = f"{each.kind} with **: what it says is computed", "write each argument out"
        elif keyword.arg not in known:
            close = nearest(keyword.arg, known)
            message = f"{each.kind} has no {short(keyword.arg, 80)}"
            hint = f"did you mean {close}?" if close else f"it knows {', '.join(known)}"
        elif keyword.arg == "throttle":
            continue
        else:
            message = _value(each, keyword.arg, keyword.value, parameters)
            hint = f"expected {EXPECTED[keyword.arg]}"
        if message:
            yield each.place.problem("RB121", message, hint, keyword.value.lineno)


def _value(each: Binding, option: str, value: ast.expr, parameters: Mapping[str, Parameter]) -> str:
    """What is wrong with the value of an argument; empty for nothing."""
    if isinstance(value, ast.Constant) or (isinstance(value, LISTS) and option in each.arguments):
        found = each.arguments[option]
        return "" if _fits(option, found) else f"{option}={short(repr(found), 80)}"
    if not isinstance(value, ast.Name):
        return f"{option} is computed: it is a literal or the name of a parameter"
    declared = parameters.get(value.id)
    if declared is None:
        close = nearest(value.id, parameters)
        mean = f" (did you mean {close}?)" if close else ""
        return f"{option}={short(value.id, 80)} is no parameter{mean}"
    if not _is_of_type(declared, TYPES.get(option, "str")):
        return f"{option}={declared.name}, which is a {declared.type.name}"
    if declared.default is MISSING or _fits(option, declared.default):
        return ""
    return f"{option}={declared.name}, which is {short(repr(declared.default), 80)} by default"


def _is_of_type(declared: Parameter, needed: str) -> bool:
    if needed == "list":
        return declared.type.base == "list" and declared.type.item == "str"
    return declared.type.base in ("literal", needed)


def _fits(option: str, value: object) -> bool:
    try:
        read(option, value)
    except ValueError:
        return False
    return True
