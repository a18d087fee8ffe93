"""Copying the project's journal to another place: looked through before, and there again before anything is kept."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from nbrunbook.errors import JournalError, NbrunbookError
from nbrunbook.journal.chain import Fault
from nbrunbook.journal.copying import Copied, Copying, count_events
from nbrunbook.journal.journal import Journal
from nbrunbook.project.journal_urls import HAS_PASSWORD, journal_url
from nbrunbook.project.local_state import own_journal
from nbrunbook.project.settings import Project
from nbrunbook.record.audit import Audit, Seen


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A journal that was copied."""

    source: str
    target: str
    """What to call it."""
    setting: str
    """What NBRUNBOOK_JOURNAL has to say from now on: never with a password."""
    is_new: bool
    """Whether the target was made."""
    copied: Copied
    since: int
    """How many events were recorded in the source while it was copied, and are not in the target."""

    @property
    def brought(self) -> bool:
        """Whether something came, or is to come: a copy that finds all of it there needs no other one."""
        come = self.copied
        return self.is_new or any((come.runbooks, come.events, come.plans, come.files, come.redacted, self.since))


def copy_journal(project: Project, to: str, *, follow: Callable[[Copied], None] = lambda _: None) -> Copy:
    """Copy the project's journal, of all projects that are in it, into the one at a URL or a path; return what came.

    Repeating is safe, and brings what is new. JournalError, with nothing written, where one of the two does not hold,
    for a row that is another one there, and as `Journal.open` raises it.
    """
    source = Journal.open(project.journal)
    target = Journal(replace(project, journal_setting=journal_url(project.root, to)).journal)
    if source.is_same(target):
        raise _onto_itself(project, source, to)
    _require_sound(source, Audit(source, project, Seen()).every_row(), "'nbrunbook verify --all' says all of it")
    with target.filling() as connection:
        copied = Copying(source, target, connection, follow).all()
        audit = Audit(target.within(connection), project, Seen())
        _require_sound(target, audit.database(), "where somebody has just redacted something, try again")
    return Copy(
        source=source.where,
        target=target.where,
        setting=_setting(target),
        is_new=target.is_new,
        copied=copied,
        since=count_events(source) - copied.looked_at,
    )


def _require_sound(journal: Journal, faults: Iterator[Fault], do: str) -> None:
    fault = next(faults, None)
    if fault is not None:
        raise JournalError(f"the journal {journal.where} does not hold: {fault}", "", f"nothing was written; {do}")


def _setting(journal: Journal) -> str:
    if not journal.door.shared:
        return str(Path(journal.where).absolute())
    return journal.where if HAS_PASSWORD.search(journal.url) else journal.url


def _onto_itself(project: Project, journal: Journal, to: str) -> JournalError:
    """The journal is named by the settings before it was copied: the project's own file may lie there still."""
    do = "where NBRUNBOOK_JOURNAL or `journal` names the new one, let it name the old one until it is copied"
    with suppress(NbrunbookError):  # what is wrong with another journal is no news here
        own = Journal(own_journal(project.root))
        if own.exists() and not own.is_same(journal):
            again = shlex.quote("…" if HAS_PASSWORD.search(to) else to)
            copy = f"NBRUNBOOK_JOURNAL={shlex.quote(own.where)} nbrunbook journal copy {again}"
            do = f"'{copy}' brings what is in the project's own file"
    return JournalError(f"{journal.where} is the project's journal already", "another one to copy it to", do)
