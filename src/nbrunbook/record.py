"""Records: the frozen HTML of a runbook. The door to nbconvert.

A record is one file: what is seen, the journal as JSON, and the sha256 of the whole file
with the place of that digest itself filled with zeros.
"""

from __future__ import annotations

import html
import json
import os
import posixpath
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbrunbook import __version__, proof
from nbrunbook.documents import files, notebook
from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.html import clean, draw, escape
from nbrunbook.documents.notebook import Cell
from nbrunbook.errors import NbrunbookError, RefusedError, visible
from nbrunbook.journal.entries import sha256
from nbrunbook.project.operator import Operator
from nbrunbook.project.settings import Project, is_production
from nbrunbook.runbook import events, phrases
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.html import home_html, removed_html
from nbrunbook.session import Session, now

LAYOUT = Path(__file__).parent / "layout"
FOR_MACHINES = (("revised", "template"), ("signed_off", "elsewhere"))
"""What events say, by kind and name, that the page shows in words elsewhere; it stands in the JSON."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """A record that stands in its place."""

    path: Path
    sha256: str
    new: bool
    """False where it stood there already."""


# Writing


def archive(
    session: Session,
    found: Project,
    *,
    draft: bool = False,
    operator: Operator | None = None,
    event_id: str | None = None,
) -> Written:
    """Write the record of a signed-off runbook and append its sha256 to SHA256SUMS and the journal.

    Repeating is safe: a record that stands there already stays.
    `draft` writes a page marked DRAFT for a runbook in any state, and journals nothing.
    Raises RefusedError where the runbook is not signed off.
    """
    session.refresh()
    if draft:
        content = render(session, found, draft=True)
        path = found.records / f"{session.key}.draft.html"
        files.write(path, content)
        return Written(path=path, sha256=sha256(content), new=True)
    if session.progress.state != "signed_off":
        words = phrases.state_words(session.progress)
        do = "sign it off first, or add --draft" if session.progress.state == "open" else ""
        raise RefusedError(f"cannot archive {session.key}", f"it is {words}, not signed off", do)
    standing = _standing(session, found)
    if standing is not None:
        return standing
    content = render(session, found)
    digest = sha256(content)
    path = _free_path(found, session)
    name = path.relative_to(found.records).as_posix()
    with files.beside(path) as temporary:
        temporary.write_bytes(content)
        session.record("archived", data={"record": name, "sha256": digest}, operator=operator, event_id=event_id)
        files.put(temporary, path)
    _append_sum(found.records / proof.SUMS, digest, name)
    return Written(path=path, sha256=digest, new=True)


def _standing(session: Session, found: Project) -> Written | None:
    archived = session.progress.archived
    if archived is None:
        return None
    path = found.records / archived.data.get("record", "")
    if not path.is_file() or sha256(path.read_bytes()) != archived.data.get("sha256"):
        return None
    if proof.sum_of(path, found.records / proof.SUMS) is None:
        _append_sum(found.records / proof.SUMS, archived.data["sha256"], archived.data["record"])
    return Written(path=path, sha256=archived.data["sha256"], new=False)


def _free_path(found: Project, session: Session) -> Path:
    """A reopened runbook gets a new record beside the old one: 1.0.html, 1.0~2.html.

    The name of a record that was lost is not given again.
    """
    taken = {event.data.get("record") for event in session.events if event.kind == "archived"}
    name, count = f"{session.key}.html", 1
    while name in taken or (found.records / name).exists():
        count += 1
        name = f"{session.key}~{count}.html"
    return found.records / name


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


def render(session: Session, found: Project, *, draft: bool = False) -> bytes:
    """Return a record's bytes, its digest filled in."""
    slot = secrets.token_hex(16)
    body = _page(session, found, slot, draft=draft)
    facts = events.canonical(
        {
            "format": proof.FORMAT,
            "draft": draft,
            "made_at": events.instant(now()),
            "version": __version__,
            "runbook": session.runbook.facts,
            "events": [events.brief(event) for event in session.events],
            "head": session.events[-1].hash(),
        }
    )
    content = body.replace(slot, html.escape(facts, quote=False)).encode()
    return proof.seal(content)


def _page(session: Session, found: Project, slot: str, *, draft: bool) -> str:
    from nbconvert.exporters import HTMLExporter
    from traitlets.config import Config

    class RecordExporter(HTMLExporter):
        def markdown2html(self, source: str) -> str:
            return draw(source, Fill(links=str))

        def default_filters(self) -> Iterator[tuple[str, Any]]:
            yield from super().default_filters()  # type: ignore[no-untyped-call]
            yield "markdown2html", self.markdown2html
            yield "clean", clean

    priority = ["text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/latex", "text/plain"]
    exporter = RecordExporter(  # type: ignore[no-untyped-call]
        config=Config({"NbConvertBase": {"display_data_priority": priority}}),
        template_name="record",
        extra_template_basedirs=[str(LAYOUT)],
        sanitize_html=True,
        enable_async=False,
    )
    cells = [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(_cells(session, found), 1)]
    metadata = {"language_info": {"name": "python"}}
    node = notebook.to_node(notebook.document(cells, metadata))
    resources = {"nbrunbook": _resources(session, slot, draft=draft)}
    page, _ = exporter.from_notebook_node(node, resources=resources)
    return visible(str(page))


def _resources(session: Session, slot: str, *, draft: bool) -> dict[str, Any]:
    done, facts = session.progress, session.runbook.facts
    shown = phrases.facts(done, key=session.key, operator="", journal=f"{len(session.events)} events, in this page")
    made_from = [
        ("Template", _parts(facts["template"])),
        *((f"Parameter {name}", str(value)) for name, value in facts["parameters"].items()),
        ("Plan", f"sha256 {facts['plan_digest']}"),
        *(("Revision", _revision(version.event)) for version in done.versions if version.event),
        ("Runbook", f"sha256 {session.runbook.digest}, made {facts['created_at']} by {facts['created_by']}"),
        *((name.replace("_", " ").capitalize(), value) for name, value in facts["deployment"].items() if value),
    ]
    return {
        "draft": draft,
        "title": visible(f"{'DRAFT ' if draft else ''}{session.key}: record of a runbook"),
        "release": visible(done.plan.release),
        "environment": visible(done.plan.environment),
        "production": is_production(done.plan.environment),
        "version": __version__,
        "digest_slot": f"sha256:{proof.ZEROS}",
        "json_slot": slot,
        "css": (LAYOUT / "record" / "record.css").read_text(encoding="utf-8"),
        "facts": [(name, visible(value)) for name, value in shown],
        "made_from": [(name, visible(value)) for name, value in made_from],
        "events": [_event_row(event) for event in session.events],
        "head": session.events[-1].hash(),
    }


def _parts(template: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{part['path']} (sha256 {part['sha256']}, commit {part['commit'] or 'unknown'})" for part in template["parts"]
    )


def _revision(event: Event) -> str:
    made = f"event {event.seq}, {events.instant(event.at)} by {event.operator}: {event.data.get('summary', '')}"
    return f"{made}. Plan sha256 {event.data['plan']}, from {_parts(json.loads(event.data['template']))}"


def _event_row(event: Event) -> dict[str, Any]:
    kept = {name: text for name, text in event.data.items() if (event.kind, name) not in FOR_MACHINES}
    said = "; ".join(f"{name}: {text}" for name, text in kept.items())
    return {
        "seq": event.seq,
        "at": events.instant(event.at),
        "who": visible(event.operator),
        "known": f"{event.known} ({event.known_by})",
        "kind": event.kind.replace("_", " "),
        "step": event.step,
        "said": "(redacted)" if event.redacted else visible(said),
    }


def _cells(session: Session, found: Project) -> Iterator[Cell]:
    """The notebook's cells: ours drawn from the journal, the others as last saved."""
    done = session.progress
    folder = posixpath.dirname(found.relative(found.records / f"{session.key}.html"))
    links, missing = done.plan.link_from(folder), dict.fromkeys(done.homes)

    def drawn(home: str) -> str:
        return home_html(done, home, links, now=now(), files=session.file)

    for cell in _last_saved(session):
        about = cell["metadata"].get("nbrunbook")
        if not isinstance(about, dict):
            yield _author_cell(cell, session)
        elif about.get("cell") == "checklist" and about.get("section") in missing:
            del missing[about["section"]]
            yield _drawn(drawn(about["section"]))
    for home in missing:
        title = session.plan.section(home).title if home else ""
        yield _drawn((f"<h2>{escape(title)}</h2>" if title else "") + drawn(home))
    if done.removed:
        yield _drawn(removed_html(done))


def _drawn(content: str) -> Cell:
    return notebook.markdown_cell("drawn", "", {"nbrunbook_html": f'<section class="checklist">{content}</section>'})


def _author_cell(cell: Cell, session: Session) -> Cell:
    if cell["cell_type"] != "markdown":
        tags = notebook.tags(cell)
        return {**cell, "metadata": {"tags": tags}}
    attachments = cell.get("attachments") or {}

    def links(target: str) -> str:
        bundle = attachments.get(target.removeprefix("attachment:")) if target.startswith("attachment:") else None
        if isinstance(bundle, dict) and bundle:
            mime, content = next(iter(bundle.items()))
            return f"data:{mime};base64,{''.join(content).strip()}"
        return target

    drawn = draw(cell["source"], Fill(references=session.progress.plan.references, links=links))
    return notebook.markdown_cell("text", "", {"nbrunbook_html": drawn})


def _last_saved(session: Session) -> list[Cell]:
    """The session copy kept at sign-off, else the runbook as it was made."""
    signed = session.progress.signed_off
    names = [signed.data.get("notebook", "")] if signed else []
    names += [event.data.get("notebook", "") for event in session.events if event.kind == "opened"]
    for name in filter(None, names):
        content = session.journal.blob(name)
        if content is not None:
            try:
                return notebook.parse(content, Path(session.key)).cells
            except NbrunbookError:
                continue
    return []
