"""What is wrong with a `when`; test_checks.py has its syntax and its names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import PARAMETERS
from tests.template.conftest import ids_of

DECLARE = f"from nbrunbook import Version\n{PARAMETERS}\nschema: Version = Version('2.5')\nkind: str = 'minor'"


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ("release >= 'latest'", ["RB107"]),
        ("release > 2026.10", ["RB107"]),
        ("'main' < schema <= '3.0'", ["RB107"]),
        ("schema < None", ["RB107"]),
        ("release >= '2026.10.0' and schema < 'v3'", []),
        ("release >= 'sprint-9'", []),
        ("release == 'latest' or release in ('main', 'edge')", []),
        ("kind > 'major'", []),
        ("schema <= release", []),
    ],
)
def test_rb107_a_text_that_is_no_version(tmp_path: Path, when: str, found: list[str]) -> None:
    """Nothing is older or newer than a word or a number; equal to one a release may be, and other texts compare."""
    assert ids_of(tmp_path, f'- [ ] a {{#a when="{when}"}}', parameters=DECLARE) == found
