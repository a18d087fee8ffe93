"""Changes in a pull request: what others wrote is text there, and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from nbrunbook.review import as_markdown
from nbrunbook.review.as_markdown import LONGEST, MARKER
from nbrunbook.review.compare import compare
from tests.comparing import reviewed, side
from tests.making import HOSTILE

STEPS = "## A\n- [ ] Press the button {#press .approval}\n  Look twice.\n- [ ] Mail support {#mail}"
TRAPS = {
    **HOSTILE,
    "mention": "ask @everyone and @team/ops, mail ana@example.org",
    "issue": "closes #12, GH-12, org/repo#12 and 0123456789abcdef",
    "table": "a | b |\n  | --- | --- |\n  c | d",
    "fence": "```\n  @ana #1\n  ~~~~",
    "details": "</details></summary><!-- x",
    "autolink": "https://evil.example www.evil.example <https://evil.example>",
    "emphasis": "**a** __b__ ~~c~~ `d` ``e`` [x](http://a.example) ![y](z.png) [r]: http://q.example",
    "block": "1. one\n  # two\n  > three\n  ---\n  ===",
    "entity": "&lt;b&gt; &#64;ana &commat;ana",
    "backslash": "\\@ana \\#12 \\<b> \\",
}
OURS = {"<strong>", "</strong>", "<del>", "</del>", "<br>", "<span>", "</span>", "<!-- -->"}


def _tokens(markdown: str) -> list[Token]:
    parser = MarkdownIt("commonmark", {"html": True, "linkify": True}).enable(["table", "strikethrough", "linkify"])
    # As on GitHub, where example.org alone is no link.
    parser.linkify.set({"fuzzy_link": False})
    return parser.parse(markdown)


def _check(markdown: str) -> None:
    """Only our own markup is in it: no link, no image, no table, no other HTML, and no name that would ping."""
    allowed = {"heading", "paragraph", "bullet_list", "list_item", "inline", "fence", "html_block"}
    for token in _tokens(markdown):
        assert re.sub(r"_(open|close)$", "", token.type) in allowed, token
        if token.type == "heading_open":
            assert token.tag == "h4"
        if token.type == "html_block":
            lines = token.content.strip().split("\n")
            shape = rf"{MARKER}|</?details>|<details><summary>\d+ lines?</summary>"
            assert all(re.fullmatch(shape, line.strip()) or line.startswith(MARKER) for line in lines), token.content
        for child in token.children or []:
            assert child.type not in ("link_open", "image", "hardbreak", "s_open"), child
            if child.type == "html_inline":
                assert child.content in OURS, child
            if child.type == "text":
                assert not re.search(r"@\w|#\d", child.content), child


@pytest.mark.parametrize("trap", TRAPS)
def test_what_was_written_stays_text(trap: str) -> None:
    """Hostile titles, bodies, attributes, names, texts and code form no markup and mention nobody."""
    text = TRAPS[trap]
    line = text.replace("\n", " ")
    owner = line.replace('"', "")
    hostile = f'## {line}\n{text}\n\n- [ ] Press {line} {{#press}}\n  {text}\n- [ ] {line} {{#new owner="{owner}"}}'
    new = side(hostile, text, label=line, code=f"print({text!r})\n{text}")
    for found in (compare(side(STEPS, code="x"), new), compare(new, side(STEPS, code="y"))):
        shown = as_markdown.show([found])
        assert shown.startswith(f"{MARKER}\n")
        assert len(found.changes) > 3
        _check(shown)


@given(st.text(max_size=60))
def test_any_text_is_shown_as_it_is(text: str) -> None:
    """What is drawn of an escaped text is the text, on one line, and nothing but text."""
    found = _tokens(f"- x: {as_markdown.text(text)}")
    inline = next(token for token in found if token.type == "inline")
    drawn = "".join(child.content for child in inline.children or [] if child.type in ("text", "text_special"))
    wanted = " ".join(f"x: {as_markdown.one_line(as_markdown.visible(text))}".split())
    assert " ".join(drawn.split()) == wanted
    assert {child.content for child in inline.children or [] if child.type == "html_inline"} <= {"<!-- -->"}


def test_the_summary_comes_first_and_riskier_changes_before_others() -> None:
    """One line says how much changed; what takes care away stands above everything else."""
    new = STEPS.replace("Mail", "Write to").replace(" .approval", "")
    shown = as_markdown.show([reviewed(STEPS, new)])
    assert shown.split("\n")[1] == "1 step reworded, 1 changed; **1 change makes this release riskier**"
    assert shown.index("**Riskier**") < shown.index("`press`") < shown.index("**Other changes**")
    assert "<del>Mail</del><strong>Write to</strong> support" in shown


def test_without_a_change_it_says_so() -> None:
    """A comment on a pull request that changes no step is one line."""
    assert as_markdown.show([]) == f"{MARKER}\nNo step changed."


def test_a_long_text_is_folded() -> None:
    """What is long stands in <details>, which is closed again, and the list goes on behind it."""
    body = "\n".join(f"  line {number} of many, with some words more\n" for number in range(30))
    shown = as_markdown.show([reviewed(STEPS, f"{STEPS}\n- [ ] Long {{#long}}\n{body}\n- [ ] Next {{#next}}")])
    assert shown.count("<details>") == shown.count("</details>") == 1
    _check(shown)
    assert "`next`" in shown


@pytest.mark.parametrize("letter", ["x", "@", "<", "line\n  "])
def test_it_fits_into_a_comment(letter: str) -> None:
    """However much changed, there are at most 60,000 characters, and it says how many changes are left out."""
    many = "\n".join(f"- [ ] Step {number} {{#s{number}}}\n  {letter * (900 // len(letter))}" for number in range(120))
    found = reviewed("- [ ] a {#a}", many)
    shown = as_markdown.show([found])
    assert len(shown) <= LONGEST
    left = re.search(r"(\d+) more changes do not fit here", shown)
    assert left is not None
    assert int(left[1]) + len(re.findall(r"^- \w+ (?:added|removed|changed):", shown, re.MULTILINE)) == len(
        found.changes
    )
    assert shown.index("Step removed") < shown.index("Step added")
