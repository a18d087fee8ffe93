"""JSON that somebody else wrote."""

from __future__ import annotations

import json

import pytest

from nbrunbook.documents import json_source


def test_what_it_says_is_returned() -> None:
    """As json reads it, as deep as anybody writes."""
    deep = "[" * 90 + "]" * 90
    assert json_source.parsed('{"a": [1, "ü"]}') == {"a": [1, "ü"]}
    assert json_source.parsed(deep) == json.loads(deep)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("{", r"not JSON \(line 1"),
        ("[" * 150 + "]" * 150, "nested too deeply"),
        ("[" * 99_999, "nested too deeply"),
        ('{"a": ' * 500 + "1" + "}" * 500, "nested too deeply"),
        ("9" * 5_000, "cannot|can be read"),
        (r'"\ud800"', "half of a surrogate pair"),
    ],
)
def test_what_is_none_is_a_value_error_in_words(text: str, said: str) -> None:
    """Whatever it is."""
    with pytest.raises(ValueError, match=said):
        json_source.parsed(text)
