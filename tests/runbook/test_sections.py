"""Sections: the ids that are made from words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbrunbook.documents import attributes
from nbrunbook.runbook.sections import LONGEST_ID, slug


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Tell people", "tell-people"),
        ("  Step 1: *Mail* all!  ", "step-1-mail-all"),
        ("Straße & ÜBER_alles", "strasse-über-alles"),
        ("ﬁnd １２", "find-12"),
        ("日本 語", "日本-語"),
        ("…", ""),
    ],
)
def test_words_become_an_id(text: str, made: str) -> None:
    """Small letters and digits of any script stay, everything between them is one dash."""
    assert slug(text) == made


@given(st.text())
def test_an_id_made_of_words_can_be_written_behind_a_title(text: str) -> None:
    """Whatever the words: an id is short, begins and ends with no dash, is its own id, and an author can pin it."""
    made = slug(text)
    assert len(made) <= LONGEST_ID
    assert made == made.strip("-")
    found = attributes.parse(f"{{#{made}}}") if made else None
    assert not made or (found and found.id == made)


def test_a_long_id_ends_in_a_word() -> None:
    """An id is cut after 60 characters, and does not end in the dash that stood there."""
    assert slug("x" * 59 + " and more") == "x" * 59
