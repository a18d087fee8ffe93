"""Links in Markdown source, rewritten where they stand; the rest stays to the letter."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.parser import parse_markdown, parse_plain, read_target
from nbrunbook.documents.markdown.tags import Tag, tags

LINK = re.compile(
    r"(?P<before>\]\(\s*+|^[ \t>*+.)\d-]*+\[(?:[^\[\]\\]|\\.)++\]:\s*+)"
    r"(?:<(?P<within>(?:[^<>\\\n]|\\.)*+)>"
    r"|(?P<bare>(?:\{\{[^{}\n]*\}\}|[^\s()<\\]|\\.|\((?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*+\))*+\))++))(?=[\s)]|$)",
    re.MULTILINE,
)
"""What may be a link, an image or a definition up to its target: https://spec.commonmark.org/0.31.2/#link-destination."""


def relinked(text: str, fill: Fill) -> str:
    """Return a text whose links and images lead where `fill.links` says, in Markdown and in HTML; code stays."""
    if fill.links is str:
        return text
    targets = {target for target in _targets(text, fill.references) if fill.links(target) != target}
    if targets:
        code = sorted(_code(text))

        def moved(match: re.Match[str]) -> str:
            at = bisect_right(code, (match.start(), len(text))) - 1
            return match[0] if at >= 0 and match.start() < code[at][1] else _moved(match, targets, fill)

        text = LINK.sub(moved, text)
    return _relink_html(text, fill)


def _moved(match: re.Match[str], targets: Collection[str], fill: Fill) -> str:
    within = match["within"] is not None
    written = match["within"] if within else match["bare"]
    target = written if written in targets else read_target(written)
    if target not in targets:
        return match[0]
    new = fill.links(target)
    if written != target:
        within, new = True, new.replace("&", "&amp;")
    return match["before"] + (f"<{new}>" if within else new)


def stuck_link(text: str, fill: Fill) -> str:
    """Return the first target of a text that `relinked` does not make lead where it should; empty where each does."""
    targets = list(_targets(text, fill.references))
    leads = _targets(relinked(text, fill), fill.references)
    return next((was or "" for was, now in zip_longest(targets, leads) if was is None or fill.links(was) != now), "")


def _code(text: str) -> Iterator[tuple[int, int]]:
    """Where code and blocks of HTML stand: nothing in them is a link of Markdown."""
    starts, seen = line_starts(text), set()
    for token in parse_plain(text):
        where = (token.map[0], token.map[1]) if token.map else None
        if where is None or where in seen or token.type not in ("inline", "fence", "code_block", "html_block"):
            continue  # the cells of a row are all of one line
        seen.add(where)
        begin, end = starts[where[0]], min(starts[where[1]], len(text))
        if token.type == "inline":
            yield from ((begin + first, begin + last) for first, last in _code_spans(text[begin:end]))
        else:
            yield begin, end


def _code_spans(region: str) -> Iterator[tuple[int, int]]:
    """As `attributes.code_spans`, but a backtick behind a backslash begins none."""
    runs = list(re.finditer(r"(?<!\\)(\\*+)(`+)", region))
    places: dict[int, list[int]] = {}
    for run in runs:
        places.setdefault(len(run[2]), []).append(run.start(2))
    position = 0
    for run in runs:
        escaped = len(run[1]) % 2
        start, length = run.start(2) + escaped, len(run[2]) - escaped
        closing = places.get(length, ())
        at = bisect_right(closing, start)
        if start >= position and at < len(closing):
            position = closing[at] + length
            yield start, position


def _relink_html(text: str, fill: Fill) -> str:
    """The same in HTML: tag by tag, each where it stands."""
    parts, position = [], 0
    for tag, at, end in _placed_tags(text):
        new = tag.relinked(fill.links)
        if new != tag.written:
            parts += [text[position:at], new]
            position = end
    return "".join([*parts, text[position:]])


def _placed_tags(text: str) -> Iterator[tuple[Tag, int, int]]:
    """The tags of a text, from where to where: searched in order, past code and comments."""
    starts = line_starts(text)
    for token in parse_plain(text):
        if not token.map or token.type not in ("html_block", "inline"):
            continue
        cursor, end = starts[token.map[0]], min(starts[token.map[1]], len(text))
        for each in [token] if token.type == "html_block" else flat(token.children or []):
            if each.type not in ("html_block", "html_inline", "code_inline"):
                continue
            at = text.find(each.content.rstrip("\n"), cursor, end)
            for tag in tags(each.content) if each.type != "code_inline" else ():
                written = r"\n[ \t>]*".join(re.escape(line.lstrip()) for line in tag.written.split("\n"))
                match = re.compile(written).search(text, at + tag.start if at >= 0 else cursor, end)
                if match:
                    yield tag, *match.span()
                    cursor = match.end()
            cursor = max(cursor, at + len(each.content) if at >= 0 else cursor)


def _targets(text: str, references: Mapping[str, Any]) -> Iterator[str]:
    for token in parse_markdown(text, {"references": dict(references)}):
        for child in token.children or []:
            for key in ("href", "src"):
                if key in child.attrs:
                    yield str(child.attrs[key])


def line_starts(text: str) -> list[int]:
    """Return where each line of a text begins, and one behind the last."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


def flat(children: Sequence[Any]) -> Iterator[Any]:
    """Yield tokens in order, and those of an image's text behind it."""
    for child in children:
        yield child
        if child.type == "image":
            yield from flat(child.children or [])
