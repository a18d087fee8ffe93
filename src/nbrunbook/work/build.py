"""The door to papermill: make a runbook from a template and its plan.

papermill injects the parameters and, on request, executes the author's cells.
Our own cells carry `skip-execution` and a static output that says how to go live.
"""

from __future__ import annotations

import contextlib
import logging
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from nbrunbook import extras
from nbrunbook.documents import attachments, kernelspec, notebook, source
from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.notebook import Cell
from nbrunbook.documents.relinking import stuck_link
from nbrunbook.errors import AuthorCellError, NbrunbookError, ParameterError
from nbrunbook.project.settings import Project
from nbrunbook.project.versions import Version
from nbrunbook.runbook import closing, replay, words
from nbrunbook.runbook.html import header_html, section_html, sign_off_html
from nbrunbook.runbook.metadata import SCHEMA, Built, facts_digest
from nbrunbook.runbook.parameters import Parameter, Secret
from nbrunbook.runbook.plain import header_text, section_text
from nbrunbook.runbook.plan import Plan
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.times import utc
from nbrunbook.template.cells import Piece
from nbrunbook.texts import short

IF_NOTHING_SHOWS = "# Nothing to click below? Reload the page. If that does not help: Run > Run All Cells."
"""The first line of each of our cells: Jupyter shows it while the cell is folded and its panel is not there."""
HOW_TO_GO_LIVE = (
    "Not live: nothing can be ticked here. To work on it: nbrunbook work {key}, or in JupyterLab: Run > Run All Cells."
)


class Layout(Protocol):
    """What the cells of a runbook are made from: a template is one."""

    @property
    def pieces(self) -> Sequence[Piece]:
        """What becomes its cells, in order."""
        ...

    @property
    def parameters(self) -> Sequence[Parameter]:
        """As declared."""
        ...

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The author's own of the notebook."""
        ...


def build(
    layout: Layout,
    plan: Plan,
    values: Mapping[str, Any],
    project: Project,
    about: Mapping[str, Any],
    *,
    execute: bool = False,
) -> Built:
    """Return the runbook of a plan: papermill injects the parameters, and executes on request.

    Raises NbrunbookError for a value that cannot be written into a Markdown section, MissingExtraError without
    papermill.
    """
    key = str(about["key"])
    extras.require("ci", f"the notebook of {key} cannot be made")
    cells = laid_out(layout, plan, project, key)
    document = notebook.document(cells, kernelspec.notebook_metadata(layout.metadata))
    document = _through_papermill(document, _injected(layout, values), project.root, execute=execute)
    _tidy(document, values)
    path = project.runbook_path(key)
    failure = _failure(document["cells"], path) if execute else None
    document["metadata"]["nbrunbook"] = {
        "schema": SCHEMA, "digest": facts_digest(about), **about, "plan": plan.to_json(),
    }  # fmt: skip
    _draw(document["cells"], replay.start(plan), project, about, path)
    return Built(content=notebook.dump(document), facts=about, plan=plan, failure=failure)


def laid_out(layout: Layout, plan: Plan, project: Project, key: str) -> list[Cell]:
    """Return the cells of a runbook before papermill had them: the author's, and ours around and in place of steps.

    Raises NbrunbookError for a value that cannot be written into a Markdown section.
    """
    header, sign_off = _ours("header", "runbook.header()"), _ours("sign-off", "runbook.sign_off()")
    return [header, *_cells(layout, plan, project, key), sign_off]


def _ours(name: str, call: str) -> Cell:
    metadata = {
        "tags": ["skip-execution", "nbrunbook"],
        "jupyter": {"source_hidden": True},
        "editable": False,
        "deletable": False,
        "nbrunbook": {"cell": name},
    }
    lines = (IF_NOTHING_SHOWS, "from nbrunbook.checklist import runbook", call)
    return notebook.code_cell(f"nbrunbook-{name}", "\n".join(lines), metadata)


def _cells(layout: Layout, plan: Plan, project: Project, key: str) -> list[Cell]:
    fill = plan.fill(plan.link_from(*project.place(project.runbook_path(key))), plan.not_yet_known)
    return [
        _cell(piece, replace(fill, links=attachments.kept(piece.attachments, fill.links))) for piece in layout.pieces
    ]


def _cell(piece: Piece, fill: Fill) -> Cell:
    if piece.kind == "section":
        cell = _ours(piece.section, f"runbook.checklist({piece.section!r})".replace("'", '"'))
        cell["metadata"]["nbrunbook"] = {"cell": "checklist", "section": piece.section}
        return {**cell, "id": piece.cell_id}
    if piece.kind == "text":
        return _text_cell(piece, fill)
    cell = {**piece.cell, "id": piece.cell_id}
    if piece.kind == "raw":
        return cell
    tags = [*notebook.tags(cell)]
    if "raises-exception" not in tags:
        tags.append("raises-exception")
    metadata = {**cell["metadata"], "tags": tags}
    if piece.kind == "parameters":
        metadata["jupyter"] = {**cell["metadata"].get("jupyter", {}), "source_hidden": True}
    return notebook.code_cell(piece.cell_id, cell["source"], metadata)


def _text_cell(piece: Piece, fill: Fill) -> Cell:
    try:
        text = source.with_shown_tags(source.fill_source(piece.source, fill))
    except ValueError as error:
        if not str(error):
            raise link_error(piece.source, fill) from None
        raise ParameterError(
            str(error),
            f"its value cannot be written into {short(piece.source.strip(), 40)!r}",
            "a value without backticks where it stands in code",
        ) from None
    cell = notebook.markdown_cell(piece.cell_id, text)
    if piece.attachments and "attachment:" in text:
        cell["attachments"] = dict(piece.attachments)
    return cell


def link_error(text: str, fill: Fill) -> NbrunbookError:
    """Return why a text without any values cannot be written for the runbook's place: it has a link that stays."""
    link = short(stuck_link(text, fill), 80)
    about = f"the link to {link!r}" if link else "a link"
    found = f"{about} in {short(text.strip(), 40)!r} cannot be made to lead there from the runbook's folder"
    return NbrunbookError(found, "a link as [text](target)", "write it in another way")


def _injected(layout: Layout, values: Mapping[str, Any]) -> dict[str, Any]:
    """All values but the secrets that are as declared."""
    defaults = {parameter.name: parameter.default for parameter in layout.parameters}
    return {
        name: _SecretName(value.name) if isinstance(value, Secret) else value
        for name, value in values.items()
        if not (isinstance(value, Secret) and value == defaults.get(name))
    }


class _SecretName(str):
    """A Secret on its way through papermill, which keeps parameters as JSON."""


def _through_papermill(
    document: dict[str, Any], values: Mapping[str, Any], root: Path, *, execute: bool
) -> dict[str, Any]:
    import papermill
    from papermill.engines import papermill_engines
    from papermill.translators import PythonTranslator, papermill_translators

    class Python(PythonTranslator):  # type: ignore[misc]
        @classmethod
        def translate(cls, val: object) -> str:
            if isinstance(val, _SecretName):
                return repr(Secret(val))
            return repr(val) if isinstance(val, Version) else str(super().translate(val))

    papermill_translators.register("python", Python)
    for name in ("papermill", "nbclient", "traitlets"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    name = document["metadata"]["kernelspec"]["name"]
    with kernelspec.private(name):
        node = papermill.execute_notebook(
            notebook.to_node(document), None, parameters=dict(values), prepare_only=True, progress_bar=False
        )
        if execute:
            # The engine itself: execute_notebook would raise at a failing cell and keep the notebook.
            with contextlib.chdir(root), _noting_a_dead_kernel(node):
                node = papermill_engines.execute_notebook_with_engine(
                    None,
                    node,
                    name,
                    progress_bar=False,
                    log_output=False,
                    autosave_cell_every=0,
                    store_widget_state=False,
                )
        return dict(node)


@contextlib.contextmanager
def _noting_a_dead_kernel(node: Any) -> Iterator[None]:
    """Write into the cell that ran that its kernel died: papermill raises, and the runbook would be lost."""
    from nbclient.exceptions import DeadKernelError

    try:
        yield
    except DeadKernelError as error:
        begun = [cell for cell in node.cells if cell.metadata.get("papermill", {}).get("start_time")]
        output = {"output_type": "error", "ename": "DeadKernelError", "evalue": str(error), "traceback": []}
        begun[-1]["outputs"] = [*begun[-1].get("outputs", ()), notebook.to_node(output)]


def _tidy(document: dict[str, Any], values: Mapping[str, Any]) -> None:
    """Give papermill's cell a stable id, and keep no copy of the template and no secret."""
    about = document["metadata"].get("papermill", {})
    for name in ("input_path", "output_path", "environment_variables"):
        about.pop(name, None)
    about["parameters"] = {name: value for name, value in values.items() if not isinstance(value, Secret)}
    about.pop("default_parameters", None)
    for cell in document["cells"]:
        ours_or_text = "nbrunbook" in notebook.tags(cell) or cell["cell_type"] != "code"
        if ours_or_text or about.get("start_time") is None:
            cell["metadata"].pop("papermill", None)
        if not cell["metadata"].get("tags"):
            cell["metadata"].pop("tags", None)
        if "injected-parameters" in notebook.tags(cell):
            cell["id"] = "nbrunbook-parameters"
            cell["metadata"]["tags"] = ["injected-parameters", "raises-exception"]
            cell["metadata"]["jupyter"] = {"source_hidden": True}
            cell["source"] = cell["source"].rstrip()


def _failure(cells: Sequence[Cell], path: Path) -> AuthorCellError | None:
    for number, cell in enumerate(cells, 1):
        for output in cell.get("outputs", ()):
            if output.get("output_type") == "error":
                return AuthorCellError(path, number, cell["id"], output["ename"], output["evalue"])
    return None


def _draw(cells: Sequence[Cell], progress: Progress, project: Project, facts: Mapping[str, Any], path: Path) -> None:
    links = progress.plan.link_from(*project.place(path))
    now = datetime.now(UTC)
    about = {
        "key": facts["key"],
        "journal": "as configured where it is opened",
        "how_to_go_live": HOW_TO_GO_LIVE.format(key=shlex.quote(facts["key"])),
        "origin": words.origin(facts, facts["template"]),
    }
    for cell in cells:
        what = cell["metadata"].get("nbrunbook", {})
        if what.get("cell") == "header":
            production = project.is_production(progress.plan.environment)
            drawn = (
                header_html(progress, now=now, production=production, **about),
                header_text(progress, utc(now), **about),
            )
        elif what.get("cell") == "sign-off":
            drawn = sign_off_html(progress, now=now), closing.sign_off_text(progress, utc(now))
        elif what.get("cell") == "checklist":
            section = what["section"]
            drawn = (
                section_html(progress, section, links, now=now),
                section_text(progress, section, utc(now)),
            )
        else:
            continue
        cell["outputs"] = [notebook.html_output(*drawn)]
