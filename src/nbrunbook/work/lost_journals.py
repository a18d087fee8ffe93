"""Where a journal is, and journals that get lost: with the CI's machine, or new although there are records."""

from __future__ import annotations

from pathlib import Path

from nbrunbook.errors import NbrunbookError
from nbrunbook.journal.journal import Journal
from nbrunbook.project import ci
from nbrunbook.project.settings import Project


def refuse_to_lose(project: Project, *instead: str) -> None:
    """Refuse a journal that ends with the CI's machine; `instead` says what else may be done."""
    journal = Journal(project.journal)
    if ci.is_ci() and not journal.shared:
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
