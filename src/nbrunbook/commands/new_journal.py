"""Saying that a journal is new although there are records."""

from __future__ import annotations

from nbrunbook.commands.terminal import tell
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import Project
from nbrunbook.work.lost_journals import may_be_lost


def tell_if_new(project: Project, journal: Journal) -> None:
    """Say that a journal was made just now although there are records: the old one may be lost."""
    if may_be_lost(project, journal):
        tell(f"the journal {journal.where} is new, although there are records in {project.relative(project.records)}")
