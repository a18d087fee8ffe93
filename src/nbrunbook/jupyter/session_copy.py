"""Session copies: the notebook that an operator has open, made from the journal's own."""

from __future__ import annotations

from pathlib import Path

from nbrunbook.documents import files, notebook
from nbrunbook.errors import NotebookError
from nbrunbook.journal.entries import row_of
from nbrunbook.jupyter.server import ignored_by_git
from nbrunbook.project.settings import Project
from nbrunbook.runbook.metadata import facts_in
from nbrunbook.work.own_notebook import held, own_notebook
from nbrunbook.work.session import Session


def session_copy(session: Session, project: Project) -> Path:
    """Return the session copy of a runbook, made from the runbook's own notebook if it is missing.

    An existing copy stays as it is: an operator may have it open. One of another runbook,
    which had the same key in an earlier journal, is put aside.
    """
    path = project.session_path(session.key)
    if path.exists() and not _is_copy_of(path, session):
        path.replace(path.with_name(f"{path.stem} (of an earlier journal).ipynb"))
    there = path.exists()
    if not there or (session.progress.state == "open" and held(session) is None):
        # A copy that was made while the runbook was closed has nothing in the journal yet.
        content = own_notebook(session, project)
        ignored_by_git(path.parent)
        if not there:
            files.write(path, content, private=True)
    return path


def _is_copy_of(path: Path, session: Session) -> bool:
    try:
        about = facts_in(notebook.read_metadata(path))
    except NotebookError:
        return True  # what the operator has open may be half-saved: it is not ours to move
    return bool(about) and row_of(about).digest == session.runbook.digest
