"""The order of releases."""

from __future__ import annotations

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.version import Version

from nbrunbook.project import versions

VERSIONS = st.from_regex(
    r"[0-9]{1,4}(\.[0-9]{1,3}){0,3}((a|b|rc)[0-9]{1,2})?(\.post[0-9])?(\.dev[0-9])?", fullmatch=True
)
NAMES = st.one_of(VERSIONS, st.text(), st.from_regex(r"[a-z]{1,5}-?[0-9]{1,6}(-[0-9]{1,3})?", fullmatch=True))

PATIENT = settings(suppress_health_check=[HealthCheck.too_slow])


@PATIENT
@given(VERSIONS, VERSIONS)
def test_versions_stand_as_packaging_has_them(one: str, other: str) -> None:
    """Two versions stand as packaging.version compares them."""
    if Version(one) < Version(other):
        assert versions.key(one) < versions.key(other)
        assert versions.is_before(one, other)
        assert not versions.is_before(other, one)


@PATIENT
@given(st.lists(NAMES, unique=True))
def test_any_names_have_one_order(names: list[str]) -> None:
    """Whatever the names are and however they came, they stand in one order, and none equals another."""
    once = sorted(names, key=versions.key)
    backwards = names[::-1]
    assert sorted(backwards, key=versions.key) == once
    assert len({versions.key(name) for name in names}) == len(names)
    assert all(versions.key(one) < versions.key(other) for one, other in itertools.pairwise(once))


@PATIENT
@given(NAMES)
def test_no_release_is_before_itself(name: str) -> None:
    """A release is not older than itself."""
    assert not versions.is_before(name, name)


def test_other_names_stand_in_natural_order_behind_versions() -> None:
    """Numbers in names count as numbers; names that are no versions come last."""
    names = ["drop-sku-10", "2.0", "drop-sku-9", "1.10", "1.9", "2.0rc1", "drop-sku"]
    expected = ["1.9", "1.10", "2.0rc1", "2.0", "drop-sku", "drop-sku-9", "drop-sku-10"]
    assert sorted(names, key=versions.key) == expected


def test_equal_versions_and_other_names_are_not_before_each_other() -> None:
    """`since` leaves out what is certainly older, and nothing else."""
    assert versions.is_before("2026.9.0", "2026.11.0")
    assert not versions.is_before("1.0", "1.0.0")
    assert not versions.is_before("drop-sku", "2.0")
    assert not versions.is_before("1.0", "drop-sku")
    assert versions.is_before("drop-9", "drop-10")


def test_a_number_of_any_length_is_read() -> None:
    """Thousands of digits are no reason to fail."""
    assert versions.key("9" * 5000) < versions.key("a" + "9" * 5001)
