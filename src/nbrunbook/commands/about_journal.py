"""Saying what is to be known of a journal: that it is new although there are records, and what in it cannot be read."""

from __future__ import annotations

from nbrunbook.commands.terminal import tell, tell_error
from nbrunbook.errors import one_line
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import Project
from nbrunbook.work.lost_journals import in_another_work_tree, may_be_committed, may_be_lost


def tell_if_new(project: Project, journal: Journal) -> None:
    """Say that a journal was made just now although there are records, or one in another work tree."""
    if may_be_lost(project, journal):
        tell(f"the journal {journal.where} is new, although there are records in {project.relative(project.records)}")
    if journal.is_new and (other := in_another_work_tree(project)):
        tell(f"the journal {journal.where} is new, although another work tree has {other}")


def tell_if_committable(project: Project, journal: Journal) -> None:
    """Say that a commit may take a journal along: it is refused then, since another checkout would replace it."""
    if file := may_be_committed(project, journal):
        tell(
            f"git does not ignore {file}: write /{file}* into .gitignore, since a journal that is committed is refused"
        )


def tell_unreadable(journal: Journal | None) -> int:
    """Name the runbooks that were passed over, since their rows cannot be read; return the exit status, 1 for any."""
    unreadable = journal.unreadable if journal is not None else {}
    for key, words in unreadable.items():
        tell_error(one_line(f"{words} ({key} is left out, the rest is shown)"))
    return 1 if unreadable else 0
