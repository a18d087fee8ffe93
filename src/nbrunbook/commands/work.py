"""nbrunbook work: open a runbook live in JupyterLab."""

from __future__ import annotations

import shlex
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from types import FrameType

import click

from nbrunbook import extras
from nbrunbook.commands import completion
from nbrunbook.commands.about_journal import tell_if_new, tell_unreadable
from nbrunbook.commands.choosing import choices, choose, show_choices
from nbrunbook.commands.here import operator_of
from nbrunbook.commands.moving import Moving
from nbrunbook.commands.terminal import show, tell
from nbrunbook.documents import files, notebook
from nbrunbook.errors import LabError
from nbrunbook.journal.journal import Journal
from nbrunbook.jupyter import hub
from nbrunbook.jupyter import server as jupyter_server
from nbrunbook.jupyter.kernel import make_live
from nbrunbook.jupyter.session_copy import session_copy
from nbrunbook.project.settings import Project
from nbrunbook.texts import many
from nbrunbook.work import adopt
from nbrunbook.work.naming import project_here
from nbrunbook.work.opening import open_session
from nbrunbook.work.own_notebook import lacks_words
from nbrunbook.work.session import Session

ENDING = (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM))
"""Ctrl-C, a polite kill, a terminal that closes."""


@click.command(name="work")
@click.argument("key", metavar="[KEY|FILE]", required=False, shell_complete=completion.open_keys_or_file)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--list", "list_it", is_flag=True, help="Show the JupyterLab of this project, and what is open in it.")
@click.option("--stop", is_flag=True, help="End the JupyterLab of this project; what was ticked is in the journal.")
def command(key: str | None, no_browser: bool, list_it: bool, stop: bool) -> int:
    """Open a runbook live in JupyterLab; without a key, the one that is chosen of what is open and pending.

    JupyterLab runs until Ctrl-C, or until its terminal closes; a second `work` uses the same one.
    In a JupyterLab or hub that runs already it only prints the link. A FILE that the journal does
    not know is taken into it.
    Opening one needs nbrunbook[lab]; on a hub, nbrunbook[ci].

    \b
    Example:
      nbrunbook work staging/1.0
    """
    notebook.skip_iri_checks()
    if (list_it or stop) and (key or (list_it and stop)):
        raise click.UsageError("--list and --stop stand alone: they are about the whole project's JupyterLab")
    project = project_here(tell=tell)
    if list_it or stop:
        _about_server(project, stop=stop)
        return 0
    if key is None:
        chosen = _chosen(project)
        if isinstance(chosen, int):
            return chosen
        key = chosen
    around = hub.inside()
    extras.require("ci" if around or project.open_url else "lab", "a runbook is opened in JupyterLab")
    adopted = key.endswith(".ipynb")
    session = _adopt(Path(key), project) if adopted else open_session(project, key, operator_of(project))
    lacks = lacks_words(session, project)
    copy = session_copy(session, project, tell)
    if lacks:
        tell(lacks)
    if around is not None:
        _open_inside(around, project, session.key, copy)
    elif project.open_url:
        show(project.link(session.key))
        tell(f"on the hub 'nbrunbook work {shlex.quote(session.key)}' makes the copy that this link opens")
    else:
        _open_here(project, copy, no_browser=no_browser)
    return 0


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    for number in ENDING:  # the shell's signal and the kernel's come both; the end takes a moment
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _end_with_terminal() -> None:
    """Let a closed terminal and a polite kill end what is started here, as Ctrl-C does; not under nohup."""
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _about_server(project: Project, *, stop: bool) -> None:
    server = jupyter_server.running(project)
    if server is None:
        tell("no JupyterLab of this project runs here")
    elif stop:
        jupyter_server.stop(server, project)
        tell(f"JupyterLab (process {server.pid}) has ended; what was ticked is in the journal")
    else:
        show(f"{server.url}  process {server.pid}")
        for each in server.call("GET", "api/sessions"):
            kernel = each["kernel"] or {}
            show(f"  {server.link(each['path'])}  {kernel.get('execution_state', 'no kernel')}")


def _chosen(project: Project) -> str | int:
    """The key or the file that is chosen of what could be worked on; the exit status where nobody chooses."""
    journal = Journal.if_any(project.journal)
    found = choices(project, journal)
    left_out = tell_unreadable(journal)
    if not found:
        tell("no runbook is open, and nothing is pending")
        return left_out
    if sys.stdin.isatty() and sys.stderr.isatty():
        return choose(project, found)
    show_choices(found)
    tell("name the one to open: nbrunbook work KEY")
    return left_out or 2


def _adopt(path: Path, project: Project) -> Session:
    """Take a runbook's file into the journal that does not know it."""
    operator, adoption = operator_of(project), adopt.look_up(project, path)
    journal = adoption.journal
    if adoption.known is None:
        tell_if_new(project, journal)
    session = adopt.adopt(project, adoption, operator)
    if adoption.known is None:
        where = journal.where if journal.shared else project.relative(Path(journal.where))
        tell(f"{session.key} was not in the journal {where}: it is now")
    return session


def _open_inside(around: hub.Surroundings, project: Project, key: str, copy: Path) -> None:
    """Print the link to the session copy, and make it live where the server lets us."""
    path = around.path(copy)
    link, run = project.link(key) or around.link(path), "choose Run > Run All Cells"
    try:
        if around.server is not None:
            with files.locked(copy):
                make_live(around.server, project, copy, path, tell=tell)
            run = ""
    except LabError as error:
        tell(f"it is not live yet: {error}")
    show(link or f"open {path} in this JupyterLab{f' and {run}' if run else ''}")
    if link and run:
        tell(run)


def _open_here(project: Project, copy: Path, *, no_browser: bool) -> None:
    """Open a session copy in the JupyterLab that runs already, or in one that runs until Ctrl-C."""
    path = jupyter_server.path_of(project, copy)
    with ExitStack() as started:
        with Moving() as moving:
            with files.locked(jupyter_server.private_folder(project)):  # two at the same moment start one
                server, wait = jupyter_server.running(project), None
                if server is None:
                    _end_with_terminal()
                    moving.say("starting JupyterLab")
                    server, wait = started.enter_context(jupyter_server.serving(project))
            moving.say(f"opening {copy.name}")
            with files.locked(copy):  # two at the same moment run them once
                make_live(server, project, copy, tell=moving.tell, follow=partial(_follow, moving, copy))
        link = server.link(path)
        show(link)
        if not no_browser:
            jupyter_server.open_browser(project, link)
        if wait is not None:
            _wait(wait)


def _follow(moving: Moving, copy: Path, number: int, count: int) -> None:
    moving.say(f"running {many(count, 'cell')} of {copy.name}", f"cell {number}")


def _wait(wait: Callable[[], int]) -> None:
    tell("JupyterLab runs until you press Ctrl-C here")
    try:
        wait()
        tell("JupyterLab has ended; what was ticked is in the journal")
    except KeyboardInterrupt:
        with suppress(OSError):  # the terminal is gone
            tell("JupyterLab ends; what was ticked is in the journal")
