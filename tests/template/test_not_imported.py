"""Types that the parameters cell names and nobody imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import template_bytes
from tests.template.conftest import problems_of

DECLARED = 'release: str = "1.0"\nenvironment: str = "staging"\nkind: Literal["major", "patch"] = "patch"'


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        (DECLARED, ["write above it: from typing import Literal"]),
        (f"{DECLARED}\ntoken: Secret = Secret('TOKEN')", [
            "write above it: from nbrunbook import Secret", "write above it: from typing import Literal",
        ]),
        (f"from typing import Literal\n{DECLARED}", []),
        (f"from typing import *\n{DECLARED}", []),
        (DECLARED.replace("Literal", "typing.Literal"), []),
    ],
)  # fmt: skip
def test_rb222_a_type_that_is_not_imported(tmp_path: Path, parameters: str, found: list[str]) -> None:
    """It is told once, with the line to write: the runbook's first cell would fail at each opening."""
    problems = problems_of(template_bytes("- [ ] a {#a}", parameters=parameters), tmp_path)
    assert sorted(each.hint for each in problems if each.id == "RB222") == found
    assert {each.id for each in problems} <= {"RB222"}
