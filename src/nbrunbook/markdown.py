"""The door to markdown-it-py and nh3: read checklists out of Markdown, and draw Markdown as HTML.

The Markdown is CommonMark with GitHub's tables, strikethrough, autolinks and task items
(https://github.github.com/gfm/#task-list-items-extension-).
"""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from nbrunbook import attributes
from nbrunbook.attributes import Attributes
from nbrunbook.errors import visible

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

PLACEHOLDER = re.compile(r"(?<![\\{])\{\{([A-Za-z_]\w*)\}\}(?!\})")
ADDRESS = re.compile(r"://(?:\{\{[A-Za-z_]\w*\}\}|[^\s<>{}\"`|\\^])*(?:\{\{[A-Za-z_]\w*\}\}|[\w/=#&%~-])")
BOX = re.compile(r"\[([ xX])\](?:\s+|$)")
BOX_LIKE = re.compile(r"(?:^[ \t>]*[-*+]?|(?:[-*+]|\d{1,9}[.)]|\#{1,6}|\|)[ \t]+)(\[ \]|\[[xX]?\](?![(\[:\w]))")
"""Whatever looks like a box to a person: after a list marker or at the start of a line."""
DEFINITION_LIKE = re.compile(r"^[ \t>*+.)\d-]*\[[^\]]+\]:", re.MULTILINE)
"""Where none of these stands no reference link is defined; a list's or a quotation's marks may be in front."""


@cache
def _parser(items: bool = True) -> MarkdownIt:
    """CommonMark plus what GitHub adds, with {{name}} left whole in text and link targets.

    Made once, and only when something is parsed: `status` and `tick` never need it.
    """
    import mdurl
    from markdown_it import MarkdownIt

    class Parser(MarkdownIt):
        def normalizeLink(self, url: str) -> str:  # noqa: N802
            if not PLACEHOLDER.search(url):
                return super().normalizeLink(url)
            parts = re.split(r"(\{\{[A-Za-z_]\w*\}\})", url)
            return "".join(part if PLACEHOLDER.fullmatch(part) else mdurl.encode(part) for part in parts)

    parser = Parser("commonmark", {"html": True, "linkify": True})
    parser.enable(["table", "strikethrough", "linkify"])
    linkify = cast(Any, parser.linkify)
    linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    linkify.pretest = partial(_may_hold_a_link, linkify.pretest)
    parser.inline.ruler.before("escape", "placeholder", _placeholder)
    parser.inline.ruler.before("linkify", "address", _address)
    if items:
        parser.core.ruler.after("block", "items", _mark_items)
    return parser


def _may_hold_a_link(pretest: Callable[[str], bool], text: str) -> bool:
    """What the parser asks of each paragraph: without these a slow search has nothing to find."""
    return (":" in text or "//" in text) and pretest(text)


def _placeholder(state: StateInline, silent: bool) -> bool:
    match = PLACEHOLDER.match(state.src, state.pos)
    if not match:
        return False
    if not silent:
        token = state.push("placeholder", "", 0)
        token.content = match[1]
    state.pos = match.end()
    return True


def _address(state: StateInline, silent: bool) -> bool:
    """A bare web address with a {{name}} in it; the parser's own rule would stop at the braces."""
    match = ADDRESS.match(state.src, state.pos)
    scheme = re.search(r"(?<![A-Za-z0-9+.-])https?$", state.pending) if match else None
    if state.linkLevel > 0 or not scheme or not match or not PLACEHOLDER.search(match[0]):
        return False
    if not silent:
        state.pending = state.pending[: scheme.start()]
        href = state.md.normalizeLink(scheme[0] + match[0])
        opening = state.push("link_open", "a", 1)
        opening.attrs, opening.markup, opening.info = {"href": href}, "linkify", "auto"
        state.push("text", "", 0).content = scheme[0] + match[0]
        closing = state.push("link_close", "a", -1)
        closing.markup, closing.info = "linkify", "auto"
    state.pos = match.end()
    return True


@dataclass(kw_only=True, eq=False)
class Item:
    """A list item that is a step, or a plain bullet over steps."""

    line: int
    """The line of its marker, counted from 0 in the text."""
    last_line: int
    """The title's last line, where attributes stand."""
    box: bool
    ticked: bool = False
    title: str = ""
    """Plain text, with {{name}} as it stands."""
    lead: str = ""
    """The bold text that it begins with, if any."""
    block: str = ""
    attributes: Attributes | None = None
    parent: Item | None = None
    quoted: bool = False
    """Whether it stands in a block quotation."""
    end: int = 0
    """The line after it and all that it holds."""
    body: str = ""
    """What is indented under the title up to the first sub-step, as it stands in the source."""

    @property
    def id(self) -> str | None:
        """The pinned id."""
        return self.attributes.id if self.attributes else None


@dataclass(kw_only=True, eq=False)
class Heading:
    """A heading of the text itself, not one in a list or a quotation."""

    level: int
    title: str
    line: int
    end: int
    """The line after it."""
    block: str = ""
    attributes: Attributes | None = None


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """Something that looks like a box to a person and is none to Markdown."""

    line: int
    text: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Document:
    """A Markdown text as read."""

    text: str
    tokens: Sequence[Token]
    headings: Sequence[Heading]
    items: Sequence[Item]
    unseen: Sequence[Unseen]
    near_blocks: Sequence[tuple[int, str]]
    """Lines of titles and bullets whose braces look like attributes and are text."""
    placeholders: Sequence[tuple[int, str, str]]
    """(line, name, context): context is text, code, link or html."""
    links: Sequence[tuple[int, str]] = ()
    """(line, target) of links."""
    references: Mapping[str, Any] = field(default_factory=dict)
    """The reference links that it defines: label -> {title, href}."""


def normal(text: str) -> str:
    """Return a text with line ends and NUL as CommonMark wants them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def parse(text: str, env: dict[str, Any] | None = None) -> list[Token]:
    """Return a text's tokens; `env` may bring reference links, and gets those that it defines."""
    return _parser().parse(normal(text), {} if env is None else env)


def parse_plain(text: str) -> list[Token]:
    """Return a text's tokens with boxes and attributes left in place."""
    return _parser(items=False).parse(normal(text), {})


def read(text: str, references: Mapping[str, Any] | None = None) -> Document:
    """Return what a Markdown text holds; `references` are links defined elsewhere."""
    text = normal(text)
    env: dict[str, Any] = {"references": dict(references or {})}
    tokens = parse(text, env)
    _finish_titles(tokens)
    items = [token.meta["item"] for token in tokens if "item" in token.meta]
    _add_bodies(tokens, text)
    headings = [token.meta["heading"] for token in tokens if "heading" in token.meta]
    own = {label: link for label, link in env["references"].items() if label not in (references or {})}
    return Document(
        text=text,
        tokens=tokens,
        headings=headings,
        items=items,
        unseen=list(_unseen(text, tokens, items)),
        near_blocks=list(_near_blocks(tokens)),
        placeholders=list(placeholders(tokens)),
        links=[(line, str(child.attrs["href"])) for line, child in _inline(tokens) if child.type == "link_open"],
        references=own,
    )


def definitions(text: str) -> dict[str, Any]:
    """Return the reference links that a text defines: label -> {title, href}."""
    env: dict[str, Any] = {"references": {}}
    if "]:" in text and DEFINITION_LIKE.search(text):
        parse(text, env)
    return dict(env["references"])


# Reading: a core rule between block and inline parsing takes boxes and attributes off the titles.


def _mark_items(state: StateCore) -> None:
    tokens = state.tokens
    stack: list[tuple[Token, Item | None]] = []
    quotes = 0
    for index, token in enumerate(tokens):
        if token.type == "list_item_open":
            stack.append((token, _raw_item(tokens, index, quotes > 0)))
        elif token.type == "list_item_close":
            stack.pop()
        elif token.type in ("blockquote_open", "blockquote_close"):
            quotes += token.nesting
        elif token.type == "heading_open" and token.level == 0:
            _mark_heading(token, tokens[index + 1])
        if token.type == "list_item_open" and stack[-1][1] and stack[-1][1].box:
            _keep(stack)
    state.tokens = list(_parted(tokens))


def _raw_item(tokens: list[Token], index: int, quoted: bool) -> Item | None:
    opening, lines = tokens[index], tokens[index].map or [0, 0]
    if index + 2 >= len(tokens) or tokens[index + 1].type != "paragraph_open":
        return None
    inline = tokens[index + 2]
    box = BOX.match(inline.content)
    split = attributes.split(inline.content[box.end() :] if box else inline.content)
    paragraph = inline.map or lines
    item = Item(
        line=lines[0],
        last_line=paragraph[1] - 1 - (split.rest.count("\n") + 1 if split.rest else 0),
        box=bool(box),
        ticked=bool(box and box[1] in "xX"),
        block=split.block,
        attributes=split.attributes,
        quoted=quoted,
    )
    following = tokens[index + 4] if index + 4 < len(tokens) else None
    if box and not split.text:
        if following is None or following.type not in ("fence", "code_block"):
            item.box = False
            return item
        code = following.content.strip().splitlines()
        item.title = code[0].strip() if code else ""
    opening.meta["inline"], opening.meta["split"] = inline, split
    return item


def _keep(stack: list[tuple[Token, Item | None]]) -> None:
    parent: Item | None = None
    for token, item in stack:
        if item is None:
            continue
        if "item" not in token.meta:
            item.parent = parent
            token.meta["item"] = item
            if "inline" in token.meta:
                inline = token.meta["inline"]
                inline.meta["title_of"] = item
                inline.content = token.meta["split"].text
                inline.meta["rest"] = token.meta["split"].rest
        parent = item


def _parted(tokens: Sequence[Token]) -> Iterator[Token]:
    """Give the lines under a title's attributes a paragraph of their own."""
    from markdown_it.token import Token

    rest: Token | None = None
    for token in tokens:
        yield token
        if token.type == "inline" and token.meta.get("rest"):
            rest = token
        elif token.type == "paragraph_close" and rest is not None:
            opening = Token("paragraph_open", "p", 1, level=token.level, block=True)
            inline = Token("inline", "", 0, level=rest.level, block=True)
            inline.content, inline.children = rest.meta["rest"], []
            end = (rest.map or [0, 0])[1]
            inline.map = opening.map = [end - inline.content.count("\n") - 1, end]
            yield from (opening, inline, Token("paragraph_close", "p", -1, level=token.level))
            rest = None


def _mark_heading(token: Token, inline: Token) -> None:
    lines = token.map or [0, 1]
    split = attributes.split(inline.content)
    if split.attributes and not split.text:
        split = attributes.Split(text=inline.content)
    heading = Heading(
        level=int(token.tag[1]),
        title="",
        line=lines[0],
        end=lines[1],
        block=split.block,
        attributes=split.attributes,
    )
    token.meta["heading"] = heading
    inline.meta["title_of"] = heading
    inline.content = split.text


def _finish_titles(tokens: Sequence[Token]) -> None:
    for token in tokens:
        owner = token.meta.get("title_of")
        if owner is not None:
            owner.title = plain(token.children or []) or owner.title
            if isinstance(owner, Item):
                owner.lead = _lead(token.children or [])


def plain(children: Sequence[Token]) -> str:
    """Return the text of inline tokens, with {{name}} as it stands, on one line."""
    parts = []
    for token in children:
        if token.type == "placeholder":
            parts.append("{{" + token.content + "}}")
        elif token.type in ("text", "code_inline", "text_special"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif token.type == "image":
            parts.append(plain(token.children or []))
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def _lead(children: Sequence[Token]) -> str:
    shown = [token for token in children if token.type != "text" or token.content.strip()]
    if not shown or shown[0].type != "strong_open":
        return ""
    end = next((i for i, token in enumerate(shown) if token.type == "strong_close"), 0)
    return plain(shown[1:end]).rstrip(":")


def _add_bodies(tokens: Sequence[Token], text: str) -> None:
    lines = text.split("\n")
    opened = [(token.meta["item"], token.map or [0, 0]) for token in tokens if "item" in token.meta]
    nested: dict[int, int] = {}
    for item, where in opened:
        nested.setdefault(id(item.parent), where[0])
    for item, (_, end) in opened:
        item.end = end
        stop = min(nested.get(id(item), end), end)
        item.body = "\n".join(lines[item.last_line + 1 : stop]).strip("\n")


def _unseen(text: str, tokens: Sequence[Token], items: Sequence[Item]) -> Iterator[Unseen]:
    seen: dict[int, int] = {}
    for item in items:
        if item.box:
            seen[item.line] = seen.get(item.line, 0) + 1
    where = _regions(tokens)
    for number, line in enumerate(text.split("\n")):
        matches = list(BOX_LIKE.finditer(line)) if "[" in line else []
        region = where.get(number, "")
        if region == "fence":
            matches = [match for match in matches if match[1] != "[]"]
        for match in matches[seen.get(number, 0) :]:
            yield Unseen(line=number, text=line.strip(), why=_why(region, match, line))


def _regions(tokens: Sequence[Token]) -> dict[int, str]:
    found = {}
    for token in tokens:
        if token.type in ("html_block", "fence", "code_block") and token.map:
            kind = token.type
            if kind == "html_block" and "<!--" not in token.content:
                kind = "html"
            found.update(dict.fromkeys(range(*token.map), kind))
    return found


def _why(region: str, match: re.Match[str], line: str) -> str:
    if region == "html_block" or "<!--" in line[: match.start(1)]:
        return "it is inside a comment"
    if region == "html":
        return "it is inside HTML"
    if region == "fence":
        return "it is inside a code block"
    if region == "code_block":
        return "it is indented so far that it is a code block"
    if match[1] == "[]":
        return "[] has no space between the brackets"
    if not re.match(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])", line):
        return "it has no list marker in front"
    if not line[match.end(1) :].strip():
        return "nothing stands behind it"
    return "it is not at the beginning of a list item"


def _near_blocks(tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
    for index, token in enumerate(tokens):
        if token.type != "inline" or index == 0:
            continue
        owner = token.meta.get("title_of")
        in_list = index > 1 and tokens[index - 2].type == "list_item_open"
        is_heading = tokens[index - 1].type == "heading_open"
        if owner is None and not in_list and not is_heading:
            continue
        looks = attributes.looks_like_a_block(token.content)
        if looks and not (looks.startswith("{{")):
            yield (token.map or [0, 1])[1] - 1, looks


def placeholders(tokens: Sequence[Token]) -> Iterator[tuple[int, str, str]]:
    """Yield (line, name, context) for each {{name}} in some tokens; see `Document`."""
    for token in tokens:
        line = (token.map or [0])[0]
        if token.type in ("fence", "code_block", "html_block"):
            context = "html" if token.type == "html_block" else "code"
            line += token.type == "fence"
            for match in PLACEHOLDER.finditer(token.content):
                yield line + token.content[: match.start()].count("\n"), match[1], context
    for line, child in _inline(tokens):
        if child.type == "placeholder":
            yield line, child.content, "text"
        elif child.type in ("code_inline", "html_inline"):
            context = "code" if child.type == "code_inline" else "html"
            for name in PLACEHOLDER.findall(child.content):
                yield line, name, context
        for key, context in (("href", "link"), ("src", "link"), ("title", "text")):
            for name in PLACEHOLDER.findall(str(child.attrs.get(key, ""))):
                yield line, name, context


def _inline(tokens: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """What stands in lines of text, with its line."""
    for token in tokens:
        line = (token.map or [0])[0]
        for child in token.children or ():
            line += child.type in ("softbreak", "hardbreak")
            yield line, child


@dataclass(frozen=True, kw_only=True)
class Fill:
    """What is put in while drawing."""

    values: Mapping[str, str] = field(default_factory=dict)
    """Texts of the {{name}}s; what is not here stays as it stands."""
    references: Mapping[str, Any] = field(default_factory=dict)
    links: Callable[[str], str] = str
    """Rewrites a link's or an image's target."""


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """Return plain text with values in place of {{name}}; unknown names stay."""
    return PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)


# Drawing.


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
    tokens = parse(text, {"references": dict(fill.references)})
    _fill_tokens(tokens, fill)
    if slots is None:
        return visible(clean(render(tokens)))
    nonce = secrets.token_hex(8)
    return _put(visible(clean(render(_with_slots(tokens, nonce)), slots=True)), nonce, slots)


def render(tokens: Sequence[Token]) -> str:
    """Return tokens as HTML that is not sanitised."""
    parser = _parser()
    return str(parser.renderer.render(tokens, parser.options, {}))


def _fill_tokens(tokens: Sequence[Token], fill: Fill) -> None:
    for token in tokens:
        if token.type in ("fence", "code_block"):
            token.content = fill_text(token.content, fill.values)
        elif token.type in ("html_block", "html_inline"):
            token.content = PLACEHOLDER.sub(
                lambda match: html.escape(fill.values.get(match[1], match[0])), _known_tags(token.content)
            )
        elif token.type == "code_inline":
            token.content = fill_text(token.content, fill.values)
        elif token.type == "placeholder":
            token.type, token.tag = "text", ""
            token.content = fill.values.get(token.content, "{{" + token.content + "}}")
        elif token.type == "link_open" and token.info == "auto":
            _fill_autolink(token, tokens, fill)
        for key in ("href", "src"):
            if key in token.attrs:
                token.attrs[key] = moved(str(token.attrs[key]), fill)
        if "title" in token.attrs:
            token.attrs["title"] = fill_text(str(token.attrs["title"]), fill.values)
        if token.children:
            _fill_tokens(token.children, fill)


def _known_tags(content: str) -> str:
    """Author's HTML with everything as text that is not a tag that may stay: <version>, <title>, <!DOCTYPE.

    A sanitiser would take it out, and with some, such as <textarea>, all that follows.
    """
    import nh3

    def known(match: re.Match[str]) -> str:
        return match[0] if match[1] and match[1].lower() in nh3.ALLOWED_TAGS else html.escape(match[0])

    content = re.sub(r"<!--(?:>|->|.*?(?:-->|\Z))", "", content, flags=re.DOTALL)
    return re.sub(r"<(?:/?([A-Za-z][A-Za-z0-9-]*))?", known, content)


def _fill_autolink(token: Token, tokens: Sequence[Token], fill: Fill) -> None:
    shown = tokens[list(tokens).index(token) + 1]
    shown.content = _parser().normalizeLinkText(moved(shown.content, Fill(values=fill.values)))


def moved(target: str, fill: Fill) -> str:
    """Return a link's target with values put in, rewritten for its new place."""
    filled = PLACEHOLDER.sub(
        lambda match: (
            in_target(fill.values[match[1]], first=match.start() == 0) if match[1] in fill.values else match[0]
        ),
        target,
    )
    return fill.links(filled)


def is_relative(target: str) -> bool:
    """Tell whether a link's target is a path from its file's folder."""
    return bool(target) and not re.match(r"(?i)[a-z][a-z0-9+.-]*:|//|/|#|\?|\{\{", target)


def in_target(value: str, *, first: bool) -> str:
    """Percent-encode a value for a link's target; at its very beginning it may be a whole URL."""
    return quote(value, safe="/:@-._~!$*,;" + ("?#&=+%" if first else ""))


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
    "code": {"class"},
    "ol": {"start", "type"},
    "td": {"align", "style"},
    "th": {"align", "style"},
    "img": {"src", "alt", "title", "width", "height"},
}
STYLES = {"text-align"}


def clean(drawn: str, *, slots: bool = False) -> str:
    """Return HTML with everything taken out that runs, loads by itself or leaves its place.

    Links stay (https, http, mailto); images stay only as data: URIs.
    """
    import nh3

    allowed = {**nh3.ALLOWED_ATTRIBUTES, **ATTRIBUTES}
    if slots:
        for tag in ("li", "span", "div"):
            allowed[tag] = allowed.get(tag, set()) | {"data-slot"}
    return nh3.clean(
        drawn,
        tags=nh3.ALLOWED_TAGS | {"section", "details", "summary"},
        attributes=allowed,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
        filter_style_properties=STYLES,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name in ("href", "src"):
        is_data = value.strip().lower().startswith("data:")
        if tag == "img":
            good = re.match(r"(?i)data:image/(png|jpe?g|gif|webp|svg\+xml)[;,]", value.strip())
            return value if good else None
        return None if is_data else value
    return value


def escape(text: str) -> str:
    """Return text as HTML; characters that would steer a screen are shown as what they are."""
    return html.escape(visible(text))
