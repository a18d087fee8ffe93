"""What makes a release riskier than it was, and how a change of an attribute is judged.

Only what takes care away counts: a reviewer who reads nothing else has to read these.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from nbrunbook.documents import attributes, python_source
from nbrunbook.runbook import batch_facts, lengths

RISKS: Mapping[str, str] = {
    "gate": "a gate was taken away: what stands below no longer waits",
    "unguarded": "steps that waited behind a gate no longer do",
    "approval": "an approval was taken away: nobody else looks before it is done",
    "irreversible": "it cannot be undone, and that is new",
    "acts": "a machine does it now, at the press of a button",
    "does": "what it does has changed",
    "repeatable": "a chunk may be done twice, where its database has no cursor",
    "databases": "it goes through other databases",
    "removed": "a required step was removed",
    "optional": "it became optional: sign-off no longer asks for it",
    "if-needed": "it is closed and not counted until an operator opens it",
    "no-box": "it has no box of its own any more: nobody says that it was done",
    "once": "settled in one environment, it is now settled in all",
    "by-hand": "no machine looks or acts any more: a person says that it was done",
    "evidence": "evidence is no longer asked for",
    "when-narrowed": "`when` was added or narrowed: more runbooks leave it out",
    "when-changed": "`when` was changed: other runbooks leave it out",
    "reach": "it applies in fewer environments: the others do not ask for it any more",
    "after": "an `after` was taken away: it may be done earlier",
    "wait": "a `wait` was shortened or taken away",
    "due": "a `due` was put off or taken away",
    "attempts": "it is tried more often before it counts as failed",
    "timeout": "it may take longer before it is stopped",
    "quarantine": "it goes on where rows are refused, and leaves them out",
    "max_errors": "more rows may be refused before it stops",
    "throttle": "what held it back was changed or taken away",
    "target": "its chunks may take longer, and others wait for their rows",
    "secret": "a secret parameter became a plain one: its value is written down",
}
"""The ids of all risks, the gravest first, with what each means."""

ACT = ("action", "batch")
"""Kinds of steps that change something at the press of a button."""

Judge = Callable[[str | None, str | None], str | None]
"""From an attribute's old and new value (None: not there) to a key of RISKS, or None."""


def _taken(risk: str) -> Judge:
    return lambda _, new: risk if new is None else None


def _given(risk: str) -> Judge:
    return lambda old, _: risk if old is None else None


def _when(old: str | None, new: str | None) -> str | None:
    if new is None:
        return None
    if old is None or is_narrower(old, new):
        return "when-narrowed"
    return None if is_narrower(new, old) or _shape(old) == _shape(new) else "when-changed"


def _after(old: str | None, new: str | None) -> str | None:
    gone = set(attributes.references(old or "")) - set(attributes.references(new or ""))
    return "after" if gone else None


def _wait(old: str | None, new: str | None) -> str | None:
    return "wait" if old is not None and _less(new, old) else None


def _due(old: str | None, new: str | None) -> str | None:
    return "due" if old is not None and (new is None or not _less(new, old, equal=True)) else None


def _less(one: str | None, other: str, *, equal: bool = False) -> bool:
    """Whether a duration is shorter; one that cannot be compared, such as a {{name}}, counts as shorter."""
    try:
        seconds = attributes.seconds(one) if one is not None else -1
        return seconds <= attributes.seconds(other) if equal else seconds < attributes.seconds(other)
    except ValueError:
        return not equal


def _kind(_: str | None, new: str | None) -> str | None:
    return "acts" if new in ACT else "by-hand" if new is None else None


def _attempts(old: str | None, new: str | None) -> str | None:
    """More of them; a number that cannot be compared, such as a parameter's name, counts as more."""
    before, now = old or "1", new or "1"
    fewer = before.isdecimal() and now.isdecimal() and int(now) <= int(before)
    return None if fewer else "attempts"


def _timeout(old: str | None, new: str | None) -> str | None:
    try:
        longer = old is not None and (new is None or lengths.seconds(new) > lengths.seconds(old))
    except ValueError:
        longer = True
    return "timeout" if longer else None


def _databases(old: str | None, new: str | None) -> str | None:
    return "databases" if old is not None and set(old.split(", ")) != set((new or "").split(", ")) else None


def _max_errors(old: str | None, new: str | None) -> str | None:
    """None is no limit; a number that cannot be compared, such as a parameter's name, counts as more."""
    if old is None:
        return None
    fewer = new is not None and new.isdecimal() and old.isdecimal() and int(new) <= int(old)
    return None if fewer else "max_errors"


def _target(old: str | None, new: str | None) -> str | None:
    try:
        then, now = (batch_facts.value_of("target", each or batch_facts.TARGET) for each in (old, new))
    except ValueError:
        return "target"
    return "target" if now > then else None


def _throttle(old: str | None, new: str | None) -> str | None:
    """What is put to it holds more often; what goes, or is replaced, may hold less."""
    return "throttle" if old is not None and not (new or "").startswith(old) else None


def _type(old: str | None, new: str | None) -> str | None:
    return "secret" if "Secret" in (old or "") and "Secret" not in (new or "Secret") else None


JUDGES: Mapping[str, Judge] = {
    ".gate": _taken("gate"),
    ".approval": _taken("approval"),
    ".irreversible": _given("irreversible"),
    ".optional": _given("optional"),
    ".if-needed": _given("if-needed"),
    ".group": _given("no-box"),
    ".once": _given("once"),
    "in": _given("if-needed"),
    "box": _taken("no-box"),
    "evidence": _taken("evidence"),
    "when": _when,
    "after": _after,
    "wait": _wait,
    "due": _due,
    "type": _type,
    "kind": _kind,
    "attempts": _attempts,
    "timeout": _timeout,
    "databases": _databases,
    "target": _target,
    "throttle": _throttle,
    "on_error": lambda _, new: "quarantine" if new not in (None, batch_facts.ON_ERROR) else None,
    "max_errors": _max_errors,
    "repeatable": lambda _, new: "repeatable" if new not in (None, "False") else None,
}
"""By an attribute's name; what is not here carries no risk by itself."""


def of_change(name: str, old: str | None, new: str | None) -> str | None:
    """Return the risk in an attribute's change, a key of RISKS; None where there is none."""
    return JUDGES[name](old, new) if name in JUDGES and old != new else None


def is_narrower(old: str, new: str) -> bool:
    """Tell whether a `when` provably holds in fewer cases than before; False where nothing is known."""
    try:
        before, now = python_source.expression(old), python_source.expression(new)
    except SyntaxError:
        return False
    more_terms = _terms(before, ast.And) < _terms(now, ast.And)
    fewer_choices = _terms(now, ast.Or) < _terms(before, ast.Or)
    return more_terms or fewer_choices


def _shape(expression: str) -> str:
    try:
        return ast.dump(python_source.expression(expression))
    except SyntaxError:
        return expression


def _terms(node: ast.expr, operator: type[ast.boolop]) -> frozenset[str]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, operator):
        return frozenset().union(*(_terms(value, operator) for value in node.values))
    return frozenset({ast.dump(node)})
