"""Editing Markdown source: ids pinned, attributes and comments out, values in.

Each edit leaves the rest to the letter, and the structure as it was.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from nbrunbook.documents import attributes
from nbrunbook.documents.letters import meant
from nbrunbook.documents.markdown.filling import COMMENT, Fill, in_target, moved, shown_tag
from nbrunbook.documents.markdown.html import clean, draw
from nbrunbook.documents.markdown.parser import PLACEHOLDER, normalized, parse_markdown, parse_plain, render
from nbrunbook.documents.markdown.reading import MarkdownDocument, placeholders, read_markdown
from nbrunbook.documents.relinking import flat, line_starts, relinked

FILLABLE = re.compile(r"\{\{|[\[<:]")
"""Where none of these stands there is no {{name}} and no link, and so nothing to put in."""


def pin(document: MarkdownDocument, pins: Mapping[int, str]) -> str:
    """Return the text with `#id` (or `#id .group`) added behind titles.

    `pins` goes by an item's place in `items`; everything else stays to the letter.
    """
    lines = document.text.split("\n")
    for index, more in pins.items():
        item = document.items[index]
        line = lines[item.last_line]
        if item.block:
            at = line.rindex(item.block)
            line = line[:at] + attributes.inserted(item.block, more) + line[at + len(item.block) :]
        else:
            kept = line.rstrip()
            line = f"{kept} {{{more}}}{line[len(kept) :]}"
        lines[item.last_line] = line
    return "\n".join(lines)


def without_blocks(document: MarkdownDocument, ids: Mapping[int, str]) -> str:
    """Return the text, line for line, with all attributes gone but `{#id}` behind steps."""
    lines = document.text.split("\n")
    for heading in document.headings:
        for number in range(heading.line, heading.end) if heading.block else ():
            before, block, after = lines[number].rpartition(heading.block)
            lines[number] = (before.rstrip(" \t") if block else before) + after
    for index, item in enumerate(document.items):
        line = lines[item.last_line]
        if item.block:
            before, _, after = line.rpartition(item.block)
            line = before.rstrip(" \t") + after
        lines[item.last_line] = f"{line.rstrip()} {{#{ids[index]}}}" if index in ids else line
    return "\n".join(lines)


def without_comments(text: str) -> str:
    """Return a text without its HTML comments, with the same structure as before.

    Where a comment parted two blocks, an empty one stays.
    """
    spans = list(_comment_spans(text)) if "<!--" in text else []
    if not spans:
        return text
    emptied = _cut(text, spans, "<!-- -->")
    removed = _cut(text, spans, "")
    return removed if _shape(removed) == _shape(emptied) else emptied


def _comment_spans(text: str) -> Iterator[tuple[int, int]]:
    text = normalized(text)
    starts = line_starts(text)
    for token in parse_plain(text):
        if not token.map or token.type not in ("html_block", "inline"):
            continue
        begin, end = starts[token.map[0]], min(starts[token.map[1]], len(text))
        region = text[begin:end]
        spans = _in_block(region) if token.type == "html_block" else _in_line(region, token.children or [])
        yield from ((begin + first, begin + last) for first, last in spans)


def _in_block(region: str) -> Iterator[tuple[int, int]]:
    for match in COMMENT.finditer(region):
        yield match.start(), match.start() + len(match[0].rstrip("\n"))


def with_shown_tags(text: str) -> str:
    """Return Markdown in which a <version> that nobody knows is text wherever it is shown, in JupyterLab too.

    What cannot be had without changing how the rest is drawn stays as it is.
    """
    made, starts = normalized(text), line_starts(normalized(text)) if "<" in text else []
    places = []
    for token in parse_plain(made) if starts else ():
        if token.type == "inline" and token.map and "<" in token.content:
            begin = starts[token.map[0]]
            region = made[begin : min(starts[token.map[1]], len(made))]
            places += [begin + at for at, _ in _in_line(region, token.children or [], shown_tag)]
    made = "\\".join(made[start:end] for start, end in pairwise([0, *places, len(made)]))
    return made if places and _drawn(made, Fill()) == _drawn(text, Fill()) else text


def _is_comment(content: str) -> bool:
    return content.startswith("<!--")


def _in_line(
    region: str, children: Sequence[Any], wanted: Callable[[str], object] = _is_comment
) -> Iterator[tuple[int, int]]:
    """Where a paragraph's comments stand: searched in order, past its code, and not after a backslash."""
    cursor = 0
    for child in flat(children):
        comment = child.type == "html_inline" and wanted(child.content)
        if comment or child.type == "code_inline":
            words = re.split(r"\s+", child.content) if child.type == "code_inline" else child.content.split("\n")
            between = r"\s+" if child.type == "code_inline" else r"\n[ \t>]*"
            pattern = between.join(re.escape(word) for word in words)
            found = re.compile(rf"(?<!\\){pattern}" if comment else pattern).search(region, cursor)
            if found:
                cursor = found.end()
                if comment:
                    yield found.span()


def _cut(text: str, spans: Sequence[tuple[int, int]], instead: str) -> str:
    """Put `instead` in place of each span; where that is nothing, a line that held no more than spans goes too."""
    text = normalized(text)
    kept: list[str] = []  # from the end on
    rest, blank, ends = len(text), True, True  # where `kept` begins; whether its first line is blank, or empty
    for start, end in reversed(spans):
        between = text[end:rest]
        if between:
            first, more, _ = between.partition("\n")
            blank, ends = not first.strip() and (bool(more) or blank), not first
            kept.append(between)
        rest = start
        if instead:
            kept.append(instead)
            continue
        line = rest
        while line and text[line - 1].isspace() and text[line - 1] != "\n":
            line -= 1
        if blank and text[line - 1 : line] in ("", "\n"):
            rest = line
            _drop_line(kept)
        while ends and rest > line and text[rest - 1] in " \t":
            rest -= 1
    return "".join(reversed([*kept, text[:rest]]))


def _drop_line(kept: list[str]) -> None:
    """Take away the first line of what is kept from the end on."""
    while kept:
        _, more, below = kept.pop().partition("\n")
        if more:
            kept.append(below)
            return


def _shape(text: str) -> str:
    return re.sub(r"\s+", " ", clean(render(parse_markdown(text, {})))).strip()


def fill_source(text: str, fill: Fill) -> str:
    """Return Markdown with values put in as text that cannot become markup.

    The law that it keeps: drawing what it returns gives the same as drawing `text` filled.
    Raises ValueError with the name of the first value for which that cannot be had,
    such as one with backticks inside a code span.
    """
    text, fill = normalized(text), replace(fill, pending=frozenset())
    if not FILLABLE.search(text):
        return text
    contexts = _contexts(text, fill)
    result, position, line = [], 0, ""
    for index, match in enumerate(PLACEHOLDER.finditer(text)):
        between = text[position : match.start()]
        # What stands in front of it in its line; behind another value it is never the first.
        line = between.rpartition("\n")[2] if "\n" in between or not position else "x"
        first = not line.strip(" \t>-*+")
        result.append(between)
        position = match.end()
        value = fill.values.get(meant(match[1], fill.values))
        result.append(match[0] if value is None else _written(value, contexts.get(index, "raw"), first))
    filled = "".join(result) + text[position:]
    rewritten = relinked(filled, fill)
    references = {label: {**link, "href": moved(str(link["href"]), fill)} for label, link in fill.references.items()}
    if _drawn(rewritten, Fill(references=references)) != _drawn(text, fill):
        raise ValueError(_culprit(text, fill))
    return rewritten + _definitions(rewritten, references)


def _definitions(text: str, references: Mapping[str, Any]) -> str:
    """The reference links that a text uses and another cell defines."""
    own = read_markdown(text).references
    missing = [
        f"[{label.lower()}]: <{link['href']}>" + (f' "{link["title"]}"' if link.get("title") else "")
        for label, link in references.items()
        if label not in own and re.search(rf"\[{re.escape(label)}\]", re.sub(r"\s+", " ", text), re.IGNORECASE)
    ]
    return "\n\n" + "\n".join(missing) if missing else ""


def _drawn(text: str, fill: Fill) -> str:
    return re.sub(r"\s+", " ", draw(text, fill))


def _culprit(text: str, fill: Fill) -> str:
    found: list[str] = [meant(name, fill.values) for name in PLACEHOLDER.findall(text)]
    names = [name for name in dict.fromkeys(found) if name in fill.values]
    for name in names[: -1 or None]:
        alone = Fill(values={name: fill.values[name]}, references=fill.references)
        try:
            fill_source(text, alone)
        except ValueError:
            return name
    return names[-1] if names else ""


def _contexts(text: str, fill: Fill) -> dict[int, str]:
    """Return where each placeholder stands, by its place in the source: text, code, link, html."""
    count = iter(range(text.count("{{") + 1))
    numbered = PLACEHOLDER.sub(lambda _: f"{{{{nbr{next(count)}}}}}", text)
    own = read_markdown(text).references
    env: dict[str, Any] = {"references": {name: link for name, link in fill.references.items() if name not in own}}
    tokens = parse_markdown(numbered, env)
    found = {name: context for _, name, context in placeholders(tokens)}
    for label_link in env["references"].values():
        for name in PLACEHOLDER.findall(label_link.get("href", "")):
            found[name] = "link"
    return {int(name[3:]): context for name, context in found.items() if re.fullmatch(r"nbr\d+", name)}


def _written(value: str, context: str, first: bool) -> str:
    if context == "link":
        return in_target(value, first=first)
    if context == "html":
        return html.escape(value)
    if context in ("code", "raw"):
        return value
    escaped = re.sub(r"([\\`*_{}\[\]<>()#+!|~$&\"'^=])", r"\\\1", value)
    escaped = re.sub(r"://", r"\\://", escaped)
    escaped = re.sub(r"^(\s*\d+)\.(?=\s|$)", r"\1\\.", escaped)
    escaped = re.sub(r"^(\s*)-", r"\1\\-", escaped)
    return re.sub(r"^\s|\s$", "&#32;", escaped)
