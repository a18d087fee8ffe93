"""Ways on: what of a plan of migrations can be applied while some of it waits."""

from __future__ import annotations

import shlex
from collections.abc import Container, Iterable, Sequence
from typing import Any

from nbrunbook.django.runbook_steps import Key


def ways_on(plan: Sequence[Key], waiting: Iterable[Key], graph: Any, alias: str = "default") -> list[str]:
    """Return the commands that apply what does not wait, nor comes after what does; first of the apps that wait.

    An app that waits is named by the last migration before, also where that is applied.
    """
    first = set(waiting)
    held: set[Key] = set()
    for key in plan:
        if key in first or any(each in held for each in _before(graph, key)):
            held.add(key)
    free = {app: name for app, name in plan if (app, name) not in held}
    targets: dict[str, str | None] = {}
    for app, name in plan:
        if (app, name) in first:
            targets.setdefault(app, free.get(app) or _last_before(graph, (app, name), plan))
    for app, name in free.items():
        targets.setdefault(app, name if any(each == app for each, _ in held) else "")
    option = f" --database={shlex.quote(alias)}" if alias != "default" else ""
    found = [shlex.join([app, name] if name else [app]) for app, name in targets.items() if name is not None]
    return [f"manage.py migrate {each}{option}" for each in found]


def _before(graph: Any, key: Key) -> list[Key]:
    return [each.key for each in graph.node_map[key].parents] if key in graph.node_map else []


def _last_before(graph: Any, key: Key, plan: Container[Key]) -> str | None:
    """The migration of the same app that comes before one, and is applied; None for none.

    None, too, where another one that follows it is applied: going there would take that one back.
    """
    before = [each for each in _before(graph, key) if each[0] == key[0] and each not in plan]
    safe = [each for each in before if all(_waits(child, key, plan) for child in graph.node_map[each].children)]
    return max((name for _, name in safe), default=None)


def _waits(child: Any, key: Key, plan: Container[Key]) -> bool:
    """Whether what follows a migration is of another app, or not applied."""
    return child.key[0] != key[0] or child.key in plan
