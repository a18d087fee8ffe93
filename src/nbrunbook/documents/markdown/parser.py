"""The door to markdown-it-py: CommonMark with what GitHub adds, and {{name}} left whole.

Tables, strikethrough, autolinks and task items: https://github.github.com/gfm/#task-list-items-extension-.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

from nbrunbook.documents.letters import NAME
from nbrunbook.documents.markdown.items import mark_items

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token


PLACEHOLDER = re.compile(rf"(?<![\\{{])\{{\{{({NAME})\}}\}}(?!\}})")
ADDRESS = re.compile(rf"://(?:\{{\{{{NAME}\}}\}}|[^\s<>{{}}\"`|\\^]){{0,2000}}(?:\{{\{{{NAME}\}}\}}|[\w/=#&%~-])")
"""An address may be so long, and no longer: it is looked for behind each :// anew."""
MATH = re.compile(r"\$\$(?=[^$])[^$`]{1,2000}\$\$(?!\$)|\$(?![\s$\d])[^$`\n]{1,500}(?<![\s\\])\$(?![$\w])", re.DOTALL)
"""A formula, by Pandoc's rule (https://pandoc.org/MANUAL.html#math), short and without code in it."""
LONGEST_PARAGRAPH = 10_000
"""Characters of one paragraph, title or table cell; a longer one is shown as it is, without markup.

Some texts take the parser's own rules a time that grows with the square of a paragraph.
"""
LONGEST_SCHEME = 32
"""Characters in front of a :// that may be a scheme; the parser reads all that it was given."""


@cache
def markdown_parser(items: bool = True, math: bool = False) -> MarkdownIt:
    """CommonMark plus what GitHub adds, with {{name}} left whole in text and link targets.

    With `math`, which is for drawing alone, $x_1 * y$ is text to the letter.
    Made once, and only when something is parsed: `status` and `tick` never need it.
    """
    import mdurl
    from markdown_it import MarkdownIt

    class Parser(MarkdownIt):
        def normalizeLink(self, url: str) -> str:  # noqa: N802
            if not PLACEHOLDER.search(url):
                return super().normalizeLink(url)
            parts = re.split(rf"(\{{\{{{NAME}\}}\}})", url)
            return "".join(part if PLACEHOLDER.fullmatch(part) else mdurl.encode(part) for part in parts)

    parser = Parser("commonmark", {"html": True, "linkify": True})
    parser.enable(["table", "strikethrough", "linkify"])
    linkify = cast(Any, parser.linkify)
    linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    linkify.pretest = partial(_may_hold_a_link, linkify.pretest)
    parser.inline.ruler.before("escape", "placeholder", _placeholder)
    parser.inline.ruler.before("linkify", "address", _address)
    parser.inline.ruler.at("linkify", _linkify)
    if math:
        parser.inline.ruler.before("escape", "math", _math)
    if items:
        parser.core.ruler.after("block", "items", mark_items)
    parser.core.ruler.at("inline", _inline)
    return parser


def _inline(state: StateCore) -> None:
    """The parser's own rule, but that a paragraph which is too long is one text."""
    from markdown_it.token import Token

    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = token.children or []
        if len(token.content) > LONGEST_PARAGRAPH:
            token.children = [Token("text", "", 0, content=token.content)]
        else:
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _linkify(state: StateInline, silent: bool) -> bool:
    """The parser's own rule, which reads all the text in front of each address: it gets no more than a scheme."""
    if not state.src.startswith("://", state.pos):
        return False
    from markdown_it.rules_inline import linkify

    if len(state.pending) > LONGEST_SCHEME:
        scheme = state.pending[-LONGEST_SCHEME:]
        state.pending = state.pending[:-LONGEST_SCHEME]
        state.pushPending()  # the parser joins neighbouring texts afterwards
        state.pending = scheme
    return linkify(state, silent)


def _may_hold_a_link(pretest: Callable[[str], bool], text: str) -> bool:
    """What the parser asks of each paragraph: without these a slow search has nothing to find."""
    return len(text) <= LONGEST_PARAGRAPH and (":" in text or "//" in text) and pretest(text)


def _placeholder(state: StateInline, silent: bool) -> bool:
    match = PLACEHOLDER.match(state.src, state.pos)
    if not match:
        return False
    if not silent:
        token = state.push("placeholder", "", 0)
        token.content = match[1]
    state.pos = match.end()
    return True


def _math(state: StateInline, silent: bool) -> bool:
    """A formula, whose backslashes, stars and lines are not Markdown's; JupyterLab takes it out before, too."""
    match = MATH.match(state.src, state.pos)
    if not match or "{{" in match[0] or "](" in match[0] or state.src[state.pos - 1 : state.pos] in ("\\", "$"):
        return False
    if not silent:
        state.push("text", "", 0).content = match[0]
    state.pos = match.end()
    return True


def _address(state: StateInline, silent: bool) -> bool:
    """A bare web address with a {{name}} in it; the parser's own rule would stop at the braces."""
    if state.linkLevel > 0 or not state.src.startswith("://", state.pos):
        return False
    scheme = re.search(r"(?<![A-Za-z0-9+.-])https?$", state.pending[-LONGEST_SCHEME:])
    match = ADDRESS.match(state.src, state.pos) if scheme else None
    if not scheme or not match or not PLACEHOLDER.search(match[0]):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[0])]
        href = state.md.normalizeLink(scheme[0] + match[0])
        opening = state.push("link_open", "a", 1)
        opening.attrs, opening.markup, opening.info = {"href": href}, "linkify", "auto"
        state.push("text", "", 0).content = scheme[0] + match[0]
        closing = state.push("link_close", "a", -1)
        closing.markup, closing.info = "linkify", "auto"
    state.pos = match.end()
    return True


def normalized(text: str) -> str:
    """Return a text with line ends and NUL as CommonMark wants them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def parse_markdown(text: str, env: dict[str, Any] | None = None, *, math: bool = False) -> list[Token]:
    """Return a text's tokens; `env` may bring reference links, and gets those that it defines."""
    return markdown_parser(math=math).parse(normalized(text), {} if env is None else env)


def parse_plain(text: str) -> list[Token]:
    """Return a text's tokens with boxes and attributes left in place."""
    return markdown_parser(items=False).parse(normalized(text), {})


def read_target(written: str) -> str:
    """Return a link's target, as it stands in the source, as its token has it."""
    from markdown_it.common.utils import unescapeAll

    return markdown_parser().normalizeLink(unescapeAll(written))


def render(tokens: Sequence[Token]) -> str:
    """Return tokens as HTML that is not sanitised."""
    parser = markdown_parser()
    return str(parser.renderer.render(tokens, parser.options, {}))
