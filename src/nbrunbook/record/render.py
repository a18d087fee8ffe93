"""Records: the frozen HTML of a runbook. The door to nbconvert.

A record is one file: what is seen, the journal as JSON, and the sha256 of the whole file
with the place of that digest itself filled with zeros.
"""

from __future__ import annotations

import html
import json
import posixpath
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from nbrunbook import __version__, extras
from nbrunbook.documents import attachments, notebook
from nbrunbook.documents.markdown.filling import Fill, is_relative, rebased
from nbrunbook.documents.markdown.html import Html, clean, draw
from nbrunbook.documents.notebook import Cell
from nbrunbook.errors import NbrunbookError, visible
from nbrunbook.journal.entries import RunbookRow
from nbrunbook.journal.reading import Reader
from nbrunbook.project.settings import Project
from nbrunbook.record import outputs, verify
from nbrunbook.record.line_ends import steady, steady_json
from nbrunbook.runbook import events, words
from nbrunbook.runbook.events import Event, now
from nbrunbook.runbook.html import home_html, removed_html
from nbrunbook.runbook.plan import Plan
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.times import utc
from nbrunbook.texts import many

LAYOUT = Path(__file__).parent / "layout"
FOR_MACHINES = (("revised", "template"), ("signed_off", "elsewhere"), ("closed", "needs"))
"""What events say, by kind and name, that the page shows in words elsewhere; it stands in the JSON."""


MakeCells = Callable[[], Sequence[Cell]]


class Recordable(Protocol):
    """What a record shows of a runbook: a session is one."""

    @property
    def key(self) -> str:
        """The runbook's key."""
        ...

    @property
    def runbook(self) -> RunbookRow:
        """Its row in the journal."""
        ...

    @property
    def journal(self) -> Reader:
        """Where its blobs are."""
        ...

    @property
    def plan(self) -> Plan:
        """The plan that it was made from."""
        ...

    @property
    def progress(self) -> Progress:
        """Its steps as its events leave them."""
        ...

    @property
    def events(self) -> Sequence[Event]:
        """All of them, in order."""
        ...

    def file(self, sha256: str) -> bytes | None:
        """Return a file that was given as evidence; None for any other blob."""
        ...


def render(shown: Recordable, project: Project, *, draft: bool = False, made: MakeCells = list) -> bytes:
    """Return a record's bytes, its digest filled in.

    `made` is asked for the cells of the runbook as it was made, where the journal holds no notebook of it.
    MissingExtraError without nbconvert.
    """
    extras.require("ci", f"the record of {shown.key} cannot be made")
    slot = secrets.token_hex(16)
    body = _page(shown, project, slot, _last_saved(shown) or made(), draft=draft)
    facts = events.canonical(
        {
            "format": verify.FORMAT,
            "draft": draft,
            "made_at": events.instant(now()),
            "version": __version__,
            "runbook": shown.runbook.facts,
            "events": [events.brief(event) for event in shown.events],
            "head": shown.events[-1].hash(),
        }
    )
    content = body.replace(slot, html.escape(steady_json(facts), quote=False)).encode()
    return verify.seal(content)


def _page(shown: Recordable, project: Project, slot: str, saved: Sequence[Cell], *, draft: bool) -> str:
    from nbconvert.exporters import HTMLExporter
    from traitlets.config import Config

    class RecordExporter(HTMLExporter):
        def markdown2html(self, source: str) -> str:
            return draw(source, Fill(links=str))

        def default_filters(self) -> Iterator[tuple[str, Any]]:
            yield from super().default_filters()  # type: ignore[no-untyped-call]
            yield "markdown2html", self.markdown2html
            yield "clean", clean

    exporter = RecordExporter(  # type: ignore[no-untyped-call]
        config=Config({"NbConvertBase": {"display_data_priority": ["text/html", "text/markdown", "text/plain"]}}),
        template_name="record",
        extra_template_basedirs=[str(LAYOUT)],
        sanitize_html=True,
        enable_async=False,
    )
    cells = [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(_cells(shown, project, saved), 1)]
    metadata = {"language_info": {"name": "python"}}
    node = notebook.to_node(notebook.document(cells, metadata))
    resources = {"nbrunbook": _resources(shown, project, slot, draft=draft)}
    page, _ = exporter.from_notebook_node(node, resources=resources)
    return steady(visible(str(page)))


def _resources(shown: Recordable, project: Project, slot: str, *, draft: bool) -> dict[str, Any]:
    progress, facts = shown.progress, shown.runbook.facts
    journal = f"{many(len(shown.events), 'event')}, in this page"
    lines = words.facts(progress, utc(now()), key=shown.key, operator="", journal=journal)
    made_from = [
        ("Template", _parts(facts["template"])),
        *([("Not committed", not_committed)] if (not_committed := words.uncommitted(facts["template"])) else []),
        *((f"Parameter {name}", str(value)) for name, value in facts["parameters"].items()),
        ("Plan", f"sha256 {facts['plan_digest']}"),
        *(("Revision", _revision(version.event)) for version in progress.versions if version.event),
        ("Runbook", f"sha256 {shown.runbook.digest}, made {facts['created_at']} by {facts['created_by']}"),
        *((name.replace("_", " ").capitalize(), value) for name, value in facts["deployment"].items() if value),
    ]
    return {
        "draft": draft,
        "title": visible(f"{'DRAFT ' if draft else ''}{shown.key}: record of a runbook"),
        "release": visible(progress.plan.release),
        "environment": visible(progress.plan.environment),
        "production": project.is_production(progress.plan.environment),
        "version": __version__,
        "digest_slot": f"sha256:{verify.ZEROS}",
        "json_slot": slot,
        "css": (LAYOUT / "record" / "record.css").read_text(encoding="utf-8"),
        "facts": [(name, visible(value)) for name, value in lines],
        "made_from": [(name, visible(value)) for name, value in made_from],
        "events": [_event_row(event) for event in shown.events],
        "head": shown.events[-1].hash(),
    }


def _parts(template: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{part['path']} (sha256 {part['sha256']}, commit {part['commit'] or 'unknown'})" for part in template["parts"]
    )


def _revision(event: Event) -> str:
    made = f"event {event.seq}, {events.instant(event.at)} by {event.operator}: {event.data.get('summary', '')}"
    template = json.loads(event.data["template"])
    not_committed = words.uncommitted(template)
    more = f", not committed: {not_committed}" if not_committed else ""
    return f"{made}. Plan sha256 {event.data['plan']}, from {_parts(template)}{more}"


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


def _cells(shown: Recordable, project: Project, saved: Sequence[Cell]) -> Iterator[Cell]:
    """The notebook's cells: ours drawn from the journal, the others as last saved."""
    progress = shown.progress
    place, root = project.place(project.records / f"{shown.key}.html")
    links, missing = progress.plan.link_from(place, root), dict.fromkeys(progress.homes)
    began, _ = project.place(project.runbook_path(shown.key))
    values = {**shown.plan.texts(), **shown.plan.not_yet_known, **progress.evidence_by_name()}

    def moved(target: str) -> str:
        return rebased(target, posixpath.join(root, began), posixpath.join(root, place))

    def drawn(home: str) -> str:
        return home_html(progress, home, links, now=now(), files=shown.file)

    for cell in saved:
        about = cell["metadata"].get("nbrunbook")
        if not isinstance(about, dict):
            yield _author_cell(cell, shown, moved)
        elif about.get("cell") == "checklist" and about.get("section") in missing:
            del missing[about["section"]]
            yield _drawn(drawn(about["section"]))
    for home in missing:
        title = shown.plan.section(home).heading(values) if home else ""
        heading = Html("<h2>{}</h2>").format(title) if title else Html()
        yield _drawn(heading + Html(drawn(home)))
    if progress.removed:
        yield _drawn(removed_html(progress, now=now()))


SECTION = Html('<section class="checklist">{}</section>')


def _drawn(content: str) -> Cell:
    return notebook.markdown_cell("drawn", "", {"nbrunbook_html": str(SECTION.format(Html(content)))})


def _author_cell(cell: Cell, shown: Recordable, moved: Callable[[str], str]) -> Cell:
    """A cell that is not ours; its links, which led from the runbook's place, are moved to the record's."""
    if cell["cell_type"] != "markdown":
        seen = {"outputs": outputs.all_shown(cell.get("outputs") or [])} if cell["cell_type"] == "code" else {}
        return {**cell, **seen, "metadata": {"tags": notebook.tags(cell)}}

    def links(target: str) -> str:
        if not target.startswith(attachments.SCHEME):
            return moved(target) if is_relative(target) else target
        try:
            return attachments.data_uri(target, cell.get("attachments"))
        except ValueError:
            return target  # told in its place

    drawn = draw(cell["source"], Fill(references=shown.progress.plan.references, links=links))
    return notebook.markdown_cell("text", "", {"nbrunbook_html": drawn})


def _last_saved(shown: Recordable) -> list[Cell]:
    """The session copy kept at sign-off, else the runbook as it was made."""
    signed = shown.progress.signed_off
    names = [signed.data.get("notebook", "")] if signed else []
    names += [event.data.get("notebook", "") for event in shown.events if event.kind == "opened"]
    for name in filter(None, names):
        content = shown.journal.blob(name)
        if content is not None:
            try:
                return notebook.parse(content, Path(shown.key)).cells
            except NbrunbookError:
                continue
    return []
