"""System checks: what the settings say is told before anything runs. Each id is documented in docs/django.md."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register
from django.db import connections

from nbrunbook.django import site
from nbrunbook.django.configured import configured
from nbrunbook.django.journal_place import journal_setting, tests_run
from nbrunbook.errors import NbrunbookError
from nbrunbook.project import manage
from nbrunbook.project.settings import Project, is_configured, project_on_disk

TAG = "nbrunbook"
COMPARED = ("environments", "databases", "operators", "owners", "expect", "ignore", "open_url")
"""What the setting and the configuration's file may both say."""


def _told(kind: type[CheckMessage], number: str, error: NbrunbookError) -> CheckMessage:
    hint = "; ".join(part for part in (error.expected and f"Expected {error.expected}", error.do) if part)
    return kind(error.found, hint=hint or None, id=f"nbrunbook.{number}")


@register(TAG)
def check_settings(**_: Any) -> list[CheckMessage]:
    """E001: the setting NBRUNBOOK is not understood; E002: its DATABASE is no alias; W002: no journal has a place."""
    try:
        found = configured()
        site.project()
    except NbrunbookError as error:
        return [_told(Error, "E001", error)]
    if found.database and found.database not in connections:
        aliases = ", ".join(connections)
        unknown = NbrunbookError(
            f'settings.NBRUNBOOK["DATABASE"] = {found.database!r} is no alias', f"one of settings.DATABASES: {aliases}"
        )
        return [_told(Error, "E002", unknown)]
    try:
        return _plain_journal(found.project, journal_setting(found))
    except NbrunbookError as error:
        return [_told(Warning, "W002", error)]


def _plain_journal(project: Project, url: str) -> list[CheckMessage]:
    """W004: what people have signed before lies in another journal."""
    named = tests_run() or os.environ.get("NBRUNBOOK_JOURNAL")  # whose URL may hold a password, too
    there = None if named else manage.plain_journal(project)
    if there is None or url == f"sqlite:///{there}":
        return []
    said = f"runbooks were made in the journal {there} before, and the site's journal is {url}: it does not show them"
    hint = (
        f"Copy them: NBRUNBOOK_JOURNAL={shlex.quote(str(there))} python manage.py runbook journal copy"
        f" {shlex.quote(url)} (then take the old file away), or name the old one: NBRUNBOOK['JOURNAL']."
    )
    return [Warning(said, hint=hint, id="nbrunbook.W004")]


@register(TAG)
def check_file(**_: Any) -> list[CheckMessage]:
    """W003: a file of the configuration is there, too, and says what the setting does not, or something else."""
    with suppress(NbrunbookError):
        ours = configured().project
        if is_configured(ours.root) and (file := project_on_disk(ours.root)).root == ours.root:
            other = [key for key in COMPARED if getattr(file, key) and getattr(file, key) != getattr(ours, key)]
            if file.is_named and file.name != ours.name:
                other.insert(0, "name")
            if other:
                return [_differs(ours, file, other)]
    return []


def _differs(ours: Project, file: Project, keys: list[str]) -> CheckMessage:
    names = f" (the project is {ours.name!r} here and {file.name!r} there)" if "name" in keys else ""
    said = f"the configuration's file in {ours.root} says otherwise than NBRUNBOOK of {', '.join(keys)}{names}"
    hint = "Under Django the setting alone counts; the plain command line reads the file. Say the same in both."
    return Warning(said, hint=hint, id="nbrunbook.W003")


@register(TAG, deploy=True)
def check_environment(**_: Any) -> list[CheckMessage]:
    """W001: a deployed process does not know where it stands, so no migration waits there."""
    try:
        environment = site.environment()
    except NbrunbookError:
        return []  # E001 tells it
    if environment or tests_run():
        return []
    hint = 'Set NBRUNBOOK = {"ENVIRONMENT": "production"}, or how this one is called, where it is deployed.'
    said = "NBRUNBOOK names no ENVIRONMENT: no migration waits for a step here, and `manage.py runbook` wants -e."
    return [Warning(said, hint=hint, id="nbrunbook.W001")]
