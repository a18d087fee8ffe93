"""Where a journal is, and journals that get lost: with the CI's machine, or new although there are records."""

from __future__ import annotations

import shlex
from pathlib import Path

from nbrunbook.errors import JournalError, NbrunbookError
from nbrunbook.journal.database import COMMAND_WAIT_SECONDS
from nbrunbook.journal.journal import Journal
from nbrunbook.project import ci, git
from nbrunbook.project.local_state import holds_journal
from nbrunbook.project.settings import Project


def existing_journal(project: Project, *, wait_seconds: float = COMMAND_WAIT_SECONDS) -> Journal:
    """Return the project's journal; where there is none, JournalError says what lies here that was made with another.

    To make a runbook once more would not bring back what was ticked. Raises as `Journal.open` does.
    """
    journal = Journal(project.journal)
    if journal.exists():
        return Journal.open(project.journal, wait_seconds=wait_seconds)
    if other := in_another_work_tree(project):
        do = f"NBRUNBOOK_JOURNAL={shlex.quote(str(other))}; without 'journal' in the configuration they share one"
        raise JournalError(f"no journal at {journal.where}, and another work tree has {other}", "one for both", do)
    left = _made_with_another(project)
    if not left:
        return Journal.open(project.journal, wait_seconds=wait_seconds)
    more = f" and {len(left) - 1} more were" if len(left) > 1 else " was"
    do = "NBRUNBOOK_JOURNAL says where a team's is"
    if left[0].suffix == ".ipynb":
        path = shlex.quote(project.relative(left[0]))
        do = f"{do}; if that is lost, 'nbrunbook work {path}' takes the runbook into a new one, all its steps open"
    found = f"no journal at {journal.where}, and {project.relative(left[0])}{more} made with one"
    raise JournalError(found, "that journal", do)


def _made_with_another(project: Project) -> list[Path]:
    """The runbooks' files that are here, else the records."""
    runbooks = [each for each in project.runbooks.glob("*/*.ipynb") if each.parent != project.session_path("/").parent]
    return sorted(runbooks or project.records.glob("*/*.html"))


def in_another_work_tree(project: Project) -> Path | None:
    """Return the journal that another work tree of the repository has in the same place; None where none has.

    That is one at a path in the project, which the configuration names.
    """
    journal, top = Path(Journal(project.journal).where).absolute(), git.repository_of(project.root)
    if top is None or not journal.is_relative_to(top):
        return None
    said = git.known(top, "worktree", "list", "--porcelain").splitlines()
    folders = [Path(line.removeprefix("worktree ")) for line in said if line.startswith("worktree ")]
    places = [folder / journal.relative_to(top) for folder in folders if folder != top]
    return next((place for place in places if holds_journal(place)), None)


def may_be_committed(project: Project, journal: Journal) -> str:
    """Return the file of a journal in a work tree, from its root, that git does not ignore; else an empty text."""
    file, top = Path(journal.where).resolve(), git.repository_of(project.root)
    if journal.shared or project.journal_setting is None or top is None or not file.is_relative_to(top):
        return ""
    place = file.relative_to(top)
    is_free = ".git" in place.parts or git.known(top, "check-ignore", "--", place.as_posix())
    return "" if is_free else place.as_posix()


def refuse_to_lose(project: Project, *instead: str) -> None:
    """Refuse a journal that ends with the CI's machine; `instead` says what else may be done."""
    journal = Journal(project.journal)
    if ci.is_ci() and not journal.shared and not project.is_trial:
        raise NbrunbookError(
            f"the journal {project.relative(Path(journal.where))} would be lost with this CI job",
            "the team's journal: NBRUNBOOK_JOURNAL=postgresql+psycopg://…",
            "; ".join((*instead, "CI=false for a machine that stays")),
        )


def place(project: Project, journal: Journal) -> str:
    """Return where a journal is and who reaches it, in words."""
    if journal.shared:
        return f"{journal.where} (shared)"
    return f"{project.relative(Path(journal.where))} (only on this computer)"


def may_be_lost(project: Project, journal: Journal) -> bool:
    """Tell whether an older journal may be lost: this one was made just now, and there are records."""
    return journal.is_new and any(project.records.glob("*/*.html"))
