"""The block of attributes behind a title: {#id .flag key="value"}.

The syntax is that of Pandoc, kramdown and markdown-it
(https://pandoc.org/MANUAL.html#extension-attributes), at the end of a title's last line,
or in a comment there: <!--{#id}-->. A block that does not parse whole is text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from nbrunbook.documents.letters import LETTER, MARKS, NAME, are_letters, composed

STEP_FLAGS = {
    "approval": "a second operator approves before it may be done",
    "optional": "may stay open at sign-off",
    "irreversible": "asks again, and cannot be unticked",
    "once": "settled in one environment of a group is settled in all",
    "group": "no box of its own: settled when its sub-steps are",
    "gate": "nothing below may be done until it is settled",
}
STEP_KEYS = {
    "owner": "who does it",
    "evidence": "a label; without a value the step cannot be ticked",
    "as": "the name under which the evidence can be used further down",
    "when": "an expression over the parameters, decided when the runbook is made",
    "after": "ids that must be settled before",
    "wait": "how long after those (30m, 24h, 7d)",
    "due": "by when",
}
HEADING_FLAGS = {
    "optional": "its steps may stay open at sign-off",
    "gate": "nothing in it may be done until all above is settled",
    "if-needed": "closed and not counted until an operator opens it",
}
HEADING_KEYS = {"owner": STEP_KEYS["owner"], "when": STEP_KEYS["when"]}

_ID = rf"\#\w(?:[\w.{MARKS}-]*{LETTER})?"
_FLAG = rf"\.[A-Za-z](?:[\w{MARKS}-]*{LETTER})?"
_PAIR = rf"""[A-Za-z_][\w{MARKS}-]*=(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?:\{{\{{{NAME}\}}\}}|[^\s"'={{}}<>`])+)"""
_TOKEN = rf"(?:{_ID}|{_FLAG}|{_PAIR})"
_BLOCK = rf"\{{[ \t]*{_TOKEN}(?:[ \t]+{_TOKEN})*[ \t]*\}}"
# Compiled where they are used: most commands read no attributes, and start faster.
# Each of these is tried at one place, and what may repeat in it cannot be read in two ways: linear.
_WHOLE = rf"(?:(?:(?<=[ \t])|^)(?P<braces>{_BLOCK})|<!--[ \t]*(?P<comment>{_BLOCK})[ \t]*-->)"
_AFTER = r"(?:[ \t]*+<!--(?:(?!-->).)*+-->)*+[ \t]*+"


@dataclass(frozen=True, kw_only=True)
class Attributes:
    """What stands between the braces."""

    id: str | None = None
    flags: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    repeated: tuple[str, ...] = ()
    """Ids, flags and keys that stand there more than once."""


NONE = Attributes()

TYPOGRAPHIC = "“”„‟‘’‚‛«»‹›"
"""Quotes that a word processor or a chat writes in place of straight ones."""

LONGEST_ENDING = 10_000
"""Characters at the end of a line in which its attributes stand, with the comments behind them."""


def parse(block: str) -> Attributes | None:
    """Return the attributes of a block with its braces, or None where it is only text."""
    if not re.fullmatch(_BLOCK, block):
        return None
    tokens = re.findall(_TOKEN, block[1:-1])
    if not all(are_letters(token.partition("=")[0]) for token in tokens):
        return None
    ids: list[str] = []
    flags: dict[str, None] = {}
    keys: dict[str, str] = {}
    repeated: list[str] = []
    for token in tokens:
        if token[0] == "#":
            ids.append(composed(token[1:]))
            repeated += [token] if len(ids) > 1 else []
        elif token[0] == ".":
            repeated += [token] if token[1:] in flags else []
            flags[token[1:]] = None
        else:
            key, _, value = token.partition("=")
            repeated += [key] if key in keys else []
            keys[key] = composed(_unquoted(value)) if key == "as" else _unquoted(value)
    return Attributes(
        id=ids[0] if ids else None,
        flags=tuple(flags),
        keys=keys,
        repeated=tuple(repeated),
    )


def _unquoted(value: str) -> str:
    if value[0] not in "\"'":
        return value
    return re.sub(r"\\([\\\"'])", r"\1", value[1:-1])


def quoted_otherwise(block: str) -> list[str]:
    """Return the pairs of a block whose values stand in a word processor's quotes, which are a part of the value."""
    quotes = rf"=[{TYPOGRAPHIC}]|=[^\"'].*[“”„»«]$"
    return [token for token in re.findall(_TOKEN, block) if re.search(quotes, token)]


def show(attributes: Attributes) -> str:
    """Return the block that parses to these attributes; an empty text for none."""
    parts = [f"#{attributes.id}"] if attributes.id else []
    parts += [f".{flag}" for flag in attributes.flags]
    parts += [f"{key}={_quoted(value)}" for key, value in attributes.keys.items()]
    return "{" + " ".join(parts) + "}" if parts else ""


def _quoted(value: str) -> str:
    if re.fullmatch(r"[\w.@,:/-]+", value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclass(frozen=True, kw_only=True)
class PartedTitle:
    """The lines of a title's paragraph, parted at its block."""

    text: str
    """The title."""
    block: str = ""
    """As it stands in the source, with its braces or comment."""
    attributes: Attributes | None = None
    rest: str = ""
    """The lines after the one with the block: they are body, not title."""


def split(text: str) -> PartedTitle:
    """Part a paragraph at the first line that ends in a block; without one it is all title."""
    if "{" not in text:
        return PartedTitle(text=text)
    lines, begin = text.split("\n"), 0
    code = code_spans(text)
    for number, line in enumerate(lines):
        for match in _blocks_at_the_end(line):
            at = bisect_left(code, (begin + match.start(),)) - 1
            found = parse(match["braces"] or match["comment"])
            if found is not None and (at < 0 or begin + match.start() >= code[at][1]):
                title = [*lines[:number], line[: match.start()].rstrip() + line[match.end() :].rstrip()]
                return PartedTitle(
                    text="\n".join(title).strip(),
                    block=match[0],
                    attributes=found,
                    rest="\n".join(lines[number + 1 :]),
                )
        begin += len(line) + 1
    return PartedTitle(text=text)


def _blocks_at_the_end(line: str) -> Iterator[re.Match[str]]:
    """The blocks behind which only comments stand, from the left."""
    whole, after, read = re.compile(_WHOLE), re.compile(_AFTER), 0
    for start in re.compile(r"\{|<!--").finditer(line, max(0, len(line) - LONGEST_ENDING)):
        # Comments that were read behind one block, and do not end the line, do not end it behind the next one either.
        if start.start() < read and start[0] != "{":
            continue
        match = whole.match(line, start.start())
        if match:
            end = after.match(line, match.end()).end()  # type: ignore[union-attr]
            if end == len(line):
                yield match
            read = end


def code_spans(text: str) -> list[tuple[int, int]]:
    """Return where code stands in a paragraph: from a run of backticks to the next one of the same length."""
    runs = [run.span() for run in re.finditer("`+", text)]
    following: dict[int, int] = {}
    closes: dict[int, int] = {}
    for number in reversed(range(len(runs))):
        length = runs[number][1] - runs[number][0]
        if length in following:
            closes[number] = following[length]
        following[length] = number
    spans, number = [], 0
    while number < len(runs):
        if number in closes:
            spans.append((runs[number][0], runs[closes[number]][1]))
        number = closes.get(number, number) + 1
    return spans


def inserted(block: str, more: str) -> str:
    """Return a block, as it stands in the source, with `#id` or `.flag` put in front."""
    return re.sub(r"\{[ \t]*", lambda _: f"{{{more} ", block, count=1)


UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}


def seconds(duration: str) -> int:
    """Return the seconds of a duration such as 30m, 24h, 7d or 2w; ValueError for anything else."""
    match = re.fullmatch(r"\s*(\d{1,5})\s*([mhdw])\s*", duration)
    if not match:
        raise ValueError(duration)
    return int(match[1]) * UNITS[match[2]]


def references(after: str) -> list[str]:
    """Return the ids in an `after`, such as `id`, `id@place` and `release#id`: spaces or commas between them."""
    return [_reference(part) for part in re.split(r"[\s,]+", after) if part]


def _reference(text: str) -> str:
    release, mark, step = text.rpartition("#")
    step, at, place = step.partition("@")
    return f"{release}{mark}{composed(step)}{at}{place}"


def duration(length: int | None) -> str:
    """Return seconds as `seconds` reads them; empty for None."""
    if length is None:
        return ""
    unit = next(unit for unit in ("d", "h", "m") if length % UNITS[unit] == 0)
    return f"{length // UNITS[unit]}{unit}"
