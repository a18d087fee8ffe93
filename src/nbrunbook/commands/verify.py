"""nbrunbook verify: check records and the journal for what was edited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from nbrunbook.commands import completion
from nbrunbook.commands.options import json_option
from nbrunbook.commands.terminal import end_with, pass_by, show, show_json, show_line, tell
from nbrunbook.documents import notebook
from nbrunbook.errors import one_line
from nbrunbook.journal.chain import Fault
from nbrunbook.record import verify
from nbrunbook.record.audit import Audit, Seen
from nbrunbook.texts import many
from nbrunbook.work.keys import known_runbook
from nbrunbook.work.lost_journals import existing_journal
from nbrunbook.work.naming import project_here

PROGRESS = 100
"""After how many runbooks the terminal hears that it goes on."""


@click.command(name="verify")
@click.argument("what", metavar="[KEY|FILE]", required=False, shell_complete=completion.any_keys_or_file)
@click.option("--all", "everything", is_flag=True, help="The whole journal and all records.")
@json_option
def command(what: str | None, everything: bool, as_json: bool) -> int:
    """Check that nothing was edited: a record, a runbook's rows in the journal, or all there is.

    A FILE is held against itself, against SHA256SUMS and against the journal, where they are there;
    a KEY's rows against each other, its plans, files and records; --all finds what is missing too.

    \b
    Example:
      nbrunbook verify records/staging/1.0.html
    """
    if bool(what) == everything:
        raise click.UsageError("one of: KEY, FILE, --all")
    notebook.skip_iri_checks()
    if what and (Path(what).exists() or what.endswith(".html")):
        return _file(Path(what), as_json=as_json)
    project = project_here(tell=tell)
    journal, seen = existing_journal(project), Seen()
    audit = Audit(journal, project, seen, follow=lambda: _follow(seen))
    faults = audit.one(known_runbook(journal, project, what)) if what else audit.whole()
    return _report(faults, seen, as_json=as_json)


def _file(path: Path, *, as_json: bool) -> int:
    verdict = verify.verify(path)
    if as_json:
        show_json({**asdict(verdict), "path": str(path)})
        return 1 if verdict.fault else 0
    show(f"{path}: {'does not hold' if verdict.fault else 'holds'}")
    only = "only " if len(verdict.held_against) == 1 else ""
    lines = [f"held against: {only}{', '.join(verdict.held_against)}", *verdict.not_asked, *verdict.remarks]
    for text in [*([verdict.fault] if verdict.fault else []), *lines]:
        show_line(f"  {text}")
    return 1 if verdict.fault else 0


def _follow(seen: Seen) -> None:
    if seen.runbooks % PROGRESS == 0:
        pass_by(f"{many(seen.runbooks, 'runbook')}, {many(seen.events, 'event')}…")


def _report(faults: Iterator[Fault], seen: Seen, *, as_json: bool) -> int:
    kept: list[Fault] = []
    count = 0
    for fault in faults:
        count += 1
        if as_json:
            kept.append(fault)
        else:
            end_with(one_line(str(fault)))
    if as_json:
        show_json({**asdict(seen), "faults": [_as_facts(each) for each in kept]})
        return 1 if count else 0
    for each in seen.remarks:
        end_with(one_line(f"not a fault: {each}"))
    words = "hold" if not count else many(count, "fault")
    end_with(f"{many(seen.runbooks, 'runbook')}, {many(seen.events, 'event')}, {many(seen.records, 'record')}: {words}")
    return 1 if count else 0


def _as_facts(fault: Fault) -> dict[str, object]:
    return {"runbook": fault.runbook, "event": fault.seq, "record": fault.record, "fault": fault.words}
