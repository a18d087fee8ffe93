"""Drawn Markdown as plain text: all that a page shows, nothing wrapped, code to the letter."""

from __future__ import annotations

import pytest

from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.html import draw
from nbrunbook.documents.markdown.text import plain_text
from tests.making import HOSTILE


def read(text: str) -> str:
    """Return Markdown as it is read in a terminal."""
    return "\n".join(plain_text(draw(text, Fill(links=str))))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one\ntwo *three* **four** <kbd>X</kbd>", "one two three four X"),
        ("one  \ntwo<br>three", "one\ntwo\nthree"),
        ("a\n\nb", "a\n\nb"),
        ("a ~~b~~ <del>c</del>", "a ~~b~~ ~~c~~"),
        ("run `a  b` and `` x`y ``", "run `a  b` and ``x`y``"),
        ("[here](https://x.example/a?b=1&c)", "here <https://x.example/a?b=1&c>"),
        ("<https://x.example> https://y.example", "https://x.example https://y.example"),
        ("<a@x.example> [Ann](mailto:a@x.example)", "a@x.example Ann <mailto:a@x.example>"),
        ("[`code`](a.md) [](b.md)", "`code` <a.md> <b.md>"),
        ("![a shot](s.png) ![](t.png)", "a shot (image: s.png) image: t.png"),
        ("- a\n- b\n  - c\n\n    d\n\n1. e\n2. f", "- a\n- b\n  - c\n\n    d\n\n1. e\n2. f"),
        ("7) a\n8) b\n\n- - x\n-\n- y", "7. a\n8. b\n\n- - x\n-\n- y"),
        ("> a\n> b\n>\n> - c\n\nd", "> a b\n\n> - c\n\nd"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n\nx", "| a | b |\n| 1 | 2 |\n\nx"),
        ("# A\nb\n## C\n\n---\nd", "A\n\nb\n\nC\n\n---\nd"),
        ("<details><summary>More</summary>\n\ntext\n</details>", "More\ntext"),
        ("a <!-- not for operators --> b<script>alert(1)</script>", "a b<script>alert(1)</script>"),
        ("&lt;b&gt; &amp; \\<i\\> x < y", "<b> & <i> x < y"),
    ],
)
def test_what_a_page_shows_is_read(text: str, shown: str) -> None:
    """Paragraphs, lists, quotations, tables and headings; links with their targets, once."""
    assert read(text) == shown


@pytest.mark.parametrize(("start", "number"), [("²", 1), ("a", 1), ("9" * 5000, 1), ("-3", -3), ("٣", 1), ("07", 7)])
def test_a_list_begins_with_its_number(start: str, number: int) -> None:
    """As a browser counts it; with 1 where it is none."""
    assert read(f'<ol start="{start}"><li>x</li></ol>') == f"{number}. x"


@pytest.mark.parametrize("front", ["", "1. x\n", "- a\n  - b\n", "> c\n"])
def test_code_is_to_be_copied(front: str) -> None:
    """Between fences, from the first column on, however deep it stands: each line as it was written."""
    code = "cat <<EOF\n    indented\tüñ  \n\n- [ ] <b> & {{x}}\nEOF"
    indent = {"": "", "1. x\n": "   ", "- a\n  - b\n": "    ", "> c\n": "> "}[front]
    block = "\n".join(f"{indent}{line}" for line in f"```sh\n{code}\n```".split("\n"))
    assert f"\n\n```sh\n{code}\n```" in f"\n\n{read(f'{front}{indent.rstrip()}{chr(10)}{block}')}"


def test_a_fence_is_longer_than_what_it_holds() -> None:
    """As in Markdown itself; indented code has one too."""
    assert read("````\n```\n````") == "````\n```\n````"
    assert read("a\n\n    b\n      c\n\nd") == "a\n\n```\nb\n  c\n```\n\nd"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_steers_the_terminal(text: str) -> None:
    """Control and direction characters come out as what they are, in text and in code."""
    shown = read(f"{text}\n\n```\n{text}\n```\n\n[x](https://x.example)")
    assert not {"\x1b", "\u202e", "\x9b", "\r", "\0", "\1"} & set(shown)


def test_no_author_writes_lines_of_ours() -> None:
    """What looks like our own elements is text: nobody can draw a step that is none."""
    assert read('<ul><li data-step="x">a</li></ul>\n\n<nbr-said>b</nbr-said>') == "- a\n\n<nbr-said>b</nbr-said>"
    assert read("<nbr-beside>[x] c</nbr-beside>") == "<nbr-beside>[x] c</nbr-beside>"


def test_it_takes_time_by_its_length() -> None:
    """Whatever is written."""
    for text in ("[a](b " * 3000, "<a href='x'>" * 3000, "- " * 3000, "`" * 9000, "<!-- " * 3000, "| a " * 3000):
        assert len(read(text)) < 2_000_000
