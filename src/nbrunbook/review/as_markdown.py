"""Changes for a CI's job summary and a comment in a pull request.

What others wrote is text and nothing else there: it forms no markup, mentions nobody and links to nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from nbrunbook.errors import one_line, visible
from nbrunbook.review import changes, telling
from nbrunbook.review.changes import Change, Review
from nbrunbook.review.telling import Line
from nbrunbook.review.text_diff import Span
from nbrunbook.texts import many

MARKER = "<!-- nbrunbook -->"
"""By which CI finds the comment that it has to update."""

LONGEST = 60_000
"""Characters; GitHub refuses a comment of more than 65,536."""

LONGEST_TEXT = 2_000
"""Characters of one text in a change; what is beyond is left out and counted."""

FOLDED = 600
"""Characters of a text, or with 12 lines, from which it is folded away."""

SPECIAL = re.compile(r"[\\`*_{}\[\]()#+!|~$^=:-]")
TAGS = {"removed": "del", "added": "strong"}
RULES = (
    (re.compile(r"@"), "@<!-- -->"),
    (re.compile(r"(?<=\\#)(?=\w)"), "<!-- -->"),
    (re.compile(r"(?i)\b(gh)(\\-)(?=\d)"), r"\1\2<!-- -->"),
    (re.compile(r"/(?=/)"), "/<!-- -->"),
    (re.compile(r"(?i)\bwww\."), lambda match: f"{match[0][:3]}<!-- -->."),
    (re.compile(r"(?<=[0-9a-fA-F]{6})(?=[0-9a-fA-F])"), "<!-- -->"),
)
"""What a forge would make a link or a mention of is broken by a comment, which shows nothing."""


def show(reviews: Sequence[Review]) -> str:
    """Return reviews as Markdown of at most LONGEST characters; it says how many changes did not fit."""
    riskier = sum(len(review.riskier) for review in reviews)
    line = changes.summary(reviews)
    if riskier:
        before, _, after = line.rpartition("; ")
        line = f"{before}; **{after}**"
    head = [MARKER, f"{line}\n"]
    room = LONGEST - sum(len(part) for part in head) - 400
    body: list[str] = []
    left_out = 0
    for review in reviews:
        parts, missing, room = _review(review, room)
        body += parts
        left_out += missing
    if left_out:
        noun = "change does" if left_out == 1 else "changes do"
        body.append(f"\n{left_out} more {noun} not fit here: `nbrunbook diff` shows all.")
    return "\n".join([*head, *body]).rstrip("\n")


def _review(review: Review, room: int) -> tuple[list[str], int, int]:
    """The lines of a review that have room, how many changes have none, and the room that is left."""
    found: list[str] = []
    title = f"#### {code(review.old)} → {code(review.new)}\n"
    if len(title) > room:
        return [], len(review.changes), room
    found.append(title)
    room -= len(title) + 1
    left_out = 0
    for name, listed in (("Riskier", review.riskier), ("Other changes", review.others)):
        heading = f"**{name}**\n"
        shown = []
        for change in listed:
            told = "\n".join(_change(change))
            if len(told) + len(heading) + 4 > room:
                left_out += 1
                continue
            room -= len(told) + 1
            shown.append(told)
        if shown:
            found += [heading, *shown, ""]
            room -= len(heading) + 2
    return found, left_out, room


def _change(change: Change) -> Iterator[str]:
    where = f", in {text(change.where)}" if change.where else ""
    named = f" <strong>{text(change.title)}</strong>" if change.title and change.title != change.id else ""
    yield f"- {telling.headline(change).capitalize()}:{named} {code(change.id or 'Steps')}{where}"
    for line in telling.lines(change):
        yield from _told(line)


def _told(line: Line) -> Iterator[str]:
    risk = f" <strong>Riskier: {html.escape(line.risk, quote=False)}</strong>" if line.risk else ""
    if line.label == "riskier":
        yield f"  -{risk}"
        return
    label = f"  - {text(line.label)}"
    length = sum(len(span.text) for span in line.spans)
    breaks = sum(span.text.count("\n") for span in line.spans)
    if line.diff:
        yield from (f"{label}{risk}", "", *(f"    {each}" for each in _folded(len(line.diff), _fence(line.diff))), "")
    elif length > FOLDED or breaks > 12:
        yield from (
            f"{label}{risk}",
            "",
            *(f"    {each}" for each in _folded(breaks + 1, [f"<span>{_spans(line.spans)}</span>"])),
            "",
        )
    else:
        shown = _spans(line.spans)
        yield f"{label}{': ' + shown if shown else ''}{risk}"


def _folded(count: int, content: Sequence[str]) -> list[str]:
    lines = many(count, "line")
    return [f"<details><summary>{lines}</summary>", "", *content, "", "</details>"]


def _fence(diff: Sequence[str]) -> list[str]:
    """A fenced block, longer than any run of backticks in it; nothing in it is more than text."""
    kept: list[str] = []
    size = 0
    for line in diff:
        size += len(line) + 1
        if size > LONGEST_TEXT * 2:
            kept.append(f" … {many(len(diff) - len(kept), 'more line')}")
            break
        kept.append(one_line(visible(line)))
    longest = max((len(run) for line in kept for run in re.findall(r"`+", line)), default=0)
    mark = "`" * max(3, longest + 1)
    return [f"{mark}diff", *kept, mark]


def _spans(spans: Sequence[Span]) -> str:
    found, left = [], LONGEST_TEXT
    for span in spans:
        if span.kind == "left-out":
            found.append(" … ")
            continue
        if left <= 0:
            break
        shown = text(span.text[:left], breaks=True)
        left -= len(span.text)
        tag = TAGS.get(span.kind)
        found.append(f"<{tag}>{shown}</{tag}>" if tag else shown)
    return "".join(found) + (f" … {many(-left, 'more character')}" if left < 0 else "")


def text(value: str, *, breaks: bool = False) -> str:
    """Return a text so that it is only text in GitHub's Markdown, on one line; `breaks` keeps its line breaks."""
    first, *rest = visible(value).split("\n") if breaks else [one_line(visible(value))]
    return "<br>".join([_plain(first), *(_indented(line) for line in rest)])


def _indented(line: str) -> str:
    kept = line.lstrip(" \t")
    return "&nbsp;" * (len(line) - len(kept)) + _plain(kept)


def _plain(line: str) -> str:
    escaped = SPECIAL.sub(lambda match: f"\\{match[0]}", line)
    escaped = html.escape(escaped, quote=False)
    for pattern, instead in RULES:
        escaped = pattern.sub(instead, escaped)
    return escaped


def code(value: str) -> str:
    """Return a text as a code span, in which a forge makes nothing of it."""
    shown = one_line(visible(value)).strip() or " "
    mark = "`" * (1 + max((len(run) for run in re.findall(r"`+", shown)), default=0))
    pad = " " if "`" in shown else ""
    return f"{mark}{pad}{shown}{pad}{mark}"
