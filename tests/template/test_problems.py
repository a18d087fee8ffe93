"""Problems: each has an id, a place and a test, and a clean template has none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from nbrunbook.template.problems import PROBLEMS, Problem
from tests.conftest import template_bytes
from tests.template.conftest import CLEAN, problems_of

TESTS = Path(__file__).parent.parent


def test_a_clean_template_has_no_problem(tmp_path: Path) -> None:
    """What the design shows is clean."""
    assert problems_of(template_bytes(CLEAN, code="import json"), tmp_path) == []


def test_every_problem_has_a_test() -> None:
    """Each id of PROBLEMS stands in the name of a test, here or in the room that finds it."""
    texts = [path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py")]
    tested = {found.upper() for text in texts for found in re.findall(r"^def test_(rb\d+)_", text, re.MULTILINE)}
    assert tested == set(PROBLEMS)


def test_a_problem_says_where_it_is() -> None:
    """A problem is shown with its id, file, cell, line, message and hint, as far as it has them."""
    whole = Problem(id="RB103", message="twice", hint="choose", path=Path("a.ipynb"), cell=2, line=3)
    assert str(whole) == "RB103 a.ipynb, cell 2, line 3: twice (choose)"
    assert str(Problem(id="RB209", message="no steps", path=Path("a.ipynb"))) == "RB209 a.ipynb: no steps"
    assert whole.stops
    assert not Problem(id="RB209", message="", path=Path()).stops


def test_what_stops_a_template_says_so(work: Any) -> None:
    """`plan` shows findings and ends with 1 where one stops the template; advice alone ends with 0."""
    assert work.run("plan", work.template("- [ ] a")) == 0
    assert "RB203" in work.out
    stopped = work.template("- [ ] a {#a}\n- [ ] b {#a}")
    assert work.run("plan", stopped) == 1
    assert "RB103" in work.out
    assert work.run("instantiate", stopped, "-e", "staging") == 1
    assert not (work.root / "runbooks").exists()


def test_rb117_findings_end_somewhere(tmp_path: Path) -> None:
    """A thousand are told; the rest is said to be there, and is not looked for."""
    found = problems_of(template_bytes("\n".join(f"- [ ] A {{#a{n} wait=x due=x}}" for n in range(600))), tmp_path)
    assert len(found) == 1001
    assert [each.id for each in found].count("RB117") == 1
