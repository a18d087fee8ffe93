"""Wordings: what is another thing to do, and what is not."""

from __future__ import annotations

import pytest

from nbrunbook.runbook import wording
from tests.making import plan_of

STEP = """## Tell
- [ ] Mail [support]({{release}}/a.md) {#mail}
  Say **when**.

  ```yaml
  a: 1
  ```
  - [ ] Sub {#sub}
- [ ] Board {#board}
"""


def _changed(old: str, new: str) -> set[str]:
    assert old in STEP
    before, after = (wording.of_plan(plan_of(text)) for text in (STEP, STEP.replace(old, new)))
    return {step for step in before if before[step] != after.get(step)}


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("Mail [", "Mail all [", {"mail"}),
        ("a.md", "b.md", {"mail"}),
        ("**when**", "*when*", {"mail"}),
        ("  a: 1", "    a: 1", {"mail"}),
        ("{#mail}", "{#mail evidence=link}", {"mail"}),
        ("{#mail}", "{#mail .irreversible}", {"mail"}),
        ("{#board}", "{#board .approval}", {"board"}),
        ("Sub {", "Sub-step {", {"sub"}),
        ("- [ ] Board", "  - [ ] Sub two {#sub-two}\n- [ ] Board", {"mail"}),
    ],
)
def test_what_asks_something_else(old: str, new: str, changed: set[str]) -> None:
    """Title, link, body, code, evidence, approval, irreversible and sub-steps are what a step asks."""
    assert _changed(old, new) == changed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{#mail}", "{#mail owner=ops due=2d after=board wait=1h .optional}"),
        ("## Tell", "## Tell people {#tell .gate owner=ops}"),
        ("Say **when**.", "Say\n  **when**."),
        ("- [ ] Board", "- [ ] New {#new}\n- [ ] Board"),
        ("- [ ] Mail", "* [ ] Mail"),
    ],
)
def test_what_asks_the_same(old: str, new: str) -> None:
    """Owner, due, order, gates, the marker and the line breaks of a paragraph change nothing of what was done."""
    assert _changed(old, new) == set()


def test_a_value_is_a_wording_too() -> None:
    """What is put in is read as well: another parameter's value is another text."""
    one, other = (wording.of_plan(plan_of(STEP, release=release)) for release in ("1.0", "1.1"))
    assert {step for step in one if one[step] != other[step]} == {"mail"}


CODE = "LIMIT = 3\n@check('board', attempts=2)\ndef look(): return LIMIT"


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("return LIMIT", "return LIMIT + 1", {"board"}),
        ("LIMIT = 3", "LIMIT = 4", {"board"}),
        ("@check('board', attempts=2)", "@action('board')", {"board"}),
        (CODE, "", {"board"}),
        ("attempts=2", "attempts=3, timeout='5m'", set()),
        ("def look():", "\n# what it does\ndef look():", set()),
        ("LIMIT = 3", "LIMIT = 3\nOTHER = 4", set()),
        ("look", "looks", {"board"}),
    ],
)
def test_what_an_automated_step_does(old: str, new: str, changed: set[str]) -> None:
    """Its function and what that uses, never its comments, and not how often it is tried."""
    before, after = (wording.of_plan(plan_of(STEP, code=code)) for code in (CODE, CODE.replace(old, new)))
    assert {step for step in before if before[step] != after[step]} == changed
