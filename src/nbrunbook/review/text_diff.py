"""Differences inside a text: word by word for prose, line by line for code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff

WORD = re.compile(r"\w+|\s+|[^\w\s]")

MOST_WORDS = 2400
"""Beyond that a text is compared line by line: word by word would take seconds."""

MOST_PAIRS = 5_000_000
"""Lines times lines; beyond that all between the first and the last change is one change: it would take minutes."""

AROUND = 80
"""How many characters of what stayed are shown on each side of a change."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """A piece of a text: same, removed, added, or left-out for what stayed and is not shown."""

    kind: str
    text: str


def compare(old: str, new: str) -> list[Span]:
    """Return a new text with what was removed and added; together the spans are both texts, whole."""
    before, now = WORD.findall(old), WORD.findall(new)
    if len(before) + len(now) > MOST_WORDS:
        before, now = old.splitlines(keepends=True), new.splitlines(keepends=True)
    return list(_joined(_raw(before, now)))


def _raw(before: Sequence[str], now: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """(what stayed, what went, what came), one after the other."""
    was, came = _changed_parts(before, now)
    yield "".join(before[: was.start]), "", ""
    yield from _between(before[was], now[came])
    yield "".join(before[was.stop :]), "", ""


def _changed_parts(before: Sequence[str], now: Sequence[str]) -> tuple[slice, slice]:
    """What lies between the first and the last that differ, on either side."""
    least = min(len(before), len(now))
    first = next((at for at in range(least) if before[at] != now[at]), least)
    last = next((at for at in range(least - first) if before[-1 - at] != now[-1 - at]), least - first)
    return slice(first, len(before) - last), slice(first, len(now) - last)


def _between(before: Sequence[str], now: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    if len(before) * len(now) > MOST_PAIRS:
        yield "", "".join(before), "".join(now)
        return
    matcher = SequenceMatcher(None, before, now, autojunk=False)
    for kind, first, last, begin, end in matcher.get_opcodes():
        removed, added = "".join(before[first:last]), "".join(now[begin:end])
        yield (removed, "", "") if kind == "equal" else ("", removed, added)


def _joined(parts: Iterator[tuple[str, str, str]]) -> Iterator[Span]:
    """Take blanks between two changes into them: "a b" -> "c d" is one change, not two."""
    listed = list(parts)
    removed = added = ""
    for number, (same, went, came) in enumerate(listed):
        between = 0 < number < len(listed) - 1 and same and not same.strip() and "\n" not in same
        if between:
            went = came = same
        elif same:
            yield from _changed(removed, added)
            removed = added = ""
            yield Span(kind="same", text=same)
            continue
        removed, added = removed + went, added + came
    yield from _changed(removed, added)


def _changed(removed: str, added: str) -> Iterator[Span]:
    if removed:
        yield Span(kind="removed", text=removed)
    if added:
        yield Span(kind="added", text=added)


def shortened(spans: Sequence[Span]) -> list[Span]:
    """Return spans with long stretches of what stayed cut out, but for some words around each change."""
    found: list[Span] = []
    for number, span in enumerate(spans):
        head = AROUND if number > 0 else 0
        tail = AROUND if number < len(spans) - 1 else 0
        if span.kind != "same" or len(span.text) <= head + tail + AROUND:
            found.append(span)
            continue
        found += [Span(kind="same", text=span.text[:head])] if head else []
        found.append(Span(kind="left-out", text=span.text[head : len(span.text) - tail]))
        found += [Span(kind="same", text=span.text[-tail:])] if tail else []
    return found


def lines(old: str, new: str) -> list[str]:
    """Return what changed between two texts line by line, each line with its +, - or space in front."""
    before, now = old.split("\n"), new.split("\n")
    was, came = _changed_parts(before, now)
    if len(before[was]) * len(now[came]) > MOST_PAIRS:
        return [f"-{line}" for line in before[was]] + [f"+{line}" for line in now[came]]
    return list(unified_diff(before, now, lineterm="", n=2))[2:]


def alike(one: str, other: str, *, least: float) -> float:
    """Return how alike two texts are, 0 to 1; 0 for anything below `least`."""
    matcher = SequenceMatcher(None, one[:300], other[:300], autojunk=False)
    if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= least else 0.0
