"""Archiving: the record of a signed-off runbook, written to its place, to SHA256SUMS and to the journal."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from nbrunbook.documents import files
from nbrunbook.errors import RefusedError
from nbrunbook.journal.entries import RunbookRow, sha256
from nbrunbook.journal.journal import Journal
from nbrunbook.project import author_files
from nbrunbook.project.operator import Operator
from nbrunbook.project.settings import Project
from nbrunbook.record import verify
from nbrunbook.record.render import render
from nbrunbook.runbook import words
from nbrunbook.work.own_notebook import as_made
from nbrunbook.work.session import Session


@dataclass(frozen=True, kw_only=True)
class WrittenRecord:
    """A record that stands in its place."""

    path: Path
    sha256: str
    new: bool
    """False where it stood there already."""


def archive(
    session: Session,
    project: Project,
    *,
    draft: bool = False,
    operator: Operator | None = None,
    event_id: str | None = None,
) -> WrittenRecord:
    """Write the record of a signed-off runbook and append its sha256 to SHA256SUMS and the journal.

    Repeating is safe: a record that stands there already stays.
    `draft` writes a page marked DRAFT for a runbook in any state, and journals nothing.
    Raises RefusedError where the runbook is not signed off, MissingExtraError where nbconvert is not installed.
    """
    session.refresh()
    if draft:
        content = render(session, project, draft=True, made=partial(as_made, session, project))
        path = project.records / f"{session.key}.draft.html"
        files.write(path, content)
        return WrittenRecord(path=path, sha256=sha256(content), new=True)
    if session.progress.state != "signed_off":
        state = words.state_words(session.progress, session.times(session.clock()))
        first = f"sign it off first ('nbrunbook sign-off {shlex.quote(session.key)}'), or add --draft"
        do = first if session.progress.state == "open" else ""
        raise RefusedError(f"cannot archive {session.key}", f"it is {state}, not signed off", do)
    author_files.check_inside(project.records / verify.SUMS)
    project.records.mkdir(parents=True, exist_ok=True)
    with files.locked(project.records):  # who archives the same at the same moment finds it archived
        verify.listed(project.records / verify.SUMS)  # refuses a link, before anything is journaled
        session.refresh()
        return _standing(session, project) or _sealed(session, project, operator, event_id)


def _sealed(session: Session, project: Project, operator: Operator | None, event_id: str | None) -> WrittenRecord:
    content = render(session, project, made=partial(as_made, session, project))
    digest = sha256(content)
    path = _free_path(project, session)
    name = path.relative_to(project.records).as_posix()
    with files.beside(path) as temporary:
        temporary.write_bytes(content)
        session.append("archived", data={"record": name, "sha256": digest}, operator=operator, event_id=event_id)
        files.put(temporary, path)
    _append_sum(project.records / verify.SUMS, digest, name)
    return WrittenRecord(path=path, sha256=digest, new=True)


def _standing(session: Session, project: Project) -> WrittenRecord | None:
    archived = session.progress.archived
    if archived is None:
        return None
    path = project.records / archived.data.get("record", "")
    if not path.is_file() or sha256(path.read_bytes()) != archived.data.get("sha256"):
        return None
    if verify.sum_of(path, project.records / verify.SUMS) is None:
        _append_sum(project.records / verify.SUMS, archived.data["sha256"], archived.data["record"])
    return WrittenRecord(path=path, sha256=archived.data["sha256"], new=False)


def _free_path(project: Project, session: Session) -> Path:
    """A reopened runbook gets a new record beside the old one: 1.0.html, 1.0~2.html.

    The name of a record that was lost is not given again.
    """
    taken = {event.data.get("record") for event in session.events if event.kind == "archived"}
    name, count = f"{session.key}.html", 1
    while name in taken or (project.records / name).exists():
        count += 1
        name = f"{session.key}~{count}.html"
    return project.records / name


def _append_sum(path: Path, digest: str, name: str) -> None:
    """In the format of sha256sum(1), so that `sha256sum -c` checks it too.

    At the end, whatever stands before it: somebody else may append at the same moment.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - 1))
        torn = file.read(1) not in (b"", b"\n")
        file.write(f"{chr(10) if torn else ''}{digest}  {name}\n".encode())
        file.flush()
        os.fsync(file.fileno())


# What is missing


def without_record(journal: Journal, project: Project, environment: str) -> Iterator[RunbookRow]:
    """Yield the signed-off runbooks that were not archived since, or whose record is not there.

    `environment` is one, or a group; empty for all of them. Of a runbook only the events after the sign-off are read.
    """
    rows = journal.runbooks(project.name, environments=project.members(environment) if environment else None)
    closed = journal.closed(rows)
    for row in rows:
        event = closed.get(row.digest)
        if event is None or event.kind != "signed_off":
            continue
        names: list[str] | None = None
        with journal.passing_over(row.key):
            later = journal.events(row, after=event.seq)
            names = [each.data.get("record", "") for each in later if each.kind == "archived"]
        if names == [] or (names and not (project.records / names[-1]).is_file()):
            yield row
