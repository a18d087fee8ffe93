"""What the cells of a runbook call. It goes live with the first call in a kernel."""

from __future__ import annotations

import json
import os
import shlex
import threading
from pathlib import Path

from nbrunbook.documents import notebook
from nbrunbook.documents.markdown.html import Html
from nbrunbook.errors import NbrunbookError, NotLiveError
from nbrunbook.journal.database import SESSION_WAIT_SECONDS
from nbrunbook.journal.entries import row_of
from nbrunbook.jupyter import edited_cells
from nbrunbook.jupyter.live import Live
from nbrunbook.jupyter.panel import Panel, Static
from nbrunbook.project import operator, paths
from nbrunbook.runbook.metadata import facts_in
from nbrunbook.work.naming import project_here
from nbrunbook.work.opening import open_session

HINT = (
    "If a panel shows an error or nothing to click, reload the page. If that does not help, choose "
    "Run > Run All Cells: it shows what the journal holds."
)
"""For a page that outlives its kernel: a live header hides it."""


class Cells:
    """What the cells of a runbook call. It goes live with the first call in a kernel."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._live: Live | None = None

    def header(self) -> Panel | Static:
        """Draw the header: the first of a notebook's cells, which are run again with it."""
        from IPython.display import HTML, display

        display(HTML(Html('<p class="nbr-hint">{}</p>').format(HINT)))  # type: ignore[no-untyped-call]
        return self._panel("header")

    def checklist(self, section: str) -> Panel | Static:
        """Draw a section's steps."""
        return self._panel("checklist", section)

    def sign_off(self) -> Panel | Static:
        """Draw the sign-off."""
        return self._panel("sign-off")

    def come_back(self) -> None:
        """Make the panels that a page shows of an earlier kernel, without running a cell. Repeating is safe.

        Raises NbrunbookError where nothing can be recorded.
        """
        with self._lock:
            if self._live is None:
                self._live = go_live(notebook_path())
                self._live.cells_not_run()
        self._live.session.refresh()
        self._live.make_panels()

    def heard(self) -> str:
        """Return the ids of the panels and for how many seconds no page was heard, -1 for never, as JSON."""
        live = self._live
        panels = [each.place for each in live.panels] if live else []
        return json.dumps({"panels": panels, "silent_seconds": live.answers.silent_seconds() if live else -1})

    def _panel(self, role: str, section: str = "") -> Panel | Static:
        try:
            with self._lock:
                if self._live is None:
                    self._live = go_live(notebook_path())
            self._live.session.refresh()
            if role == "header":
                self._live.cells_not_run(False)
            return self._live.panel(role, section)
        except NbrunbookError as error:
            return not_live(error)


def not_live(error: NbrunbookError) -> Static:
    """Return what a cell shows where nothing can be recorded, and why."""
    words = str(error) if isinstance(error, NotLiveError) else f"NOT LIVE: {error}"
    html = Html('<div class="nbr-not-live" role="alert"><strong>{}</strong></div>').format(words)
    return Static(html=html, plain=words)


def notebook_path() -> Path:
    """Return the notebook that this kernel belongs to; NotLiveError where Jupyter does not say."""
    named = os.environ.get("JPY_SESSION_NAME", "")
    if not named:
        from IPython import get_ipython

        shell = get_ipython()
        named = str(shell.user_ns.get("__vsc_ipynb_file__", "")) if shell else ""
    path = Path(named)
    if not named or not path.is_file():
        raise NotLiveError(
            "this kernel does not say which notebook it belongs to",
            "open the runbook with 'nbrunbook work KEY', or in JupyterLab or Notebook 7",
        )
    return path


def go_live(path: Path) -> Live:
    """Return a live session on the runbook in a notebook file; the project's root becomes the folder.

    Raises NotLiveError where the notebook is no runbook, or no journal knows it.
    """
    from IPython import get_ipython

    about = facts_in(notebook.read_metadata(paths.of_ours(path)))
    if not about:
        raise NotLiveError(f"{path.name} is no runbook", "make one with 'nbrunbook instantiate'")
    key = str(about["key"])
    try:
        project = project_here(path.parent)
        who = operator.from_machine(project.root, project.operators)
        session = open_session(project, key, who, wait_seconds=SESSION_WAIT_SECONDS)
    except NbrunbookError as error:
        raise NotLiveError(f"nothing that is clicked here would be recorded ({error})", "") from None
    if row_of(about).digest != session.runbook.digest:
        raise NotLiveError(
            f"{path.name} and the journal disagree on what {key} is",
            f"'nbrunbook work {shlex.quote(key)}' opens the journal's own",
        )
    os.chdir(project.root)
    edited_cells.watch(session, get_ipython())
    return Live(session, project)


runbook = Cells()
"""The runbook of this kernel."""
