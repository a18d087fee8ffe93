"""nbrunbook archive: write the record of a signed-off runbook."""

from __future__ import annotations

import click

from nbrunbook import extras
from nbrunbook.commands import completion
from nbrunbook.commands.about_journal import tell_unreadable
from nbrunbook.commands.here import operator_of
from nbrunbook.commands.options import environment_option
from nbrunbook.commands.terminal import show, tell, tell_error
from nbrunbook.documents import notebook
from nbrunbook.errors import NbrunbookError, RecordError
from nbrunbook.project.settings import Project
from nbrunbook.work.archive import archive, without_record
from nbrunbook.work.lost_journals import existing_journal
from nbrunbook.work.naming import project_here
from nbrunbook.work.opening import open_session
from nbrunbook.work.own_notebook import lacks_words
from nbrunbook.work.session import Session


@click.command(name="archive")
@click.argument("key", metavar="[KEY]", required=False, shell_complete=completion.any_keys)
@click.option("--draft", is_flag=True, help="Write a page marked DRAFT, whatever the state.")
@click.option("--all", "everything", is_flag=True, help="All signed-off runbooks that have no record yet.")
@environment_option("With --all: only those there.")
def command(key: str | None, draft: bool, everything: bool, environment: str) -> int:
    """Write the record of a signed-off runbook: one HTML file that needs nothing else.

    Its sha256 is appended to records/SHA256SUMS (commit both) and to the journal.
    --all, for a nightly job, goes on where one cannot be written, and exits with 1 then.
    It needs nbrunbook[ci].

    \b
    Example:
      nbrunbook archive staging/1.0
    """
    if bool(key) == everything or (everything and draft) or (environment and not everything):
        raise click.UsageError("KEY [--draft], or --all [-e ENV]")
    extras.require("ci", "nbconvert makes records")
    notebook.skip_iri_checks()
    project = project_here(tell=tell)
    if key:
        _write(open_session(project, key, operator_of(project)), project, draft=draft)
        return 0
    return _write_all(project, environment)


def _write(session: Session, project: Project, *, draft: bool = False) -> None:
    lacks = lacks_words(session, project)
    if lacks:
        tell(lacks)
    try:
        written = archive(session, project, draft=draft)
    except OSError as error:
        raise RecordError(
            f"{project.records} cannot be written to ({error.strerror})", "a folder for records"
        ) from None
    show(f"{project.relative(written.path)}  sha256 {written.sha256}")
    if draft:
        tell("DRAFT: not signed off, not in SHA256SUMS, not in the journal")
    elif not written.new:
        tell("it was archived before; nothing changed")


def _write_all(project: Project, environment: str) -> int:
    journal, operator = existing_journal(project), operator_of(project)
    written, failed = 0, 0
    for row in without_record(journal, project, environment):
        try:
            _write(Session(journal, row, operator), project)
            written += 1
        except NbrunbookError as error:
            tell_error(f"{row.key}: {error}")
            failed += 1
    tell_unreadable(journal)
    failed += len(journal.unreadable)
    if not written and not failed:
        tell("nothing to do: every signed-off runbook has its record")
    return 1 if failed else 0
