"""What patterns of others say, and what they match."""

from __future__ import annotations

import pytest
import yaml

from nbrunbook.project import patterns


@pytest.mark.parametrize(
    "value",
    [
        " ^a/",
        " ^a/  # b",
        " 'it''s'  # c",
        ' "a\\\\.b"',
        " |\n  (?x)^(\n    a/|\n\n    b/\n  )\n",
        " (a|b)\n",
        " |-  # c\n  a\n",
    ],
)
def test_a_pattern_is_what_yaml_says(value: str) -> None:
    """Plain, quoted, with a comment behind it, and as a block."""
    assert patterns.said(value) == yaml.safe_load(f"x:{value}")["x"].rstrip("\n")


@pytest.mark.parametrize(
    "value", ["", " [a]", " &a b", " *a", " >\n  a\n", " a\n  b\n", " 'a", " 'a' b", ' "\\x"', " # a"]
)
def test_what_is_not_plain_to_see_says_nothing(value: str) -> None:
    """A list, an alias, lines that are folded, and what is no YAML."""
    assert patterns.said(value) is None


@pytest.mark.parametrize("pattern", [None, ".?" * 40, "(.|.)" * 40, "(a*)*", "a{99999999999}", "(" * 5000, "(a"])
def test_what_may_take_time_or_fails_is_not_tried(pattern: str | None) -> None:
    """It matches nothing that we know of."""
    assert patterns.seen(pattern, "a", ("b",)) == []


def test_names_are_tried_in_their_folder() -> None:
    """As pre-commit does, from the root."""
    assert patterns.seen("^a/b", "a", ("b", "c")) == [True, False]
    assert patterns.seen("^b", ".", ("b",)) == [True]
