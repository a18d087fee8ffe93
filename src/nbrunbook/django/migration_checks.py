"""System checks of migrations that wait. Only files that hold the word `runbook_step` are imported for them.

Each id is documented in docs/django.md. Whether a template here has the step is the linter's to say (RB303).
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, Warning, register
from django.db.migrations.loader import MigrationLoader

from nbrunbook.django import site
from nbrunbook.django.checks import TAG
from nbrunbook.django.runbook_steps import runbook_step
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.settings import Project

SOUGHT = b"runbook_step"


@register(TAG)
def check_migrations(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    """E010: a runbook_step names no step; E011: it names an unknown environment; W010, W011: it is not asked about."""
    try:
        project = site.project()
    except NbrunbookError:
        return []  # E001 tells it
    configs = list(apps.get_app_configs() if app_configs is None else app_configs)
    return [found for config in configs for found in _in_app(config.label, project)]


def _in_app(label: str, project: Project) -> Iterator[CheckMessage]:
    found = dict(_waiting(label))
    for name, migration in found.items():
        yield from _step(f"{label}.{name}", migration, project)
        if not any(app == label for app, *_ in getattr(migration, "dependencies", ())):
            first = f"{label}.{name} has a runbook_step, and is the app's first migration: it never waits."
            yield Warning(first, hint="Move what has to wait into a migration after it.", id="nbrunbook.W011")
    for name, migration in _squashes(label) if found else ():
        replaced = [each for _, each in migration.replaces if each in found]
        if replaced and getattr(migration, "runbook_step", None) is None:
            lost = f"{label}.{name} replaces {replaced[-1]}, which waits for a step, and has no runbook_step itself."
            step = found[replaced[-1]].runbook_step
            yield Warning(lost, hint=f"Write it into its class: runbook_step = {step!r}", id="nbrunbook.W010")


def _step(called: str, migration: Any, project: Project) -> Iterator[CheckMessage]:
    try:
        step = runbook_step(migration)
    except NbrunbookError as error:
        yield Error(f"{called}: {error.found}", hint=f"Expected {error.expected}", id="nbrunbook.E010")
        return
    try:
        project.members(step.place) if step and step.place else ()
    except NbrunbookError as error:
        said = f"{called}: runbook_step = {migration.runbook_step!r}: {error.found}"
        yield Error(said, hint=f"Expected {error.expected}", id="nbrunbook.E011")


def _waiting(label: str) -> Iterator[tuple[str, Any]]:
    """The migrations of an app that say that they wait, by name."""
    return ((name, each) for name, each in _holding(label, SOUGHT) if getattr(each, "runbook_step", None) is not None)


def _squashes(label: str) -> Iterator[tuple[str, Any]]:
    return ((name, each) for name, each in _holding(label, b"replaces") if getattr(each, "replaces", None))


def _holding(label: str, word: bytes) -> Iterator[tuple[str, Any]]:
    """The migrations of an app whose files hold a word."""
    module, _ = MigrationLoader.migrations_module(label)
    for folder in _folders(module):
        for file in sorted(folder.glob("[!_~]*.py")):
            if word in file.read_bytes():
                migration = getattr(importlib.import_module(f"{module}.{file.stem}"), "Migration", None)
                if migration is not None:
                    yield file.stem, migration


def _folders(module: str | None) -> list[Path]:
    """Where an app's migrations are; nothing for one without."""
    try:
        spec = importlib.util.find_spec(module) if module else None
    except ModuleNotFoundError:
        return []
    return [Path(each) for each in (spec.submodule_search_locations if spec else None) or ()]
