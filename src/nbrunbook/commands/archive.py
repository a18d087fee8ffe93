"""nbrunbook archive: write the record of a signed-off runbook."""

from __future__ import annotations

import click

from nbrunbook import notebook, project, record
from nbrunbook import session as sessions
from nbrunbook.commands.opening import key_argument, operator_of, show, tell
from nbrunbook.errors import NbrunbookError


@click.command(name="archive")
@key_argument
@click.option("--draft", is_flag=True, help="Write a page marked DRAFT, whatever the state.")
def command(key: str, draft: bool) -> None:
    """Write the record of a signed-off runbook: one HTML file that needs nothing else.

    Its sha256 is appended to records/SHA256SUMS (commit both) and to the journal.

    \b
    Example: nbrunbook archive staging/1.0
    """
    notebook.skip_iri_checks()
    found = project.find()
    session = sessions.open_session(found, key, operator_of(found))
    try:
        written = record.archive(session, found, draft=draft)
    except OSError as error:
        raise NbrunbookError(
            f"{found.records} cannot be written to ({error.strerror})", "a folder for records"
        ) from None
    show(f"{found.relative(written.path)}  sha256 {written.sha256}")
    if draft:
        tell("DRAFT: not signed off, not in SHA256SUMS, not in the journal")
    elif not written.new:
        tell("it was archived before; nothing changed")
