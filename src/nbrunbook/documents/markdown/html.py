"""Drawing Markdown as HTML, with slots for the steps. The door to nh3, which takes out all that runs or loads."""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from nbrunbook.documents.markdown.filling import Fill, fill_tokens
from nbrunbook.documents.markdown.items import Item
from nbrunbook.documents.markdown.parser import parse_markdown, render
from nbrunbook.documents.markdown.told import IMAGE, told
from nbrunbook.errors import visible

if TYPE_CHECKING:
    from markdown_it.token import Token


@dataclass(frozen=True, kw_only=True)
class Slots:
    """What is drawn for each step, by its id; the HTML is ours and goes in as it is."""

    item: Callable[[str], str]
    """Attributes of the list item's tag."""
    box: Callable[[str], str]
    """In front of the title."""
    row: Callable[[str], str]
    """Under the title."""
    below: Callable[[str], str] = lambda _: ""
    """At the end of the item, behind its body and its sub-steps."""


def draw(text: str, fill: Fill, slots: Slots | None = None) -> str:
    """Return sanitised HTML for Markdown; `slots` fills in the steps whose ids are pinned."""
    tokens = parse_markdown(text, {"references": dict(fill.references)}, math=True)
    fill_tokens(tokens, fill)
    if slots is None:
        return visible(clean(render(tokens)))
    nonce = secrets.token_hex(8)
    return _put(visible(clean(render(_with_slots(tokens, nonce)), slots=True)), nonce, slots)


def _slot(nonce: str, kind: str, step_id: str) -> str:
    return f"{nonce}:{kind}:{html.escape(step_id, quote=True)}"


def _with_slots(tokens: Sequence[Token], nonce: str) -> list[Token]:
    from markdown_it.token import Token

    result: list[Token] = []
    opened: list[str] = []
    for token in tokens:
        if token.type == "list_item_close" and (step_id := opened.pop()):
            result.append(_html(f'<div data-slot="{_slot(nonce, "below", step_id)}"></div>'))
        result.append(token)
        item = token.meta.get("item")
        title = token.meta.get("title_of")
        if token.type == "list_item_open":
            opened.append(item.id if isinstance(item, Item) and item.id else "")
        if isinstance(item, Item) and item.id:
            token.attrSet("data-slot", _slot(nonce, "item", item.id))
            if "inline" not in token.meta:
                result += [_html(f'<div data-slot="{_slot(nonce, "row", item.id)}"></div>')]
        if isinstance(title, Item) and title.id:
            box = Token("html_inline", "", 0)
            box.content = f'<span data-slot="{_slot(nonce, "box", title.id)}"></span>'
            row = Token("html_inline", "", 0)
            row.content = f'<span data-slot="{_slot(nonce, "row", title.id)}"></span>'
            token.children = [box, *(token.children or []), row]
    return result


def _html(content: str) -> Token:
    from markdown_it.token import Token

    token = Token("html_block", "", 0)
    token.content = content
    return token


ELEMENT_SLOT = re.compile(r'<(?:span|div) data-slot="([0-9a-f]{16}):(box|row|below):([^"]*)"></(?:span|div)>')
ITEM_SLOT = re.compile(r'data-slot="([0-9a-f]{16}):item:([^"]*)"')


def _put(drawn: str, nonce: str, slots: Slots) -> str:
    """Fill the slots that bear our nonce: what an author wrote in their place stays text."""

    def element(match: re.Match[str]) -> str:
        make = {"box": slots.box, "row": slots.row, "below": slots.below}[match[2]]
        return make(html.unescape(match[3])) if match[1] == nonce else match[0]

    def item(match: re.Match[str]) -> str:
        return slots.item(html.unescape(match[2])) if match[1] == nonce else match[0]

    return ITEM_SLOT.sub(item, ELEMENT_SLOT.sub(element, drawn))


ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "dfn": {"title"},
    "li": {"value"},
    "details": {"open"},
    "code": {"class"},
    "ol": {"start", "type"},
    "td": {"align", "style"},
    "time": {"datetime"},
    "th": {"align", "style"},
    "img": {"src", "alt", "title", "width", "height"},
}
TAGS = {"section", "details", "summary", "tfoot"}
STYLES = {"text-align"}


def clean(drawn: str, *, slots: bool = False) -> str:
    """Return HTML with everything taken out that runs, loads by itself or leaves its place.

    Links stay (https, http, mailto, tel); images stay only as data: URIs. What does not stay is told in its place.
    """
    import nh3

    tags, allowed = nh3.ALLOWED_TAGS | TAGS, {**nh3.ALLOWED_ATTRIBUTES, **ATTRIBUTES}
    if slots:
        for tag in ("li", "span", "div"):
            allowed[tag] = allowed.get(tag, set()) | {"data-slot"}
    return nh3.clean(
        told(drawn, tags, _stays),
        tags=tags,
        attributes=allowed,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "tel", "data"},
        link_rel="noopener noreferrer",
        filter_style_properties=STYLES,
    )


@lru_cache(maxsize=1_000)
def _stays(address: str) -> bool:
    """Whether a link keeps its address: the sanitiser itself is asked."""
    if re.fullmatch(r"(?a)https?://\w[\w-]*(\.\w[\w-]*)*(/[\w./?#&=%~+-]*)?", address):  # most of them
        return True
    import nh3

    link = f'<a href="{html.escape(address)}">x</a>'
    return "href=" in nh3.clean(link, url_schemes={"http", "https", "mailto", "tel"})


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name in ("href", "src", "cite"):
        is_data = re.sub(r"[\x00-\x20]", "", value).lower().startswith("data:")  # as a browser reads it
        if tag == "img":
            return value if IMAGE.match(value) else None
        return None if is_data else value
    return value


class Html(Markup):
    """HTML that is ours or was cleaned; what is formatted or joined into it is escaped unless it is HTML too.

    As `escape` does it: control characters come out as what they are.
    """

    @classmethod
    def escape(cls, value: Any, /) -> Html:
        """Return a text as HTML, and HTML as it is."""
        return cls(_as_html(value))

    def format(self, *values: Any, **named: Any) -> Html:
        """Return this with values put in, escaped as Markup does it, and faster."""
        return Html(str.format(self, *map(_as_html, values), **{name: _as_html(each) for name, each in named.items()}))


def _as_html(value: Any) -> str:
    return value if isinstance(value, Markup) else escape(str(value))


def escape(text: str) -> str:
    """Return text as HTML; characters that would steer a screen are shown as what they are."""
    return html.escape(visible(text))
