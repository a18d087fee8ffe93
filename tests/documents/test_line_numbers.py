"""Where a line of a cell stands in its notebook's file."""

from __future__ import annotations

import json

from nbrunbook.documents.line_numbers import line_in_file
from tests.conftest import template_bytes

CONTENT = template_bytes("# After\n\n- [ ] Mail {#mail}")


def test_a_line_of_a_cell_is_found_in_the_file() -> None:
    """The line counted in the cell is the one of the file that holds its text."""
    found = line_in_file(CONTENT, 2, 3)
    assert found is not None
    assert "Mail" in CONTENT.decode().splitlines()[found - 1]


def test_a_cell_is_found_by_its_type() -> None:
    """Without a line it is where the cell says of what type it is."""
    found = line_in_file(CONTENT, 2, None)
    assert found is not None
    assert CONTENT.decode().splitlines()[found - 1].strip() == '"cell_type": "markdown",'


def test_a_file_of_one_line_has_no_lines_to_find() -> None:
    """Nothing is said where the file is laid out in another way, or has no such cell or line."""
    assert line_in_file(json.dumps(json.loads(CONTENT)).encode(), 2, 3) is None
    assert line_in_file(CONTENT, 9, None) is None
    assert line_in_file(CONTENT, 2, 9) is None
