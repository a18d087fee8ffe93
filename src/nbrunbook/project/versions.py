"""Versions: the one order of releases, for what is pending, for `since` and for `when`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SortKey = tuple[Any, ...]

BEHIND = 0
"""The rank of nothing more: 1.0 stands between 1.0-rc1 and 1.0-hotfix."""
WORD, LOCAL_NUMBER, POST = 1, 2, 3
RANKS: Mapping[str, int] = {
    **dict.fromkeys(("dev", "nightly", "canary", "next", "unstable", "edge"), -6),
    **dict.fromkeys(("a", "alpha"), -5),
    **dict.fromkeys(("b", "beta"), -4),
    **dict.fromkeys(("m", "milestone"), -3),
    **dict.fromkeys(("c", "rc", "cr", "pre", "preview"), -2),
    "snapshot": -1,
    **dict.fromkeys(("final", "ga", "release"), BEHIND),
    **dict.fromkeys(("post", "rev", "r"), POST),
}
"""Where words behind a version's numbers stand: as the packaging specifiers have them, and Maven, which has some more.

https://packaging.python.org, "Version specifiers"; https://maven.apache.org/pom.html, "Version Order Specification".
Every other word makes it newer: 2.5.2-bugfix comes after 2.5.2.
"""
MENDING = ("hotfix", "bugfix", "fix", "patch", "sp")
"""Words that may stand behind a single number, too; 3-way-merge is no version."""

NUMBERS = re.compile(r"(?:(?P<epoch>[0-9]+)!)?(?P<numbers>[0-9]+(?:\.[0-9]+)*)")
DATE = re.compile(
    r"(?P<numbers>(?:19|20)[0-9]{2}([-_])(?:0?[1-9]|1[0-2])(?:\2(?:0?[1-9]|[12][0-9]|3[01]))?(?![0-9])(?:\.[0-9]+)*)"
)
STAMP = re.compile(r"(?:19|20)[0-9]{4,}")
BEGINS = re.compile(rf"(?<![0-9.])(?:(?<![^\W_])v(?=[0-9])|(?={DATE.pattern})|(?=[0-9]+\.[0-9]))", re.IGNORECASE)
"""Where a version begins in a name with a prefix: at a v, a date, or numbers with a dot between them."""
ANY_PREFIX = ("", "release", "rel", "version", "ver", "hotfix")
"""Prefixes that name no product."""
SEGMENT = re.compile(r"[^\W_]+")
TOKEN = re.compile(r"[0-9]+|[^\W\d_]+")
HASH = re.compile(r"g?(?![0-9]{1,4}[abc][0-9]{1,2}$)(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{7,64}")
"""A commit's name: nobody can say whether one is before another."""


@dataclass(frozen=True, kw_only=True)
class _Parsed:
    """A name that holds a version."""

    prefix: str
    """What product it is of: empty where it says none."""
    order: SortKey

    @property
    def stands_alone(self) -> bool:
        """Whether it compares with any version: upgrade-postgres-16.2 is about another product's."""
        return len(SEGMENT.findall(self.prefix.rpartition("/")[2])) < 2


def key(release: str) -> SortKey:
    """Return what releases are sorted by, oldest first; any two names can be compared, and none equals another.

    Versions come first, in their order, with or without a v or a word in front; names that are none follow in
    natural order: rc9 before rc10.
    """
    found = _parsed(release)
    return (*_order(release, found), found.prefix if found else "", _natural(release), release)


def is_before(release: str, since: str) -> bool:
    """Tell whether a release is certainly older than another.

    A version and another name cannot say, nor can versions of two products, commits, and names that differ in words.
    """
    mine, other = _parsed(release), _parsed(since)
    if mine and other:
        free = mine.stands_alone and other.stands_alone and "" in (mine.prefix, other.prefix)
        return (free or mine.prefix == other.prefix) and mine.order < other.order
    if mine or other or HASH.fullmatch(release) or HASH.fullmatch(since):
        return False
    pairs = zip(_natural(release), _natural(since), strict=False)
    first = next(((one, another) for one, another in pairs if one != another), None)
    return first is not None and first[0][0] == first[1][0] == 1 and first[0] < first[1]


def is_version(name: str) -> bool:
    """Tell whether a name is a version: numbers with dots, a date, what stands behind a v, whatever follows them."""
    found = _parsed(name)
    return found is not None and found.stands_alone


class Release(str):
    """A text that compares with others as releases do: 2.10 is newer than 2.9, and v2.5 is 2.5.0."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return _compared(self, other) < 0 if isinstance(other, str) else NotImplemented

    def __le__(self, other: str) -> bool:
        return _compared(self, other) <= 0 if isinstance(other, str) else NotImplemented

    def __gt__(self, other: str) -> bool:
        return _compared(self, other) > 0 if isinstance(other, str) else NotImplemented

    def __ge__(self, other: str) -> bool:
        return _compared(self, other) >= 0 if isinstance(other, str) else NotImplemented

    def __eq__(self, other: object) -> bool:
        return _compared(self, other) == 0 if isinstance(other, str) else NotImplemented

    def __ne__(self, other: object) -> bool:
        return _compared(self, other) != 0 if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return hash(_order(self, _parsed(self)))


class Version(Release):
    """A version, as the value of a parameter. ValueError for a text that is none."""

    __slots__ = ()

    def __new__(cls, text: str) -> Version:  # noqa: D102
        if not isinstance(text, str) or not is_version(text):
            raise ValueError(f"{text!r} is no version, such as 2.5.0")
        return super().__new__(cls, text)

    def __repr__(self) -> str:
        return f"Version({str(self)!r})"


def _compared(one: str, other: str) -> int:
    """Below 0, 0 or above, as the one is older, the same or newer; a prefix counts where both have one."""
    mine, others = _parsed(one), _parsed(other)
    left, right = _order(one, mine), _order(other, others)
    if left == right and mine and others and mine.prefix and others.prefix:
        left, right = (mine.prefix,), (others.prefix,)
    return (left > right) - (left < right)


def _order(name: str, found: _Parsed | None) -> SortKey:
    if found and found.stands_alone:
        return (0, found.order)
    return (1, _natural(found.prefix), found.order) if found else (1, _natural(str(name)), ())


# Reading a name


def _parsed(name: str) -> _Parsed | None:
    text = str(name).strip()
    if HASH.fullmatch(text):
        return None
    order = _version(text, 1 if text[:1] in "vV" else 0)
    if order:
        return _Parsed(prefix="", order=order)
    begins = BEGINS.search(text)
    order = _version(text, begins.end()) if begins else None
    if order is None or begins is None:
        return None
    words = re.match(r".*[^\W_]", text[: begins.start()], re.DOTALL)
    prefix = words[0].casefold() if words else ""
    return _Parsed(prefix="" if prefix in ANY_PREFIX else prefix, order=order)


def _version(text: str, at: int) -> SortKey | None:
    """What the version in a text that begins there is sorted by; None where there is none."""
    found = DATE.match(text, at) or NUMBERS.match(text, at)
    if not found:
        return None
    numbers = re.split(r"[._-]", found["numbers"])
    more = list(_suffixes(text[found.end() :]))
    words = [word for rank, word, _ in more if rank == WORD and word not in MENDING]
    if words and len(numbers) == 1 and not STAMP.fullmatch(numbers[0]):
        return None
    sizes = [_number(each) for each in numbers]
    while sizes and sizes[-1] == (0, ""):
        sizes.pop()
    epoch = found.groupdict().get("epoch")
    return (_number(epoch or ""), tuple(sizes), (*more, (BEHIND, "", (0, ""))))


def _suffixes(text: str) -> Iterator[tuple[int, str, tuple[int, str]]]:
    """What stands behind a version's numbers, word by word, each with its rank and its own number."""
    public, _, local = text.casefold().partition("+")
    for part, is_local in ((public, False), (local, True)):
        tokens = list(_tokens(part))[::-1]
        while tokens:
            word = tokens.pop()
            if word.isdecimal():
                yield (LOCAL_NUMBER if is_local else POST, "", _number(word))
                continue
            number = tokens.pop() if tokens and tokens[-1].isdecimal() and not HASH.fullmatch(word) else ""
            rank = WORD if is_local or (word == "m" and not number) else RANKS.get(word, WORD)
            if rank != BEHIND:
                yield (rank, word if rank == WORD else "", _number(number))


def _tokens(text: str) -> Iterator[str]:
    """The words and numbers of a suffix; a commit's name is one word."""
    for segment in SEGMENT.findall(text):
        yield from [segment] if HASH.fullmatch(segment) else TOKEN.findall(segment)


def _number(digits: str) -> tuple[int, str]:
    """Digits as a number, without making a number of them: they may be thousands."""
    kept = digits.lstrip("0")
    return len(kept), kept


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """The texts and the numbers of a name, by turns."""
    parts = re.split(r"([0-9]+)", name)
    return tuple((1, *_number(part)) if place % 2 else (0, 0, part) for place, part in enumerate(parts))
