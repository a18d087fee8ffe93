"""The order of releases."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

import nbrunbook
from nbrunbook.project import versions
from nbrunbook.project.versions import Release

VERSIONS = st.from_regex(
    r"[0-9]{1,4}(\.[0-9]{1,3}){0,3}((a|b|rc)[0-9]{1,2})?(\.post[0-9])?(\.dev[0-9])?", fullmatch=True
)
WRITTEN = st.from_regex(
    r"(v|release-|api/v|shop-|my-shop-|drop-sku-)?[0-9]{1,4}([.-][0-9]{1,2}){0,3}"
    r"([-.+]?(SNAPSHOT|bugfix|rc|M|Final|alpha|g3f2a9c1|[a-z]{1,3})[.-]?[0-9]{0,2}){0,2}",
    fullmatch=True,
)
COMMITS = st.from_regex(r"[0-9a-f]{7}|[0-9a-f]{40}", fullmatch=True)
NAMES = st.one_of(
    VERSIONS, WRITTEN, COMMITS, st.text(), st.from_regex(r"[a-z]{1,5}-?[0-9]{1,6}(-[0-9]{1,3})?", fullmatch=True)
)


@given(VERSIONS, VERSIONS)
def test_versions_stand_as_packaging_has_them(one: str, other: str) -> None:
    """Two versions stand as packaging.version compares them."""
    if Version(one) < Version(other):
        assert versions.key(one) < versions.key(other)
        assert versions.is_before(one, other)
        assert not versions.is_before(other, one)


@given(st.lists(NAMES, unique=True))
def test_any_names_have_one_order(names: list[str]) -> None:
    """Whatever the names are and however they came, they stand in one order, and none equals another."""
    once = sorted(names, key=versions.key)
    backwards = names[::-1]
    assert sorted(backwards, key=versions.key) == once
    assert len({versions.key(name) for name in names}) == len(names)
    assert all(versions.key(one) < versions.key(other) for one, other in itertools.pairwise(once))


@given(NAMES, NAMES, NAMES)
def test_what_is_older_is_older_everywhere(one: str, other: str, third: str) -> None:
    """`since` and `when` never say the contrary of what `pending` is sorted by, and what is older has one direction."""
    if versions.is_before(one, other):
        assert versions.key(one) < versions.key(other)
        assert not versions.is_before(other, one)
        assert Release(one) < other
    assert [Release(one) < other, Release(one) == other, Release(one) > other].count(True) == 1
    assert (Release(one) <= other) == (Release(other) >= one) == (Release(one) < other or Release(one) == other)
    if Release(one) < other and Release(other) < third:
        assert not Release(third) < one


@given(NAMES)
def test_no_release_is_before_itself(name: str) -> None:
    """A release is not older than itself."""
    assert not versions.is_before(name, name)


def test_other_names_stand_in_natural_order_behind_versions() -> None:
    """Numbers in names count as numbers; names that are no versions come last."""
    names = ["drop-sku-10", "2.0", "drop-sku-9", "1.10", "1.9", "2.0rc1", "drop-sku"]
    expected = ["1.9", "1.10", "2.0rc1", "2.0", "drop-sku", "drop-sku-9", "drop-sku-10"]
    assert sorted(names, key=versions.key) == expected


ORDERED = [
    *("1.2.3", "shop-1.2.4-SNAPSHOT", "v1.2.4", "api/v1.2.5", "1.2.5-14-g2414f21", "1.10", "v1.10.1", "2.5.1"),
    *("2.5.2-alpha", "2.5.2-beta.2", "2.5.2-M1", "2.5.2-rc.1", "2.5.2-RC.10", "2.5.2-SNAPSHOT", "2.5.2"),
    *("2.5.2-bugfix", "2.5.2-1", "2.5.3", "3.0.0-nightly", "3.0.0-SNAPSHOT", "3.0.0.Final", "3.0.1", "V4"),
    *("17-beta", "17", "42-hotfix", "2026.9.0", "2026.10.0", "2026-11", "2026-11-05", "release-2026-11-30"),
    *("2026-11-30-hotfix", "2026-11-30.2", "2026.12.0", "20261130", "1!1.0"),
    *("2fa-rollout", "3-way-merge", "deadbee", "drop-sku", "drop-sku-9", "drop-sku-10"),
    *("my-shop-1.9", "my-shop-1.10-rc1", "my-shop-1.10"),
]


def test_releases_have_one_order() -> None:
    """A v, a word in front, dates and suffixes are read as people mean them; what is no version comes last."""
    assert sorted(set(ORDERED), key=versions.key) == ORDERED


def test_what_is_the_same_version_is_before_neither() -> None:
    """However it is written: with a v, a word, noughts at the end, Maven's Final, or as PEP 440 has it."""
    same = ["2.5", "v2.5", "2.5.0", "shop-2.5.0", "release/2.5", "2.5.Final"]
    assert all(Release(one) == other and not versions.is_before(one, other) for one in same for other in same)
    assert Release("2.5.0-alpha.1") == "2.5a1"
    assert Release("api/v2.5") != "shop-2.5"


@pytest.mark.parametrize(
    ("release", "since"),
    [
        ("api-1.0", "shop-2.0"),
        ("3f2a9c1", "4f2a9c1"),
        ("3f2a9c1", "2026.11.0"),
        ("2fa-rollout", "2026.11.0"),
        ("v2-api-migration", "2026.11.0"),
        ("upgrade-postgres-16.2", "2026.11.0"),
        ("cleanup", "drop-10"),
    ],
)
def test_what_cannot_be_said_is_not_before(release: str, since: str) -> None:
    """A release is left out only where it is certainly older: two products, commits and other names cannot say."""
    assert not versions.is_before(release, since)
    assert not versions.is_before(since, release)


def test_a_baseline_may_be_written_otherwise() -> None:
    """`since` need not have the v or the word in front that releases have."""
    assert versions.is_before("shop-2.5.2-rc1", "2.5.2")
    assert versions.is_before("v2.5.2", "release-2.5.2-bugfix")
    assert versions.is_before("my-shop-1.9", "my-shop-1.10")


def test_a_version_is_a_text_that_compares_as_one() -> None:
    """The value of a parameter is the text that was written, and newer or older as releases are."""
    found = nbrunbook.Version("2.10.0")
    assert [found > "2.9", found == "v2.10", found < "2.10", found >= "2.10"] == [True, True, False, True]
    assert (f"{found}", json.dumps(found), found.split(".")[0]) == ("2.10.0", '"2.10.0"', "2")
    assert {found: 1}[nbrunbook.Version("2.10")] == 1
    assert eval(repr(found), {"Version": nbrunbook.Version}) == found
    with pytest.raises(ValueError, match=r"'latest' is no version, such as 2\.5\.0"):
        nbrunbook.Version("latest")


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
