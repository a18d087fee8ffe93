"""The `when` of a step."""

from __future__ import annotations

from typing import Any

import pytest

from nbrunbook.project.versions import Version
from nbrunbook.runbook import expressions
from nbrunbook.runbook.expressions import ExpressionError

VALUES: dict[str, Any] = {"kind": "minor", "replicas": 2, "regions": ["eu", "us"], "fast": False, "note": None}


@pytest.mark.parametrize(
    "when",
    [
        "kind != 'patch'",
        "kind in ('major', 'minor')",
        "kind not in ['patch']",
        "'eu' in regions",
        "not fast",
        "note is None",
        "kind is not None",
        "1 < replicas <= 2",
        "replicas > -1",
        "kind == 'patch' or replicas == 2",
        "fast == False and True",
        "  kind == 'minor'  ",
    ],
)
def test_what_holds_applies(when: str) -> None:
    """Names, literals, comparisons, in, not, and, or decide over the parameters."""
    assert expressions.decide(when, VALUES) is True


@pytest.mark.parametrize(
    "when", ["kind == 'patch'", "fast", "not kind", "'asia' in regions", "3 > replicas > 2", "note"]
)
def test_what_does_not_hold_does_not_apply(when: str) -> None:
    """The same expressions can say no."""
    assert expressions.decide(when, VALUES) is False


def test_a_name_without_a_value_leaves_it_open() -> None:
    """A parameter that has no value yet makes the answer None, whatever the rest says."""
    assert expressions.decide("environment == 'staging' or True", VALUES) is None


@pytest.mark.parametrize(
    "when",
    [
        "print(kind)", "kind.upper", "regions[0]", "lambda: 1", "(x := 1)", "f'{kind}'", "1 if fast else 2",
        "replicas + 1", "[*regions]", "[r for r in regions]", "{1}", "{}", "10 ** 9 ** 9", "__import__('os')",
    ],
)  # fmt: skip
def test_nothing_can_be_called(when: str) -> None:
    """Whatever is more than a comparison is refused before it is looked at."""
    with pytest.raises(ExpressionError, match=r"holds a \w+; expected names, literals, comparisons"):
        expressions.names_in(when)


@pytest.mark.parametrize("when", ["", "   ", "kind and", "kind = 'patch'", "kind; fast", "kind\nfast", "=", "("])
def test_what_is_no_expression_is_refused(when: str) -> None:
    """A `when` that does not parse is an expected error."""
    with pytest.raises(ExpressionError, match="does not parse"):
        expressions.names_in(when)


@pytest.mark.parametrize("when", ["kind < 1", "'a' in replicas", "-kind == 1", "note > 2"])
def test_values_that_cannot_be_compared_are_refused(when: str) -> None:
    """A comparison that makes no sense for these values is an expected error."""
    with pytest.raises(ExpressionError, match="cannot be decided"):
        expressions.decide(when, VALUES)


@pytest.mark.parametrize("when", ["-" * 2000 + "1", "not " * 3000 + "1", "(" * 300 + "1" + ")" * 300, "1" * 5000])
def test_a_monstrous_expression_is_refused(when: str) -> None:
    """An expression that is too deep or too long for Python is an expected error too."""
    with pytest.raises(ExpressionError, match=r"does not parse|1,000 at most"):
        expressions.decide(when, VALUES)


def test_the_names_of_an_expression_are_told() -> None:
    """All names count, so that each can be checked against the parameters."""
    assert expressions.names_in("kind != 'patch' and (replicas in [1, fast])") == ["kind", "replicas", "fast"]


RELEASE = {"release": "2026.10.0", "schema": Version("2.10"), "kind": "2.10"}


@pytest.mark.parametrize(
    ("when", "applies"),
    [
        ("release >= '2026.9.0'", True),
        ("'2026.9.0' < release <= 'v2026.10'", True),
        ("release < '2026.10.0-SNAPSHOT'", False),
        ("release == '2026.10'", True),
        ("release in ('2026.9', 'shop-2026.10')", True),
        ("release not in ['2026.11.0']", True),
        ("schema > '2.9' and schema != '2.10.1'", True),
        ("kind > '2.9'", False),
        ("kind == '2.10.0'", False),
        ("'2.10' > '2.9'", False),
    ],
)
def test_releases_compare_as_releases_do(when: str, applies: bool) -> None:
    """`release`, and a value that is a Version, are older or newer; two other texts compare as texts."""
    assert expressions.decide(when, RELEASE) is applies


def test_a_release_without_a_version_is_newer_than_those_with_one() -> None:
    """What a step of a release that has no name yet, or a commit's, depends on is not left out."""
    for release in ("next", "drop-sku-9", "3f2a9c1"):
        assert expressions.decide("release >= '2026.9.0'", {"release": release})
    assert expressions.decide("release > 'sprint-9'", {"release": "sprint-10"})
