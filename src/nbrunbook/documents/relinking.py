"""Links in Markdown source, rewritten where they stand; the rest stays to the letter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.parser import parse_markdown, parse_plain
from nbrunbook.documents.markdown.tags import Tag, tags


def relinked(text: str, fill: Fill) -> str:
    """Return a text whose links and images lead where `fill.links` says, in Markdown and in HTML."""

    def moved(match: re.Match[str]) -> str:
        return match[1] + fill.links(match[2]) + match[3]

    if fill.links is str:
        return text
    targets = {target for target in _targets(text, fill) if fill.links(target) != target}
    for target in sorted(targets, key=len, reverse=True):
        pattern = rf"(\]\(\s*<?|^\s*\[[^\]]+\]:\s*<?)({re.escape(target)})([>\s)]|$)"
        text = re.sub(pattern, moved, text, flags=re.MULTILINE)
    return _relink_html(text, fill)


def _relink_html(text: str, fill: Fill) -> str:
    """The same in HTML: tag by tag, each where it stands."""
    parts, position = [], 0
    for tag, at, end in _placed_tags(text):
        new = {name: fill.links(tag.attributes[name]) for name in ("href", "src") if name in tag.attributes}
        if any(tag.attributes[name] != new[name] for name in new):
            parts += [text[position:at], tag.with_attributes(**new)]
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


def _targets(text: str, fill: Fill) -> Iterator[str]:
    for token in parse_markdown(text, {"references": dict(fill.references)}):
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
