"""Exports: a template or a runbook as one task list."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from nbrunbook.runbook import replay
from nbrunbook.work import export
from tests.making import AT, plan_of, progress_of, then
from tests.template.conftest import template_of


def test_declarations_of_parts_become_one() -> None:
    """What a later part declares again is left out, with what else stands in its cell kept to the letter."""
    first, second = "a: int = 1  # one\nb = 2", "# more\na: int = 1\nc: list[str] = [\n    'x',\n]"
    assert export.declarations([first, second]) == f"{first}\n\n# more\nc: list[str] = [\n    'x',\n]"
    assert export.declarations(["not Python (", "a = 1"]) == "not Python (\n\na = 1"


def test_a_template_keeps_its_ids_and_attributes(tmp_path: Path) -> None:
    """Each step's id stands behind it in a comment, also one that was not pinned, and code is counted, not shown."""
    found = export.of_template(template_of(tmp_path, "## Tell\n- [ ] Mail {#mail .approval}\n- [ ] Call", code="x = 1"))
    assert found.left_out == 1
    assert "- [ ] Mail <!--{#mail .approval}-->\n- [ ] Call <!--{#tell-call}-->" in found.text


def test_a_runbook_says_how_far_it_is() -> None:
    """Boxes are ticked, skips struck with their reason, and the first line says when that was so."""
    done = then(progress_of("## Tell\n- [ ] Mail {#mail}\n- [ ] Call {#call}"), ("ticked", "mail"))
    done = then(done, ("skipped", "call"), reason="nobody there")
    cells = [{"cell_type": "code", "source": "", "metadata": {"nbrunbook": {"section": "tell"}}}]
    found = export.of_runbook(done, cells, key="staging/1.0", folder="runbooks/staging", now=AT)
    assert found.text.startswith("<!-- nbrunbook: staging/1.0, 1 of 2 done, 1 skipped, 22 Nov 2026 14:02 UTC -->\n")
    assert "- [x] Mail" in found.text
    assert "~~Call~~" in found.text
    assert "nobody there" in found.text
    assert found.left_out == 0


@pytest.mark.parametrize("title", ["Tell <x>", "Tell"])
def test_a_heading_is_found_whoever_made_the_plan(title: str) -> None:
    """A heading keeps its flags in the list, also where an older nbrunbook left a tag out of the section's title."""
    made = plan_of("## Tell <x> {.gate}\n- [ ] Mail {#mail}")
    made = replace(made, sections=(replace(made.sections[0], title=title),))
    heading = {"cell_type": "markdown", "source": "## Tell <x>", "metadata": {}}
    section = {"cell_type": "code", "source": "", "metadata": {"nbrunbook": {"section": "tell"}}}
    found = export.of_runbook(replay.start(made), [heading, section], key="staging/1.0", folder="runbooks", now=AT)
    assert re.search(r"^## Tell <x> <!--\{.*\.gate\}-->$", found.text, re.MULTILINE)
