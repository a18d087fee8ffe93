"""The door to papermill: make a runbook from a template and its plan.

papermill injects the parameters and, on request, executes the author's cells.
Our own cells carry `skip-execution` and a static output that says how to go live.
"""

from __future__ import annotations

import contextlib
import logging
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbrunbook import __version__
from nbrunbook.documents import kernelspec, notebook, source
from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.notebook import Cell
from nbrunbook.errors import AuthorCellError, ParameterError
from nbrunbook.project import ci, git
from nbrunbook.project.settings import Project
from nbrunbook.runbook import events, replay, words
from nbrunbook.runbook.html import header_html, section_html, sign_off_html
from nbrunbook.runbook.metadata import SCHEMA, Built, facts_digest
from nbrunbook.runbook.parameters import Secret
from nbrunbook.runbook.plain import header_text, section_text
from nbrunbook.runbook.plan import Plan, Value
from nbrunbook.runbook.progress import Progress
from nbrunbook.template.cells import Piece
from nbrunbook.template.template import Template

HOW_TO_GO_LIVE = (
    "Not live: nothing can be ticked here. To work on it: nbrunbook work {key}, or in JupyterLab: Run > Run All Cells."
)


def facts_for(
    template: Template, plan: Plan, project: Project, *, key: str, created_by: str, created_at: datetime
) -> dict[str, Any]:
    """Return what is known of a runbook when it is made; no secret is in it."""
    return _facts(
        about_template(template, project), plan, project, key=key, created_by=created_by, created_at=created_at
    )


def skipped_stub(
    project: Project, *, key: str, environment: str, release: str, created_by: str, created_at: datetime
) -> Built:
    """Return a runbook without steps, template and notebook: for a release that never went there."""
    named = {"release": release, "environment": environment}
    values = tuple(Value(name=name, type="str", value=value) for name, value in named.items())
    plan = Plan(release=release, environment=environment, base="", values=values, sections=(), steps=())
    about = _facts({"name": release, "parts": []}, plan, project, key=key, created_by=created_by, created_at=created_at)
    return Built(content=b"", facts=about, plan=plan)


def _facts(
    template: Mapping[str, Any],
    plan: Plan,
    project: Project,
    *,
    key: str,
    created_by: str,
    created_at: datetime,
) -> dict[str, Any]:
    return {
        "key": key,
        "project": project.name,
        "release": plan.release,
        "environment": plan.environment,
        "template": dict(template),
        "parameters": {value.name: value.value for value in plan.values},
        "plan_digest": plan.digest,
        "deployment": deployment_facts(project.root),
        "created_at": events.instant(created_at),
        "created_by": created_by,
        "version": __version__,
    }


def about_template(template: Template, project: Project) -> dict[str, Any]:
    """Return a template's name and its parts, each with its sha256 and the commit that last changed it."""
    parts = [
        {"path": project.relative(part.path), "sha256": part.sha256, "commit": git.commit_of(part.path) or ""}
        for part in template.parts
    ]
    about = {"name": template.name, "parts": parts}
    return about if template.environments is None else {**about, "environments": list(template.environments)}


def deployment_facts(root: Path) -> dict[str, str]:
    """Return what the CI, or else git, says of this deployment."""
    return {"commit": ci.commit() or git.head(root), "pipeline": ci.pipeline(), "deployed_by": ci.deployer()}


def build(
    template: Template,
    plan: Plan,
    values: Mapping[str, Any],
    project: Project,
    about: Mapping[str, Any],
    *,
    execute: bool = False,
) -> Built:
    """Return the runbook of a plan: papermill injects the parameters, and executes on request.

    Raises NbrunbookError for a value that cannot be written into a Markdown section.
    """
    key = str(about["key"])
    cells = [_ours("header", "runbook.header()"), *_cells(template, plan, project, key)]
    cells.append(_ours("sign-off", "runbook.sign_off()"))
    document = notebook.document(cells, kernelspec.notebook_metadata(template.metadata))
    document = _through_papermill(document, _injected(template, values), project.root, execute=execute)
    _tidy(document, values)
    path = project.runbook_path(key)
    failure = _failure(document["cells"], path) if execute else None
    document["metadata"]["nbrunbook"] = {
        "schema": SCHEMA, "digest": facts_digest(about), **about, "plan": plan.to_json(),
    }  # fmt: skip
    _draw(document["cells"], replay.start(plan), project, about, path)
    return Built(content=notebook.dump(document), facts=about, plan=plan, failure=failure)


def _ours(name: str, call: str) -> Cell:
    metadata = {
        "tags": ["skip-execution", "nbrunbook"],
        "jupyter": {"source_hidden": True},
        "editable": False,
        "deletable": False,
        "nbrunbook": {"cell": name},
    }
    return notebook.code_cell(f"nbrunbook-{name}", f"from nbrunbook.checklist import runbook\n{call}", metadata)


def _cells(template: Template, plan: Plan, project: Project, key: str) -> list[Cell]:
    folder = posixpath.dirname(project.relative(project.runbook_path(key)))
    fill = plan.fill(plan.link_from(folder), plan.not_yet_known)
    text_fill = Fill(values=fill.values, references=fill.references, links=_keep_attachments(fill.links))
    return [_cell(piece, text_fill) for piece in template.pieces]


def _keep_attachments(links: Any) -> Any:
    return lambda target: target if target.startswith("attachment:") else links(target)


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
        text = source.fill_source(piece.source, fill)
    except ValueError as error:
        raise ParameterError(
            str(error),
            f"its value cannot be written into {piece.source.strip()[:40]!r}",
            "a value without backticks where it stands in code",
        ) from None
    cell = notebook.markdown_cell(piece.cell_id, text)
    if piece.attachments and "attachment:" in text:
        cell["attachments"] = dict(piece.attachments)
    return cell


def _injected(template: Template, values: Mapping[str, Any]) -> dict[str, Any]:
    """All values but the secrets that are as declared."""
    defaults = {parameter.name: parameter.default for parameter in template.parameters}
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
            return repr(Secret(val)) if isinstance(val, _SecretName) else str(super().translate(val))

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
            cell["source"] = cell["source"].rstrip()


def _failure(cells: Sequence[Cell], path: Path) -> AuthorCellError | None:
    for number, cell in enumerate(cells, 1):
        for output in cell.get("outputs", ()):
            if output.get("output_type") == "error":
                return AuthorCellError(path, number, cell["id"], output["ename"], output["evalue"])
    return None


def _draw(cells: Sequence[Cell], progress: Progress, project: Project, facts: Mapping[str, Any], path: Path) -> None:
    links = progress.plan.link_from(posixpath.dirname(project.relative(path)))
    now = datetime.now(UTC)
    about = {
        "key": facts["key"],
        "journal": "as configured where it is opened",
        "how_to_go_live": HOW_TO_GO_LIVE.format(key=facts["key"]),
        "deployed": words.deployed(facts["deployment"]),
    }
    for cell in cells:
        what = cell["metadata"].get("nbrunbook", {})
        if what.get("cell") == "header":
            production = project.is_production(progress.plan.environment)
            drawn = header_html(progress, production=production, **about), header_text(progress, **about)
        elif what.get("cell") == "sign-off":
            drawn = sign_off_html(progress), words.sign_off_text(progress)
        elif what.get("cell") == "checklist":
            section = what["section"]
            drawn = (
                section_html(progress, section, links, now=now),
                section_text(progress, section, now=now),
            )
        else:
            continue
        cell["outputs"] = [notebook.html_output(*drawn)]
