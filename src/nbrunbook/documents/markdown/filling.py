"""Putting values in: {{name}} in text, code and link targets, each escaped for where it stands."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nbrunbook.documents.letters import meant
from nbrunbook.documents.markdown.parser import PLACEHOLDER, markdown_parser
from nbrunbook.documents.markdown.tags import Tag, rewrite
from nbrunbook.documents.markdown.told import KINDS

if TYPE_CHECKING:
    from markdown_it.token import Token

COMMENT = re.compile(r"<!--(?:>|->|.*?(?:-->|\Z))", re.DOTALL)
TAG = re.compile(r"<(?:/?([A-Za-z][A-Za-z0-9-]*))?")
"""What begins a tag, with its name; a bare < has none, and so have <!DOCTYPE and <?php."""


@dataclass(frozen=True, kw_only=True)
class Fill:
    """What is put in while drawing."""

    values: Mapping[str, str] = field(default_factory=dict)
    """Texts of the {{name}}s; what is not here stays as it stands."""
    pending: frozenset[str] = frozenset()
    """Names whose text only stands for a value that is not given yet: it leads nowhere."""
    references: Mapping[str, Any] = field(default_factory=dict)
    links: Callable[[str], str] = str
    """Rewrites a link's or an image's target."""


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """Return plain text with values in place of {{name}}; unknown names stay."""
    return PLACEHOLDER.sub(lambda match: value_of(match[1], values, match[0]), text)


def value_of(name: str, values: Mapping[str, str], otherwise: str) -> str:
    """Return the value of a {{name}}, however its letters were typed."""
    return values.get(meant(name, values), otherwise)


def fill_tokens(tokens: Sequence[Token], fill: Fill) -> None:
    """Put values into tokens in place: each escaped for where it stands."""
    for token in tokens:
        if token.type in ("fence", "code_block"):
            token.content = fill_text(token.content, fill.values)
        elif token.type in ("html_block", "html_inline"):
            content = rewrite(_known_tags(token.content), lambda tag: _without_pending_target(tag, fill))
            filled = PLACEHOLDER.sub(lambda match: html.escape(value_of(match[1], fill.values, match[0])), content)
            token.content = _relinked(filled, fill)
        elif token.type == "code_inline":
            token.content = fill_text(token.content, fill.values)
        elif token.type == "placeholder":
            token.type, token.tag = "text", ""
            token.content = value_of(token.content, fill.values, "{{" + token.content + "}}")
        elif token.type == "link_open" and token.info == "auto":
            _fill_autolink(token, tokens, fill)
        for key in ("href", "src"):
            if key in token.attrs:
                token.attrs[key] = moved(str(token.attrs[key]), fill)
        if "title" in token.attrs:
            token.attrs["title"] = fill_text(str(token.attrs["title"]), fill.values)
        if token.type == "image":  # its children are what it is called, and no HTML
            for child in token.children or ():
                if child.type == "html_inline":
                    child.type, child.content = "text", fill_text(shown_tag(child.content), fill.values)
        if token.children:
            _without_pending_links(token.children, fill)
            fill_tokens(token.children, fill)


def _known_tags(content: str) -> str:
    """Author's HTML with everything as text that is not a tag that may stay: <version>, <title>, <!DOCTYPE.

    A sanitiser would take it out, and with some, such as <textarea>, all that follows. What is told in its place stays.
    """

    def known(match: re.Match[str]) -> str:
        return match[0] if _is_known(match[1]) else html.escape(match[0])

    return TAG.sub(known, COMMENT.sub("", content))


def _relinked(content: str, fill: Fill) -> str:
    """HTML whose links and images lead where Markdown's own would."""
    return content if fill.links is str else rewrite(content, lambda tag: tag.relinked(fill.links))


def shown_tag(content: str) -> str:
    """Return what a person reads of a tag or a comment inside a line: nothing, or all of a tag that may not stay."""
    without = COMMENT.sub("", content)
    tag = TAG.match(without)
    return "" if tag is None or _is_known(tag[1]) else without


def _is_known(name: str | None) -> bool:
    import nh3

    return bool(name) and str(name).lower() in (nh3.ALLOWED_TAGS | KINDS.keys())


def _without_pending_links(tokens: Sequence[Token], fill: Fill) -> None:
    """Leave of a link or an image whose target is not known yet its words, and behind them what stands for it."""
    opened: tuple[int, str] | None = None
    for at, token in enumerate(tokens):
        if token.type == "link_open" and (said := _pending_target(str(token.attrs.get("href", "")), fill)):
            opened = at, said
        elif token.type == "link_close" and opened:
            begin, said = opened
            words = "".join(_words(each, fill) for each in tokens[begin + 1 : at])
            tokens[begin].type, tokens[begin].content, tokens[begin].attrs = "text", "", {}
            token.type, token.content, opened = "text", "" if words.strip() in (said, said[1:-1]) else f" {said}", None
        elif token.type == "image" and (said := _pending_target(str(token.attrs.get("src", "")), fill)):
            words = f"{fill_text(token.content, fill.values)} {said}".strip()
            token.type, token.content, token.children, token.attrs = "text", words, None, {}
        elif token.type == "text" and opened:  # an address that is its own text
            token.content = fill_text(token.content, fill.values)


def _words(token: Token, fill: Fill) -> str:
    is_name = token.type == "placeholder"
    return value_of(token.content, fill.values, "") if is_name else token.content


def _pending_target(target: str, fill: Fill) -> str:
    """What stands for a target that is not known yet, in brackets; empty for any other one."""
    if not fill.pending or not any(meant(name, fill.values) in fill.pending for name in PLACEHOLDER.findall(target)):
        return ""
    said = fill_text(target, fill.values)
    return said if PLACEHOLDER.fullmatch(target) else f"({said})"


def _without_pending_target(tag: Tag, fill: Fill) -> str:
    """The same of a tag of HTML: what stands for its target, and for a link the tag that its closing one needs."""
    targets = (_pending_target(tag.attributes.get(name, ""), fill) for name in ("href", "src"))
    said = next(filter(None, targets), "")
    return f"{html.escape(said)} {'<a>' if tag.name == 'a' else ''}" if said and not tag.closes else tag.written


def _fill_autolink(token: Token, tokens: Sequence[Token], fill: Fill) -> None:
    shown = tokens[list(tokens).index(token) + 1]
    shown.content = markdown_parser().normalizeLinkText(moved(shown.content, Fill(values=fill.values)))


def moved(target: str, fill: Fill) -> str:
    """Return a link's target with values put in, rewritten for its new place."""

    def value(match: re.Match[str]) -> str:
        name = meant(match[1], fill.values)
        return in_target(fill.values[name], first=match.start() == 0) if name in fill.values else match[0]

    return fill.links(PLACEHOLDER.sub(value, target))


def is_relative(target: str) -> bool:
    """Tell whether a link's target is a path from its file's folder."""
    return bool(target) and not re.match(r"(?i)[a-z][a-z0-9+.-]*:|//|/|#|\?|\{\{", target)


def rebased(target: str, base: str, folder: str) -> str:
    """Return a relative target that led from one folder as it leads from another; both begin at one place."""
    path = posixpath.relpath(posixpath.join(_encoded(base), target), _encoded(folder))
    return path + ("/" if target.endswith("/") else "")


def _encoded(folder: str) -> str:
    return quote(folder, safe="/:@-._~!$*,;")


def in_target(value: str, *, first: bool) -> str:
    """Percent-encode a value for a link's target; at its very beginning it may be a whole URL."""
    return quote(value, safe="/:@-._~!$*,;" + ("?#&=+%" if first else ""))
