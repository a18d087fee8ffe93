"""Databases of batches that the configuration does not name: RB223."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbrunbook.documents import notebook
from nbrunbook.errors import nearest
from nbrunbook.project.settings import Project
from nbrunbook.runbook import batch_facts
from nbrunbook.template import files as template_files
from nbrunbook.template.bindings import Binding, Named
from nbrunbook.template.problems import Problem
from nbrunbook.template.template import Template, read_template
from nbrunbook.texts import listed, short


def problems(path: Path, project: Project) -> Iterator[Problem]:
    """Yield RB223 for each batch with such a database, in its code, a default or an environment's values.

    Where the configuration names none at all, nothing is said: rehearsals and runs say it. Raises as `read_template`.
    """
    if not project.databases or not any(
        b"databases" in notebook.read_bytes(file) for file in template_files.files_of(path, project.template_homes)
    ):
        return
    template = read_template(path, homes=project.template_homes, check=False)
    for each in template.bindings.listed:
        for where, named in _named(each, template, project) if each.kind == "batch" else ():
            unknown = [name for name in named if name not in project.databases]
            if unknown:
                close = nearest(unknown[0], project.databases)
                known = f"it names {listed(list(project.databases), 12)}"
                hint = f"did you mean {close!r}?" if close else known
                message = f"the configuration names no database {', '.join(repr(short(name)) for name in unknown[:5])}"
                yield each.place.problem("RB223", f"{message}{where}", hint, each.line)


def _named(binding: Binding, template: Template, project: Project) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Where names stand, in words, and which: in the code, else as the values of a parameter."""
    said: Any = binding.arguments.get("databases")
    if not isinstance(said, Named):
        yield from _usable("", said)
        return
    for parameter in template.parameters:
        if parameter.name == said.parameter:
            yield from _usable(f", the default of {parameter.name}", parameter.default)
    for environment in project.environments.values():
        if said.parameter in environment.values:
            yield from _usable(f" ({said.parameter} in {environment.name})", environment.values[said.parameter])


def _usable(where: str, value: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What cannot be used at all is told elsewhere."""
    try:
        yield where, batch_facts.value_of("databases", value)
    except ValueError:
        return
