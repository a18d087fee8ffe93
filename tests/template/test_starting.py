"""Starting a template or a part from a starter."""

from __future__ import annotations

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.project.settings import find_project
from nbrunbook.template.cut import cut
from nbrunbook.template.starter import find_starter, starters
from nbrunbook.template.starting import start_part, start_release
from nbrunbook.template.template import read_template
from tests.conftest import Workplace


@pytest.mark.parametrize("suffix", ["", ".md"])
@pytest.mark.parametrize("name", [each.name for each in starters()])
def test_every_starter_starts_a_template(work: Workplace, name: str, suffix: str) -> None:
    """Whichever it is and in whichever format, no finding stops it."""
    target = start_release(find_project(), f"1.0{suffix}", find_starter(name))
    assert target.name == f"1.0{suffix or '.ipynb'}"
    assert read_template(target).stopping == []


def test_nothing_is_written_over(work: Workplace) -> None:
    """A name that is taken, in whatever format, is told."""
    project, starter = find_project(), find_starter("release")
    start_release(project, "1.0", starter)
    with pytest.raises(NbrunbookError, match=r"templates/1\.0\.ipynb exists"):
        start_release(project, "1.0.md", starter)


@pytest.mark.parametrize(
    ("name", "words"),
    [("readme", "passed over"), ("_draft", "no dot, dash or underscore in front"), ("next", "a folder of parts")],
)
def test_a_name_that_no_template_can_have_is_told(work: Workplace, name: str, words: str) -> None:
    """What is no part cannot be a template either, and what is a folder of parts has no release."""
    with pytest.raises(NbrunbookError, match=words):
        start_release(find_project(), name, find_starter("release"))


def test_parts_become_a_release(work: Workplace) -> None:
    """Parts are started in the next release's folder, and cut gives it its name."""
    project = find_project()
    assert start_part(project, "drop", find_starter("step")).parent == work.root / "templates" / "next"
    assert cut(project, "1.0").path == work.root / "templates" / "1.0"
    with pytest.raises(NbrunbookError, match="holds no parts"):
        cut(project, "1.1")
    with pytest.raises(NbrunbookError, match=r"templates/1\.0 exists"):
        cut(project, "1.0")
    with pytest.raises(NbrunbookError, match="cannot be called 'always'"):
        cut(project, "always")
