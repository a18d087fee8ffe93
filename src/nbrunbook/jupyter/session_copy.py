"""Session copies: the notebook that an operator has open, made from the journal's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nbrunbook.documents import files, notebook, trust
from nbrunbook.errors import NotebookError
from nbrunbook.journal.entries import row_of
from nbrunbook.project import paths
from nbrunbook.project.local_state import refuse_foreign
from nbrunbook.project.settings import Project
from nbrunbook.runbook.metadata import facts_in
from nbrunbook.work.own_notebook import held, own_notebook
from nbrunbook.work.session import Session


def session_copy(session: Session, project: Project, tell: Callable[[str], None] = lambda _: None) -> Path:
    """Return the session copy of a runbook, made from the runbook's own notebook if it is missing.

    An existing copy stays as it is, where this user's Jupyter has signed it: an operator may have it open. Any other
    one is put aside, which is told, since it is opened live, and its code runs: somebody's commit may have brought it.
    NbrunbookError for a copy behind a link that leads elsewhere, and for one that git tracks.
    """
    path = project.session_path(session.key)
    refuse_foreign(path, project.runbooks)
    refuse_foreign(path.parent, project.runbooks)  # a kernel starts there, and imports what lies beside the copy
    reason = _foreign(path, session) if path.exists() else ""
    if reason:
        aside, count = path.with_name(f"{path.stem} ({reason}).ipynb"), 1
        while aside.exists():
            count += 1
            aside = path.with_name(f"{path.stem} ({reason} {count}).ipynb")
        path.rename(aside)
        tell(f"{path.name} was {reason}: it is kept as {project.relative(aside)}, and a new one is made")
    there = path.exists()
    if not there or (session.progress.state == "open" and held(session) is None):
        # A copy that was made while the runbook was closed has nothing in the journal yet.
        content = own_notebook(session, project)
        files.ignored_by_git(path.parent)
        if not there:
            trust.sign(content)  # before it stands there: who looks at the same moment would put it aside
            files.write(path, content, private=True)
    return path


def _foreign(path: Path, session: Session) -> str:
    """Why a file is no copy of the runbook that was made here; empty where it is one."""
    try:
        content = notebook.read_bytes(paths.of_ours(path))
        about = facts_in(notebook.raw(content, path)["metadata"])
        if about and row_of(about).digest != session.runbook.digest:
            return "of an earlier journal"
    except (NotebookError, KeyError, TypeError, ValueError, RecursionError):
        return "not readable"  # by us: another program may read it, and run what is in it
    return "" if trust.is_signed(content) else "not signed here"
