"""Exports: a template's or a runbook's steps as one task list in Markdown, as forges know it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from nbrunbook.documents import attributes, notebook, one_text, python_source, source, tasklist
from nbrunbook.documents.attributes import Attributes
from nbrunbook.documents.markdown.filling import Fill, fill_text
from nbrunbook.documents.markdown.reading import MarkdownDocument, read_markdown
from nbrunbook.documents.notebook import Cell
from nbrunbook.documents.tasklist import AddedItem, Mark
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.settings import Project
from nbrunbook.runbook import events, words
from nbrunbook.runbook.metadata import facts_in
from nbrunbook.runbook.plan import Plan, Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.sections import Section, slug
from nbrunbook.runbook.times import utc
from nbrunbook.template import front_matter
from nbrunbook.template.template import Template
from nbrunbook.texts import short
from nbrunbook.work import own_notebook
from nbrunbook.work.build import link_error
from nbrunbook.work.following import Following

MENTION = re.compile(r"(@(?=\w)|\\#(?=\d))")
"""What a forge would take for a mention, or a link to an issue; an operator's words are no author's."""


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A task list, and what did not go into it."""

    text: str
    left_out: int
    """How many code cells and raw cells; those of the parameters are not counted."""
    automated: tuple[str, ...] = ()
    """The ids of the steps that a machine does: a task list holds no code, and a person does them by it."""


# Templates


def of_template(template: Template) -> Exported:
    """Return a template's Markdown to the letter, with ids and attributes in comments.

    It is itself a Markdown part: parameters of the template's own stand in a first fence,
    the environments in which it applies in front matter.
    The standing parts are left out: they belong to whatever template is made of it, too.
    Raises NbrunbookError where its cells cannot be one text with the same steps.
    """
    own = [part.path for part in template.parts if {part.path, part.path.parent}.intersection(template.lies_at)]
    steps = iter([step for step in template.steps if step.place.path in own])
    files, declared, left_out = [], [], 0
    for path in own:
        texts = []
        for cell in [place.cell for place in template.places if place.path == path]:
            if cell["cell_type"] == "markdown":
                document = read_markdown(cell["source"], template.references)
                pinned = [(item.id, next(steps).id) for item in document.items]
                texts.append(tasklist.marked(document, dict(_pins(document, pinned)), {}, template.references))
            elif "parameters" in notebook.tags(cell):
                declared.append(str(cell["source"]))
            else:
                left_out += bool(cell["source"].strip())
        files.append(texts)
    text = one_text.joined(files)
    others = {parameter.name for parameter in template.parameters} - {"release", "environment"}
    if others or front_matter.split(text).parameters is not None:
        text = f"{front_matter.fence(declarations(declared))}\n\n{text}"
    if template.environments is not None:
        named = json.dumps(template.environments, ensure_ascii=False)
        text = f"---\nnbrunbook:\n  environments: {named}\n---\n\n{text}"
    elif text.startswith("---"):
        text = f"\n{text}"  # a line of text in front: two breaks would pass for front matter
    bound = template.bindings.by_step if template.bindings.automated else {}
    automated = tuple(step.id for step in template.steps if step.id in bound and step.place.path in own)
    return Exported(text=f"{text}\n", left_out=left_out, automated=automated)


def _pins(document: MarkdownDocument, ids: Sequence[tuple[str | None, str]]) -> Iterator[tuple[int, Mark]]:
    for index, (item, (own, given)) in enumerate(zip(document.items, ids, strict=True)):
        if own or not item.box:
            yield index, Mark(block=item.block)
        else:
            block = attributes.inserted(item.block, f"#{given}") if item.block else f"{{#{given}}}"
            yield index, Mark(block=block)


def declarations(sources: Sequence[str]) -> str:
    """Return the declarations of some parameters cells as one; what a later one says again is left out."""
    known: set[str] = set()
    kept = []
    for text in sources:
        lines = text.split("\n")
        for node in _statements(text):
            name = python_source.shown(node)
            if isinstance(node, (ast.Assign, ast.AnnAssign)):
                name = python_source.shown(node.target if isinstance(node, ast.AnnAssign) else node.targets[0])
            if name in known:
                last = node.end_lineno or node.lineno
                lines[node.lineno - 1 : last] = ["\0"] * (last - node.lineno + 1)
            known.add(name)
        kept.append("\n".join(line for line in lines if line != "\0").strip("\n"))
    return "\n\n".join(filter(None, kept))


def _statements(text: str) -> list[ast.stmt]:
    try:
        return python_source.statements(text)
    except SyntaxError:
        return []


# Runbooks


def key_in(path: Path) -> str | None:
    """Return the key of a runbook's file; None for a file, or a folder, that is none."""
    is_notebook = path.suffix == ".ipynb" and path.is_file()
    return facts_in(notebook.read_metadata(path)).get("key") if is_notebook else None


def of_following(following: Following, project: Project) -> Exported:
    """Return a runbook's steps as the journal has them now; NbrunbookError where it has lost the notebook of it."""
    key = following.key
    folder, _ = project.place(project.runbook_path(key))
    cells = own_notebook.cells(following, project)
    return of_runbook(following.progress, cells, key=key, folder=folder, now=events.now())


def of_runbook(progress: Progress, cells: Sequence[Cell], *, key: str, folder: str, now: datetime) -> Exported:
    """Return a runbook's steps as they stand, values put in.

    `cells` are those of the runbook as it was made, `folder` (from the project's root) is its place.
    Raises NbrunbookError where a value cannot be written there without becoming markup.
    """
    text = one_text.joined([list(_texts(progress, cells, folder))])
    state = "" if progress.state == "open" else f", {words.state_words(progress, utc(now))}"
    about = tasklist.remark(f"nbrunbook: {key}, {progress.summary()}{state}, {utc(now)(now)}")
    automated = tuple(step.id for step in progress.plan.steps if step.automation)
    left_out = sum(map(notebook.is_author_s_code, cells))
    return Exported(text=f"{about}\n\n{text}\n", left_out=left_out, automated=automated)


def _section_of(cell: Cell) -> str | None:
    found = cell["metadata"].get("nbrunbook", {}).get("section")
    return found if isinstance(found, str) else None


def _texts(progress: Progress, cells: Sequence[Cell], folder: str) -> Iterator[str]:
    left = list(progress.plan.sections)
    for number, cell in enumerate(cells):
        section_id = _section_of(cell)
        if section_id is not None:
            here = [place for place, section in enumerate(left, 1) if section.id == section_id]
            left = left[here[0] :] if here else left
            yield from _home_texts(progress, section_id, folder)
        elif cell["cell_type"] == "markdown":
            following = next(filter(None, map(_section_of, cells[number:])), None)
            ends = [place for place, section in enumerate(left, 1) if section.id == following]
            yield _other_text(progress.plan, str(cell["source"]), left[: ends[0] if ends else None], folder)


def _home_texts(progress: Progress, home: str, folder: str) -> Iterator[str]:
    """What is drawn in a section's cell: itself, and what revisions have put behind it under its own heading."""
    if home not in progress.homes[home]:
        yield f"*{words.REMOVED}*"
    for section in map(progress.plan.section, progress.homes[home]):
        if section.title and progress.was_called(section.id) != section.title:
            title = source.fill_source("{{title}}", Fill(values={"title": progress.heading(section.id)}))
            block = _heading_block(section, progress.plan)
            yield f"{'#' * section.level} {title}{f' <!--{block}-->' if block else ''}"
        yield _section_text(progress, section, folder)


def _links(plan: Plan, folder: str) -> Callable[[str], str]:
    """Where links lead from the runbook's place; images are linked, not embedded."""
    return replace(plan, images={}).link_from(folder)


def _other_text(plan: Plan, text: str, sections: Sequence[Section], folder: str) -> str:
    """A text cell; headings of sections get the attributes that the runbook keeps in its plan."""
    for target, embedded in plan.images.items():
        text = text.replace(embedded, _links(plan, folder)(target))
    document = read_markdown(text, plan.references)
    titles = {(fill_text(each.title, plan.texts()), each.level): each for each in reversed(sections)}
    found = [
        (index, titles.get((each.title, each.level)) or titles.get((each.words, each.level)))
        for index, each in enumerate(document.headings)
    ]
    blocks = {index: _heading_block(section, plan) for index, section in found if section is not None}
    return tasklist.marked(document, {}, blocks, plan.references)


def _heading_block(section: Section, plan: Plan) -> str:
    flags = [flag for flag in section.flags if flag == "gate"]
    flags += ["if-needed"] if section.closed_by == section.id else []
    derived = slug(fill_text(section.title, plan.texts()))
    return attributes.show(Attributes(id=None if section.id == derived else section.id, flags=tuple(flags)))


def _section_text(progress: Progress, section: Section, folder: str) -> str:
    plan = progress.plan
    fill = plan.fill(_links(plan, folder), {**plan.not_yet_known, **progress.evidence_by_name()})
    document = read_markdown(_filled(section.text, fill), plan.references)
    steps = [(index, plan.by_id[item.id]) for index, item in enumerate(document.items) if item.id]
    marks = {index: _mark(progress, step) for index, step in steps}
    return tasklist.marked(document, marks, {}, plan.references)


def _filled(text: str, fill: Fill) -> str:
    try:
        return source.fill_source(text, fill)
    except ValueError as error:
        if not str(error):
            raise link_error(text, fill) from None
        value = fill.values.get(str(error), "")
        raise NbrunbookError(
            f"the value {short(value, 40)!r} of {error} cannot be written into {short(text.strip(), 40)!r}",
            "a value without backticks where it stands in code",
        ) from None


def _mark(progress: Progress, step: Step) -> Mark:
    status = progress.of(step.id).status
    added = progress.added_behind.get(step.id, ()) if step.id not in progress.added else ()
    return Mark(
        block=attributes.show(_attributes(step)),
        ticked=status == "done" and step.kind != "group",
        said=_said(progress, step) if step.kind != "group" else "",
        added=tuple(_added(progress, progress.plan.by_id[step_id]) for step_id in added),
    )


def _added(progress: Progress, step: Step) -> AddedItem:
    title = MENTION.sub(r"\1<!-- -->", source.fill_source("{{title}}", Fill(values={"title": step.title})))
    return AddedItem(title=title, mark=_mark(progress, step))


def _said(progress: Progress, step: Step) -> str:
    state = progress.of(step.id)
    if state.status == "not-applicable":
        return f"does not apply here{f': when={step.when}' if step.when else ''}"
    if state.status == "skipped":
        return words.line(state, utc(events.now())) or "skipped, as its sub-steps are"
    return ""


def _attributes(step: Step) -> Attributes:
    """A step's attributes without its `when`, which was decided when the runbook was made."""
    keys = {name: value for name, value in step.attributes.keys.items() if name != "when"}
    return replace(step.attributes, keys=keys)
