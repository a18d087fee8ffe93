"""Templates: what an author wrote for one release."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError, NotebookError
from nbrunbook.template.template import read_template
from tests.conftest import PARAMETERS
from tests.template.conftest import section_of, template_of


def test_a_template_is_called_what_its_file_is(tmp_path: Path) -> None:
    """The release is the file's name, and the part is known by its bytes."""
    found = template_of(tmp_path, "- [ ] a {#a}")
    assert found.name == "1.0"
    assert found.parts[0].sha256 == hashlib.sha256((tmp_path / "1.0.ipynb").read_bytes()).hexdigest()


def test_what_is_no_template_is_an_expected_error(tmp_path: Path) -> None:
    """A folder, a missing file and a file that is no notebook are errors, no problems."""
    with pytest.raises(NbrunbookError, match="a folder"):
        read_template(tmp_path)
    with pytest.raises(NotebookError, match="no such file"):
        read_template(tmp_path / "1.0.ipynb")


def test_a_pinned_id_stays_to_the_letter(tmp_path: Path) -> None:
    """However long a pinned id is, it is the step's id, and `after` finds it."""
    long = "a-very-long-id-" * 6 + "end"
    found = template_of(tmp_path, f"- [ ] a {{#{long}}}\n- [ ] b {{#b after={long}}}")
    assert (found.steps[0].id, found.problems) == (long, ())


def test_following_every_hint_mends_a_template(tmp_path: Path) -> None:
    """The ids that RB103 and RB203 offer are different ones: pinning all of them leaves no finding."""
    lines = ["- [ ] Say it", "- [ ] Say it", "- [ ] Say it", "- [ ] Shout"]
    for problem in template_of(tmp_path, "\n".join(lines)).problems:
        offered = re.search(r"\{#[\w-]+\}", problem.hint)
        lines[(problem.line or 0) - 1] += f" {offered[0]}" if offered else ""
    assert template_of(tmp_path, "\n".join(lines)).problems == ()


def test_a_pinned_id_outlives_its_words(tmp_path: Path) -> None:
    """A reworded step in another section keeps its id."""
    before = template_of(tmp_path, "# A\n- [ ] Say it {#say}").steps[0]
    after = template_of(tmp_path, "# B\n- [ ] Shout it from the roof {#say}").steps[0]
    assert (before.id, before.pinned) == (after.id, after.pinned) == ("say", True)


def test_a_section_s_text_has_only_ids(tmp_path: Path) -> None:
    """A section keeps its Markdown to the letter, but for attributes, comments and pinned ids."""
    text = (
        "# A {.gate}\nSee <!-- psst -->below.\n\n- [ ] a {#a .once}\n  | b |\n  |---|\n- [ ] **c** d <!--{owner=x}-->\n"
    )
    assert section_of(template_of(tmp_path, text), "a").text == (
        "See below.\n\n- [ ] a {#a}\n  | b |\n  |---|\n- [ ] **c** d {#a-c}"
    )


def test_problems_come_in_the_order_of_the_cells(tmp_path: Path) -> None:
    """Findings are sorted by cell and line, whichever check found them."""
    found = template_of(
        tmp_path, "- [ ] a {#a after=x}\n- [x] b {#b}", "- [ ] c {#c .x}", parameters=f"{PARAMETERS}\nx = f()"
    )
    assert [(each.cell, each.line, each.id) for each in found.problems] == [
        (1, 3, "RB102"),
        (2, 1, "RB108"),
        (2, 2, "RB202"),
        (3, 1, "RB104"),
    ]


def test_an_id_of_another_cell_is_known(tmp_path: Path) -> None:
    """`after` may name a step of any cell, and evidence has a name from there on."""
    first = '- [ ] a {#a evidence="link" as=link}'
    assert template_of(tmp_path, first, "- [ ] b {#b after=a}\n\n  See {{link}}.").problems == ()
