"""JSON texts changed in place: what is said anew is read, and everything else stays to the letter."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbrunbook.documents import json_text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=3), inside, max_size=4),
    max_leaves=12,
)
LAYOUTS = st.sampled_from([{"indent": 1}, {"indent": 3}, {"indent": "\t"}, {}, {"separators": (",", ":")}])


@settings(max_examples=200)
@given(VALUES, VALUES, LAYOUTS, st.booleans(), st.sampled_from(["", "\n", " \r\n"]))
def test_what_is_said_anew_is_read(old: Any, new: Any, layout: dict[str, Any], ascii_only: bool, end: str) -> None:
    """Whatever is laid out in whatever way and said anew: it is read, and said again it stays to the letter."""
    text = json.dumps(old, ensure_ascii=ascii_only, **layout) + end
    assert json_text.says(text, old) == text
    made = json_text.says(text, new)
    assert json.dumps(json.loads(made)) == json.dumps(new)
    assert made.endswith(end)
    assert json_text.says(made, new) == made


@pytest.mark.parametrize(
    ("text", "new", "made"),
    [
        ('{"a" : "x\\u003cy\\/z", "b":[1 ,2]}', {"a": "x<y/z!", "b": [1, 2]}, '{"a" : "x\\u003cy\\/z!", "b":[1 ,2]}'),
        ('{\n  "a": "\\u00fc"\n}', {"a": "\u00fc\u00e4"}, '{\n  "a": "\\u00fc\\u00e4"\n}'),
        ('["\u00fc\\u003c\\n\u00fc\\u003c"]', ["a\u00fc<\n\u00fc<\u00e4"], '["a\u00fc\\u003c\\n\u00fc\\u003c\u00e4"]'),
        ('["\\ud83d\\ude80 a"]', ["\U0001f680 ab"], '["\\ud83d\\ude80 ab"]'),
        ('{\r\n\t"b": 1,\r\n  "a": {}\r\n}', {"a": {}, "b": 1}, '{\r\n\t"a": {},\r\n  "b": 1\r\n}'),
        ('{"a":1,  "b":2,\n"c":3}', {"a": 1, "c": 3}, '{"a":1,\n"c":3}'),
        ('{\n "b": 1\n}', {"a": [0], "b": 1}, '{\n "a": [0],\n "b": 1\n}'),
        ('[ 1, [ 2 ], {"a": 1.50} ]', [1, [], {"a": 1.5}], '[ 1, [], {"a": 1.50} ]'),
    ],
)
def test_everything_else_stays_to_the_letter(text: str, new: Any, made: str) -> None:
    """Spaces, line ends, escapes and numbers stay as they were; what is new is laid out like its neighbours."""
    assert json_text.says(text, new) == made


@pytest.mark.parametrize("text", ['{"a": 1, "a": 1}', '[{"b": {"a": 1, "c": 2, "a": 3}}]'])
def test_a_key_that_stands_twice_is_refused(text: str) -> None:
    """Nobody can tell which of the two was meant."""
    with pytest.raises(ValueError, match="the key 'a' stands in it twice"):
        json_text.says(text, [])
