"""What migrations wait for: the strings `runbook_step` of their classes. Nothing of Django is needed to read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nbrunbook.errors import NbrunbookError
from nbrunbook.project.names import check_name
from nbrunbook.runbook import other_answers
from nbrunbook.texts import short

Key = tuple[str, str]
"""An app's label and a migration's name."""
EXPECTED = '"RELEASE#STEP", or "RELEASE#STEP@GROUP" for all environments of a group: "2026.11.0#old-code-gone"'


@dataclass(frozen=True, kw_only=True)
class RunbookStep:
    """A step that a migration waits for."""

    release: str
    step: str
    place: str
    """An environment or a group; empty for the environment that is migrated."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A migration that waits, and for what."""

    migration: Key
    step: RunbookStep
    said_by: Key
    """The migration whose class says so: itself, or one that it replaces."""

    def __str__(self) -> str:
        return ".".join(self.migration)


def runbook_step(migration: Any) -> RunbookStep | None:
    """Return what a migration, or its class, waits for; None for nothing. NbrunbookError for what is not understood."""
    text = getattr(migration, "runbook_step", None)
    if text is None:
        return None
    named = other_answers.reference(text) if isinstance(text, str) else None
    if (
        named is None
        or not (named.release and named.step)
        or text.endswith("@")
        or text != text.strip()
        or not text.isprintable()
    ):
        raise NbrunbookError(f"runbook_step = {short(repr(text), 100)}", EXPECTED)
    try:
        check_name(named.release, "release")
        place = check_name(named.place, "environment") if named.place else ""
    except NbrunbookError as error:
        raise NbrunbookError(f"runbook_step = {short(repr(text), 100)}: {error.found}", EXPECTED) from None
    return RunbookStep(release=named.release, step=named.step, place=place)


def may_wait(migration: Any) -> bool:
    """Tell whether a migration may wait: it says so, or replaces others, which may."""
    return getattr(migration, "runbook_step", None) is not None or bool(getattr(migration, "replaces", None))


def waiting(migration: Any, on_disk: Mapping[Key, Any]) -> Iterator[Waiting]:
    """Yield what a migration waits for, with what those that it replaces do, as far as their files are there.

    `on_disk` are all migrations that have a file. NbrunbookError names the migration that is not understood.
    """
    told: set[RunbookStep] = set()
    own = (migration.app_label, migration.name)
    for key, each in _with_replaced(own, migration, on_disk, set()):
        try:
            step = runbook_step(each)
        except NbrunbookError as error:
            raise NbrunbookError(f"{'.'.join(key)}: {error.found}", error.expected) from None
        if step is not None and step not in told:
            told.add(step)
            yield Waiting(migration=own, step=step, said_by=key)


def _with_replaced(key: Key, migration: Any, on_disk: Mapping[Key, Any], passed: set[Key]) -> Iterator[tuple[Key, Any]]:
    passed.add(key)
    yield key, migration
    for each in getattr(migration, "replaces", None) or ():
        replaced = (each[0], each[1])
        if replaced in on_disk and replaced not in passed:
            yield from _with_replaced(replaced, on_disk[replaced], on_disk, passed)
