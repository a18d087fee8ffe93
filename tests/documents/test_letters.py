"""Letters with combining marks, and names that read the same."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest

from nbrunbook.documents import letters

DECOMPOSED = unicodedata.normalize("NFD", "größe")


def test_every_mark_belongs_to_a_letter() -> None:
    """All of Unicode's combining marks are found where letters are looked for, and nothing else counts as one."""
    marks = [chr(each) for each in range(sys.maxunicode) if unicodedata.category(chr(each)) in ("Mn", "Mc")]
    assert [each for each in marks if not re.fullmatch(letters.LETTER, each)] == []
    assert letters.are_letters("".join(["a", *marks]))
    assert not letters.are_letters("a\u061c")
    assert not re.search(letters.LETTER, "—“”…→☐🚀\u200b\u202e\u00a0")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [(DECOMPOSED, "größe"), ("größe", "größe"), ("mail.2-a", "mail.2-a"), ("\u1107\u1162", "\u1107\u1162")],
)
def test_a_new_id_is_composed(typed: str, kept: str) -> None:
    """What has marks is kept in NFC; what was an id before there were any is kept as it is."""
    assert letters.composed(typed) == kept


def test_a_name_is_the_one_that_reads_the_same() -> None:
    """A name that is known is meant itself; else the one in NFC is."""
    assert letters.meant(DECOMPOSED, {"größe"}) == "größe"
    assert letters.meant(DECOMPOSED, {"größe", DECOMPOSED}) == DECOMPOSED
    assert letters.meant("size", {"größe"}) == "size"
