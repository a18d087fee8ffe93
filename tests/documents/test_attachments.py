"""Attachments: found by the name that a text gives them."""

from __future__ import annotations

import pytest

from nbrunbook.documents import attachments

PNG = {"image/png": "iVBO\n"}


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("attachment:a.png", "a.png"),
        ("attachment:Screen%20Shot.png", "Screen Shot.png"),
        ("attachment:Screen Shot.png", "Screen Shot.png"),
        ("attachment:%C3%9Cbersicht.png", "Übersicht.png"),
        ("attachment:%C3%9Cbersicht.png", "U\u0308bersicht.png"),
        ("attachment:100%25.png", "100%.png"),
        ("attachment:a%20b.png", "a%20b.png"),
    ],
)
def test_an_attachment_is_found_as_it_is_written(target: str, name: str) -> None:
    """To the letter, percent-encoded, and with umlauts in one piece or in two."""
    assert attachments.data_uri(target, {name: PNG}) == "data:image/png;base64,iVBO"


@pytest.mark.parametrize(
    "known", [None, [], {"b.png": PNG}, {"a.png": {}}, {"a.png": "x"}, {"a.png": {"image/png": 3}}]
)
def test_what_is_no_attachment_is_none(known: object) -> None:
    """Whatever a stranger's notebook holds there."""
    with pytest.raises(ValueError, match="attachment"):
        attachments.data_uri("attachment:a.png", known)


def test_only_what_jupyterlab_would_not_find_is_embedded() -> None:
    """It looks for a name to the letter; other targets go their own way."""
    rewritten = attachments.kept({"a.png": PNG, "b c.png": PNG}, lambda target: f"../{target}")
    assert rewritten("attachment:a.png") == "attachment:a.png"
    assert rewritten("attachment:b%20c.png") == "data:image/png;base64,iVBO"
    assert rewritten("attachment:gone.png") == "attachment:gone.png"
    assert rewritten("d.png") == "../d.png"
