"""Ways on: what of a plan of migrations can be applied while some of it waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
            targets.setdefault(app, free.get(app) or _last_before(graph, (app, name)))
    for app, name in free.items():
        targets.setdefault(app, name if any(each == app for each, _ in held) else "")
    option = f" --database={alias}" if alias != "default" else ""
    return [f"manage.py migrate {app} {name}".rstrip() + option for app, name in targets.items() if name is not None]


def _before(graph: Any, key: Key) -> list[Key]:
    return [each.key for each in graph.node_map[key].parents] if key in graph.node_map else []


def _last_before(graph: Any, key: Key) -> str | None:
    """The migration of the same app that comes before one; None for none."""
    return max((name for app, name in _before(graph, key) if app == key[0]), default=None)
