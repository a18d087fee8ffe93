"""The quarantine."""

from __future__ import annotations

from nbrunbook.batches.quarantine import key_of
from tests.batches.filling import Data, course_of, filling, to_the_end


def test_a_long_key_is_a_digest() -> None:
    """An index takes no more; short ones are shown as they are."""
    assert key_of("17") == "17"
    assert key_of('"' + "x" * 5000 + '"').startswith("sha256:")


def test_a_row_is_noted_with_its_error(data: Data) -> None:
    """By the cursors before it and behind it."""
    to_the_end(course_of(data, filling(refuses=[1, 8]), on_error="quarantine"))
    rows = data.run("SELECT row_key, before, error FROM nbrunbook_quarantine ORDER BY row_key")
    assert [tuple(each) for each in rows] == [
        ("1", None, "process: ValueError: no 1"),
        ("8", "7", "process: ValueError: no 8"),
    ]
