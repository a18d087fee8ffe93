"""The guard: `migrate` refuses a plan that holds a migration whose step is not settled, before anything is applied.

It knows what the step's runbook says, and not whether an old process lives still: the step says how to see that.
Nothing that the journal needs is loaded before a migration waits.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from nbrunbook.django import site
from nbrunbook.django.journal_place import tests_run
from nbrunbook.django.runbook_steps import Waiting, may_wait, waiting
from nbrunbook.django.ways_on import ways_on
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.journal_urls import ABSENT

if TYPE_CHECKING:
    from nbrunbook.django.held_back import Held, Say

UNGUARDED = "NBRUNBOOK_UNGUARDED"


def guard(*, plan: Sequence[tuple[Any, bool]], using: str, stdout: Any = None, verbosity: int = 1, **_: Any) -> None:
    """Raise CommandError where a migration of a plan has to wait; `pre_migrate` calls it before anything is applied.

    Backwards passes, `--fake` too, and an app whose first migration is in the plan: its tables are new.
    """
    forwards = [migration for migration, backwards in plan if not backwards]
    if not any(may_wait(each) for each in forwards):
        return
    reason = os.environ.get(UNGUARDED, "").strip()
    say: Say = (stdout or sys.stdout).write if verbosity or reason else (lambda _: None)
    loader = MigrationLoader(connections[using])
    try:
        asked = _asked(forwards, loader, using)
        held = _held(asked, reason, say) if asked and not _is_faked() else []
    except NbrunbookError as error:
        raise CommandError(f"{error}.\nNothing was applied.") from None
    if held:
        names = [(each.app_label, each.name) for each in forwards]
        first = [each.waiting.migration for each in held]
        raise CommandError(_refusal(held, ways_on(names, first, loader.graph, using)))


def _asked(forwards: Sequence[Any], loader: MigrationLoader, using: str) -> list[Waiting]:
    """What of a plan waits for a step, but for apps that begin with it."""
    found = [each for migration in forwards for each in waiting(migration, loader.disk_migrations or {})]
    planned = {(each.app_label, each.name) for each in forwards}
    roots = {app: set(loader.graph.root_nodes(app)) for app in {each.migration[0] for each in found}}
    unapplied = {
        app: first for app, first in roots.items() if first & planned and not first & set(loader.applied_migrations)
    }
    new = {app for app, first in unapplied.items() if not any(_has_run(using, loader, each) for each in first)}
    return [each for each in found if each.migration[0] not in new]


def _has_run(using: str, loader: MigrationLoader, first: tuple[str, str]) -> bool:
    """Whether the tables of a first migration are there already, as `--fake-initial` asks: old code may use them."""
    return bool(MigrationExecutor(connections[using]).detect_soft_applied(None, loader.graph.nodes[first])[0])


def _held(asked: Sequence[Waiting], reason: str, say: Say) -> list[Held]:
    """What has to wait, unless somebody says that it has not."""
    project, environment = site.project(), site.environment()
    if tests_run() and project.journal == ABSENT:
        return []
    if not environment:
        for each in asked:
            say(f'{each} waits for a step, and was not asked about: NBRUNBOOK["ENVIRONMENT"] is not set.')
        return []
    # Loaded when something waits: see the module's docstring.
    from nbrunbook.django import held_back

    if reason:
        held_back.pass_on(project, environment, asked, reason, say)
        return []
    return held_back.held_back(project, environment, asked, say)


def _refusal(held: Sequence[Held], ways: Sequence[str]) -> str:
    lines = [line for each in held for line in each.lines()]
    lines.append("Nothing was applied. What does not wait:" if ways else "Nothing was applied.")
    lines += [f"  {way}" for way in ways]
    return "\n".join(
        [*lines, f"To go on all the same, which is noted in the runbook: {UNGUARDED}='why' manage.py migrate"]
    )


def _is_faked() -> bool:
    """Whether `migrate` only records: the signal does not say so, the frame of the command that sends it does."""
    # Loaded here: it has been, where it runs.
    from django.core.management.commands.migrate import Command

    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "handle" and isinstance(frame.f_locals.get("self"), Command):
            options = frame.f_locals.get("options")
            if isinstance(options, dict) and "fake" in options:
                return bool(options["fake"])
        frame = frame.f_back
    return False
