"""What can be wrong with a template once all of its steps and parameters are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from nbrunbook.documents import attributes, notebook
from nbrunbook.documents.attributes import Attributes
from nbrunbook.documents.markdown.reading import MarkdownDocument
from nbrunbook.errors import nearest
from nbrunbook.runbook import gates
from nbrunbook.runbook.gates import Stage, Stop
from nbrunbook.runbook.parameters import Parameter
from nbrunbook.runbook.sections import Section
from nbrunbook.template import author_code, binding_checks, conditions, not_imported, not_shown, text_checks
from nbrunbook.template.bindings import Bindings
from nbrunbook.template.placed_cells import File, Place
from nbrunbook.template.problems import Problem
from nbrunbook.template.written_step import WrittenStep
from nbrunbook.texts import short

Documents = Mapping[Place, MarkdownDocument]


def run(
    folder: Path,
    files: Sequence[File],
    documents: Documents,
    sections: Sequence[Section],
    steps: Sequence[WrittenStep],
    parameters: Sequence[Parameter],
    bindings: Bindings,
) -> Iterator[Problem]:
    """Yield the problems of a template; relative links lead from `folder`. Nothing is run."""
    for file in files:
        yield from _notebook(file)
        for place in file.places:
            yield from text_checks.raw_problems(place) if place.cell["cell_type"] == "raw" else ()
    if not any(step.box for step in steps):
        where = files[0].part.path if len(files) == 1 else folder
        hint = "steps are task items in Markdown: - [ ] text"
        yield Problem(id="RB209", message="no steps", hint=hint, path=where)
    names = {parameter.name: parameter for parameter in parameters}
    known = {*names, *_evidence_names(steps)}
    for place, document in documents.items():
        yield from _headings(place, document, names)
        yield from text_checks.problems(place, document, folder, known)
        yield from not_shown.problems(place, document)
    ids = {step.id for step in steps}
    for step in steps:
        yield from _step(step, names, ids)
    yield from _circles(sections, steps)
    yield from author_code.problems(files, bindings)
    yield from binding_checks.problems(bindings, steps, names)
    yield from not_imported.problems(files)


# The notebook


def _notebook(file: File) -> Iterator[Problem]:
    """What is wrong with the file itself; a Markdown file can be nothing but Markdown."""
    if file.minor is None:
        return
    path = file.part.path
    for violation in file.violations:
        hint = "a notebook of nbformat 4.5"
        yield Problem(id="RB110", message=violation.message, hint=hint, path=path, cell=violation.cell)
    language = _language(file.metadata)
    if language not in (None, "python"):
        yield Problem(id="RB111", message=f"a notebook in {language}", hint="sessions run Python", path=path)
    if not _kernel(file.metadata):
        hint = "choose the kernel Python 3 in JupyterLab and save"
        yield Problem(id="RB214", message="its metadata names no kernel", hint=hint, path=path)
    if not _is_sorted(file.metadata):
        hint = "nbrunbook lint --fix sorts it, as Jupyter does"
        yield Problem(id="RB217", message="its metadata is not in order", hint=hint, path=path)
    yield from _cells(file)


def _cells(file: File) -> Iterator[Problem]:
    taken: set[object] = set()
    for place in file.places:
        cell = place.cell
        if cell.get("outputs") or cell.get("execution_count") is not None:
            hint = "a template is never executed in place: clear its outputs"
            yield place.problem("RB207", "it holds outputs or an execution count", hint)
        if not notebook.is_cell_id(cell.get("id")) or cell["id"] in taken or (file.minor or 0) < 5:
            hint = "nbrunbook lint --fix gives it one, so that a review sees which cell is which"
            yield place.problem("RB216", "the cell has no id of its own", hint)
        taken.add(str(cell.get("id")))
        if not _is_sorted(cell["metadata"]):
            hint = "nbrunbook lint --fix sorts it, as Jupyter does"
            yield place.problem("RB217", "the cell's metadata is not in order", hint)


def _is_sorted(value: Any) -> bool:
    if isinstance(value, dict):
        return list(value) == sorted(value) and all(map(_is_sorted, value.values()))
    return not isinstance(value, list) or all(map(_is_sorted, value))


def _language(metadata: Mapping[str, Any]) -> str | None:
    for table in ("language_info", "kernelspec"):
        found = metadata.get(table)
        name = found.get("name" if table == "language_info" else "language") if isinstance(found, dict) else None
        if isinstance(name, str) and name:
            return "python" if name.lower() in ("python", "ipython") else name
    return None


def _kernel(metadata: Mapping[str, Any]) -> bool:
    found = metadata.get("kernelspec")
    return isinstance(found, dict) and bool(found.get("name"))


# The text


def _headings(place: Place, document: MarkdownDocument, names: Mapping[str, Parameter]) -> Iterator[Problem]:
    for heading in document.headings:
        if heading.attributes:
            yield from _attributes(heading.attributes, place, heading.line + 1, on_heading=True)
            if "when" in heading.attributes.keys:
                yield from conditions.problems(heading.attributes.keys["when"], place, heading.line + 1, names)


def _evidence_names(steps: Sequence[WrittenStep]) -> set[str]:
    return {step.attributes.keys["as"] for step in steps if "as" in step.attributes.keys}


# The steps


def _step(step: WrittenStep, names: Mapping[str, Parameter], ids: set[str]) -> Iterator[Problem]:
    place, keys = step.place, step.attributes.keys
    yield from _attributes(step.attributes, place, step.last_line, on_heading=False)
    for key, value in keys.items():
        if not value.strip():
            yield place.problem("RB106", f"{key} is empty", f"give {key} a value or leave it out", step.line)
        elif key in ("wait", "due") and "{{" not in value and not _is_duration(value):
            yield place.problem(
                "RB106", f"{key}={_quoted(value)} is no duration", "such as 30m, 24h, 7d or 2w", step.line
            )
        elif key == "when":
            yield from conditions.problems(value, place, step.line, names)
        elif key == "after":
            yield from _after(value, step, ids)
        elif key == "as" and (not value.isidentifier() or value in names):
            yield place.problem("RB106", f"as={_quoted(value)}", "a Python name that no parameter has", step.line)
    if "as" in keys and "evidence" not in keys:
        yield place.problem("RB106", "as= without evidence=", 'name what is asked for: evidence="…"', step.line)


def _attributes(found: Attributes, place: Place, line: int, *, on_heading: bool) -> Iterator[Problem]:
    where = "a heading" if on_heading else "a step"
    flags = attributes.HEADING_FLAGS if on_heading else attributes.STEP_FLAGS
    keys = attributes.HEADING_KEYS if on_heading else attributes.STEP_KEYS
    for problem_id, what, names, known, mark in (
        ("RB104", "flag", found.flags, flags, "."),
        ("RB105", "key", tuple(found.keys), keys, ""),
    ):
        for name in names:
            if name not in known:
                close = nearest(name, known)
                hint = f"{where} knows {', '.join(mark + each for each in known)}"
                hint = f"did you mean {mark}{close}?" if close else hint
                yield place.problem(problem_id, f"unknown {what} {mark}{name} on {where}", hint, line)
    glued = [flag for flag in flags if (found.id or "").endswith(f".{flag}")]
    for flag in glued:
        yield place.problem("RB208", f".{flag} is a part of the id {found.id}", "put a blank in front of it", line)
    for name in found.repeated:
        yield place.problem("RB109", f"{name} stands there twice", "keep one", line)


def _quoted(value: str) -> str:
    return repr(short(value, 80))


def _is_duration(value: str) -> bool:
    try:
        attributes.seconds(value)
    except ValueError:
        return False
    return True


def _after(value: str, step: WrittenStep, ids: set[str]) -> Iterator[Problem]:
    for reference in attributes.references(value):
        name = reference.partition("@")[0]
        if "#" not in reference and (name not in ids or name == step.id):
            close = nearest(name, ids - {step.id})
            hint = f"did you mean {close!r}?" if close else "an id of another step"
            yield step.place.problem(
                "RB108", f"after={_quoted(value)} names no step: {short(name, 80)}", hint, step.line
            )


def _circles(sections: Sequence[Section], steps: Sequence[WrittenStep]) -> Iterator[Problem]:
    """A step waits for what its `after` names, for its sub-steps, and for what the gates above it wait for."""
    waits: dict[str, set[str]] = {step.id: set() for step in steps}
    for step in steps:
        named = attributes.references(step.attributes.keys.get("after", ""))
        # A step that is waited for in other environments is waited for by the same rule there.
        here = {name.partition("@")[0] for name in named if "#" not in name}
        waits[step.id] |= {name for name in here if name in waits and name != step.id}
        if step.parent:
            waits[step.parent].add(step.id)
    for step_id, needed in _gated(sections, steps).items():
        waits[step_id] |= set(needed)
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        circle = error.args[1]
        step = next(step for step in steps if step.id == circle[0])
        shown = " → ".join(reversed(circle))
        hint = "take one `after` or `.gate` away"
        yield step.place.problem("RB113", f"these steps wait for each other: {shown}", hint, step.line)


def _gated(sections: Sequence[Section], steps: Sequence[WrittenStep]) -> Mapping[str, tuple[str, ...]]:
    """What each step behind gates waits for, as far as that is certain, with every `.if-needed` section open."""
    by_id = {section.id: section for section in sections}
    parents = {step.id: step.parent for step in steps}
    left_out = {step.id for step in steps if "when" in step.attributes.keys or by_id[step.section].when}
    certain = [step for step in steps if step.box and not left_out & {step.id, *gates.above(step.id, parents)}]
    shut = {step.id for step in certain if "gate" in step.attributes.flags}
    headings = [Stage(id=each.id, is_gate=each.is_gate, closed_by=each.closed_by) for each in by_id.values()]
    stops = [Stop(id=step.id, section=step.section, parent=step.parent, is_gate=step.id in shut) for step in steps]
    return gates.needed_first(
        headings,
        stops,
        opened={each.closed_by for each in headings if each.closed_by},
        needed={step.id for step in certain if not _is_optional(step, by_id[step.section])},
    )


def _is_optional(step: WrittenStep, section: Section) -> bool:
    return "optional" in {*section.flags, *step.attributes.flags}
