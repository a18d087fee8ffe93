"""Records: the frozen HTML of a runbook. The door to nbconvert.

A record is one file: what is seen, the journal as JSON, and the sha256 of the whole file
with the place of that digest itself filled with zeros.
"""

from __future__ import annotations

import html
import posixpath
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from nbrunbook import __version__, extras
from nbrunbook.documents import attachments, notebook
from nbrunbook.documents.markdown.filling import Fill, is_relative, rebased
from nbrunbook.documents.markdown.html import Html, clean, draw
from nbrunbook.documents.notebook import Cell
from nbrunbook.errors import NbrunbookError, visible
from nbrunbook.project.settings import Project
from nbrunbook.record import outputs, verify
from nbrunbook.record.line_ends import steady, steady_json
from nbrunbook.record.page import Recordable, css_text, surroundings
from nbrunbook.record.runs import Runs
from nbrunbook.runbook import events
from nbrunbook.runbook.events import now
from nbrunbook.runbook.html import home_html, removed_html
from nbrunbook.texts import many

LAYOUT = Path(__file__).parent / "layout"
KEY = '"the runbook\'s key"'
"""What stands in the style sheet in the place of the text at the foot of each printed page."""
MakeCells = Callable[[], Sequence[Cell]]


def render(shown: Recordable, project: Project, *, draft: bool = False, made: MakeCells = list) -> bytes:
    """Return a record's bytes, its digest filled in.

    `made` is asked for the cells of the runbook as it was made, where the journal holds no notebook of it.
    MissingExtraError without nbconvert.
    """
    extras.require("ci", f"the record of {shown.key} cannot be made")
    slot, runs = secrets.token_hex(16), Runs(shown)
    body = _page(shown, project, slot, _last_saved(shown) or made(), runs, draft=draft)
    facts = events.canonical(
        {
            "format": verify.WITH_CODE if runs else verify.FORMAT,
            "draft": draft,
            "made_at": events.instant(now()),
            "version": __version__,
            "runbook": shown.runbook.facts,
            "events": [events.brief(event) for event in shown.events],
            "head": shown.events[-1].hash(),
            **runs.facts(),
        }
    )
    content = body.replace(slot, html.escape(steady_json(facts), quote=False)).encode()
    return verify.seal(content)


def _page(shown: Recordable, project: Project, slot: str, saved: Sequence[Cell], runs: Runs, *, draft: bool) -> str:
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
    folded = _folded(_cells(shown, project, saved, runs))
    cells = [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(folded, 1)]
    metadata = {"language_info": {"name": "python"}}
    node = notebook.to_node(notebook.document(cells, metadata))
    resources = {"nbrunbook": _resources(shown, project, slot, runs, draft=draft)}
    page, _ = exporter.from_notebook_node(node, resources=resources)
    return steady(visible(str(page)))


def _resources(shown: Recordable, project: Project, slot: str, runs: Runs, *, draft: bool) -> dict[str, Any]:
    names = ["record.css", *(["runs.css"] if runs else [])]
    css = "".join((LAYOUT / "record" / name).read_text(encoding="utf-8") for name in names)
    return {
        **surroundings(shown, project, draft=draft),
        "version": __version__,
        "digest_slot": f"sha256:{verify.ZEROS}",
        "json_slot": slot,
        "css": css.replace(KEY, css_text(f"{'DRAFT ' if draft else ''}{shown.key}")),
    }


def _cells(shown: Recordable, project: Project, saved: Sequence[Cell], runs: Runs) -> Iterator[Cell]:
    """The notebook's cells: ours drawn from the journal, the others as last saved."""
    progress = shown.progress
    place, root = project.place(project.records / f"{shown.key}.html")
    links, missing = progress.plan.link_from(place, root), dict.fromkeys(progress.homes)
    began, _ = project.place(project.runbook_path(shown.key))
    values = {**shown.plan.texts(), **shown.plan.not_yet_known, **progress.evidence_by_name()}

    def moved(target: str) -> str:
        return rebased(target, posixpath.join(root, began), posixpath.join(root, place))

    def drawn(home: str) -> str:
        return home_html(progress, home, links, now=now(), files=shown.file, more=runs.of, on_record=True)

    for cell in saved:
        about = cell["metadata"].get("nbrunbook")
        if not isinstance(about, dict):
            yield _author_cell(cell, shown, moved)
        elif about.get("cell") == "checklist" and about.get("section") in missing:
            del missing[about["section"]]
            yield _drawn(drawn(about["section"]), about["section"])
    for home in missing:
        title = shown.plan.section(home).heading(values) if home else ""
        heading = Html("<h2>{}</h2>").format(title) if title else Html()
        yield _drawn(heading + Html(drawn(home)), home)
    if progress.removed:
        yield _drawn(Html(removed_html(progress, now=now())) + runs.removed())


def _drawn(content: str, section: str = "") -> Cell:
    anchor = Html(' id="section-{}"').format(section) if section else ""
    drawn = Html('<section class="checklist"{}>{}</section>').format(anchor, Html(content))
    return notebook.markdown_cell("drawn", "", {"nbrunbook_html": str(drawn)})


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


def _folded(cells: Iterable[Cell]) -> Iterator[Cell]:
    """The cells, with those of code that follow one another as one: their sources fold, their outputs stay."""
    for is_code, group in groupby(cells, key=lambda cell: cell["cell_type"] == "code"):
        if not is_code:
            yield from group
            continue
        run = list(group)
        sources = [cell["source"] for cell in run if cell["source"].strip()]
        about = {"nbrunbook_code": sources, "nbrunbook_says": many(len(sources), "code cell")}
        if sources or any(cell["outputs"] for cell in run):
            yield {**run[0], "outputs": [each for cell in run for each in cell["outputs"]], "metadata": about}


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
