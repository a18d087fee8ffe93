"""Drawing: nothing runs, loads or poses as ours, and each step has its box once."""

from __future__ import annotations

import re

import pytest

from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.html import Html, Slots, draw, escape
from tests.making import HOSTILE


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<iframe src='https://e.com'></iframe>",
        "[a](javascript:alert(1))", "<a href='javascript:alert(1)'>a</a>", "<form action='/x'><input></form>",
        "![a](https://e.com/pixel.png)", "<style>*{display:none}</style>", "<b style='position:fixed'>a</b>",
        "<svg onload=alert(1)>", "<b onclick=alert(1)>a</b>", "<link rel=stylesheet href=//e.com>",
        "<meta http-equiv=refresh>", "![a](data:text/html,x)", "<a href='data:text/html,x'>a</a>",
        "<b data-slot='x'>a</b>", "<b id='x' class='nbr'>a</b>",
    ],
)  # fmt: skip
def test_what_runs_or_loads_is_taken_out(text: str) -> None:
    """Nothing in what is drawn runs, loads by itself, leaves its place, or looks like ours."""
    tags = " ".join(re.findall(r"<[^>]*>", draw(text, Fill()).lower()))
    bad = r"<(script|iframe|form|input|style|svg|link|meta)|\son\w+=|script:|src=|data:|fixed|data-slot|class=|\sid="
    assert not re.search(bad, tags)


def test_a_pinned_step_gets_its_slots() -> None:
    """Each pinned step gets a box before its title and a row behind it; what an author wrote cannot pose as one."""
    slots = Slots(item=lambda step: f'id="{step}"', box=lambda step: f"({step}:", row=lambda step: f":{step})")
    drawn = draw("- [ ] a {#a}\n- b {#b}\n  - [ ] c {#c}\n\n<span data-slot='x:box:d'></span>", Fill(), slots)
    assert re.findall(r"\(\w+:|:\w+\)", drawn) == ["(a:", ":a)", "(b:", ":b)", "(c:", ":c)"]
    assert re.findall(r'<li id="(\w)"', drawn) == ["a", "b", "c"]


def test_a_step_that_is_a_code_block_has_its_box_once() -> None:
    """A step without a title line has its box, and its code, once."""
    slots = Slots(item=lambda step: "", box=lambda step: "BOX", row=lambda step: "ROW")
    drawn = draw("- [ ] {#make}\n\n  ```\n  make\n  ```", Fill(), slots)
    assert [drawn.count(word) for word in ("BOX", "ROW", "make")] == [1, 1, 1]


def test_text_is_shown_as_what_it_is() -> None:
    """Characters that would steer a screen are shown as codes, and markup as text."""
    assert escape("<b>\x1b[31m\u202e") == "&lt;b&gt;␛[31m⟨U+202E⟩"


@pytest.mark.parametrize("text", [*HOSTILE.values(), "'", "{0}"])
def test_a_text_is_escaped_as_it_is_put_in(text: str) -> None:
    """By position, by name, and joined: what is no HTML comes out as text, control characters as what they are."""
    assert Html("<p>{}</p>").format(text) == f"<p>{escape(text)}</p>"
    assert Html("<p>{text}</p>").format(text=text) == f"<p>{escape(text)}</p>"
    assert Html("<br>").join([text, text]) == f"{escape(text)}<br>{escape(text)}"


def test_html_is_not_escaped_again() -> None:
    """What was made of HTML goes into other HTML as it is."""
    made = Html("<b>{}</b>").format("<")
    assert Html("<p>{}{}</p>").format(made, 1) == "<p><b>&lt;</b>1</p>"
    assert type(made) is Html
