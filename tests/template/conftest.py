"""Templates, and what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nbrunbook.runbook.sections import Section
from nbrunbook.template.problems import Problem
from nbrunbook.template.template import Template, read_template
from nbrunbook.template.written_step import WrittenStep
from tests.conftest import template_bytes

CLEAN = """## Tell people {owner="release manager"}
- [ ] Mail support that {{release}} is live {#mail-support}
  Use the [prepared text](https://example.com/{{release}}), not {{ .State }}.
- [ ] Put it on the board {#board evidence="link to the board" as=board}

## Switch over {.gate when="environment != 'demo'"}
- [ ] Take the old nodes out: {#drain .group}
  - [ ] web {#web .irreversible .approval}
- [ ] Remove the old index {#drop after="web board" wait=24h due=7d .optional}
"""

BATCH = """fill = batch('a', databases=['eu'])
@fill.fetch
def _(db, cursor, batch_size): ...
@fill.process
def _(db, rows): ...
"""
"""The least that a batch is; it binds the step a."""


def problems_of(content: bytes, folder: Path) -> list[Problem]:
    """Return the problems of a template called 1.0."""
    path = folder / "1.0.ipynb"
    path.write_bytes(content)
    return list(read_template(path).problems)


def ids_of(folder: Path, *markdown: str, **more: str) -> list[str]:
    """Return the ids of the problems of some Markdown."""
    return [problem.id for problem in problems_of(template_bytes(*markdown, **more), folder)]


def changed(content: bytes, **more: Any) -> bytes:
    """Return a notebook with other facts at its top."""
    return json.dumps({**json.loads(content), **more}).encode()


def template_of(folder: Path, *markdown: str, **more: str) -> Template:
    """Return the template of some Markdown cells, called 1.0."""
    path = folder / "1.0.ipynb"
    path.write_bytes(template_bytes(*markdown, **more))
    return read_template(path)


def step_of(found: Template, step_id: str) -> WrittenStep:
    """Return a step by its id."""
    return next(step for step in found.steps if step.id == step_id)


def section_of(found: Template, section_id: str) -> Section:
    """Return a section by its id."""
    return next(section for section in found.sections if section.id == section_id)
