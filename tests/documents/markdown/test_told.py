"""What cannot stay on a page is told in its place."""

from __future__ import annotations

import re
from html import unescape

import pytest

from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.html import clean, draw

DRAWING = '<svg width="9"><title>Two "nodes"</title><text>one</text></svg>'


def _seen(drawn: str) -> str:
    """What a person reads, with the addresses of live links in brackets."""
    linked = re.sub(r'<a href="([^"]*)"[^>]*>(.*?)</a>', r"[\2](\1)", drawn)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", linked)).split())


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("![x](https://e.com/a.png)", "[x (image: https://e.com/a.png)](https://e.com/a.png)"),
        ('<img src="a.png" alt="A">', "[A (image: a.png)](a.png)"),
        ("<IMG SRC=a.png>", "[image: a.png](a.png)"),
        ("[<img src=a.png>](https://t.com)", "[(image: a.png)](https://t.com)"),
        ("![a](attachment:gone.png)", "a (image: attachment:gone.png)"),
        ("[![b](https://i.com)](https://t.com)", "[b (image: https://i.com)](https://t.com)"),
        ("[call](tel:+49123) [mail](mailto:a@b.c)", "[call](tel:+49123) [mail](mailto:a@b.c)"),
        ("[ops](slack://channel?id=3) <vscode://file/x>", "ops (slack://channel?id=3) vscode://file/x"),
        ('<a href="javascript:alert(1)">js</a>', "js (javascript:alert(1))"),
        ('<a href="x:y">never closed', "never closed (x:y)"),
        ("[odd](http://[)", "odd (http://%5B)"),
        ('<video src="https://v.com" controls>or so</video>', "[video: https://v.com](https://v.com) or so"),
        ('<audio src="https://a.com"></audio>x', "[audio: https://a.com](https://a.com) x"),
        ('<video src="https://v.com">or</video>so', "[video: https://v.com](https://v.com) or so"),
        ("see![x](a.png)there, ![y](b.png).", "see [x (image: a.png)](a.png) there, [y (image: b.png)](b.png)."),
        ('<iframe src="https://p.com"> rest', "[page: https://p.com](https://p.com) rest"),
        ('<iframe srcdoc="x"></iframe>', "(page)"),
        ('<object data="https://o.com">or so</object>', "[object: https://o.com](https://o.com) or so"),
        ("~~old~~ <s>a</s> <del>b</del> <ins>c</ins> <mark>d</mark> <kbd>e</kbd>", "old a b c d e"),
        ("$x_1 * y_2 * z$ $$a*b*c \\\\ \\{d\\}$$", "$x_1 * y_2 * z$ $$a*b*c \\\\ \\{d\\}$$"),
        ("from $5 to *10*$", "from $5 to 10$"),
        ("see[^1] :rocket:\n\n[^1]: the note", "see[^1] :rocket: [^1]: the note"),
    ],
)
def test_markdown_that_cannot_stay_is_told(written: str, seen: str) -> None:
    """Its words and its address are there, and whatever may be followed is a link."""
    assert _seen(draw(written, Fill())) == seen


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("<math><mi>x</mi><mo>=</mo></math>", "x="),
        ("<svg><g></svg> rest", "rest"),
        (
            "<img alt=logo>rest <map><area href='https://a.com' alt=A></map>",
            "(image: logo) rest [A (link: https://a.com)](https://a.com)",
        ),
        ("<svg><text>never closed", "never closed"),
        ("<svg width='1'/>rest <a href='x:y'>z</a>", "rest z (x:y)"),
        ('<input type=checkbox checked> <input type=radio> <input value="v">', "☑ ☐ v"),
        ('<input type=hidden value="h"><input type=password value="p">', ""),
        ('<progress value="3" max="10"></progress>', "3 of 10"),
        ("<select><option>a<option>b</select><textarea>t</textarea><my-own>m</my-own>o", "a b t mo"),
        ("<table><tfoot><tr><td>f</td></tr></tfoot></table>", "f"),
        (f'<a href="data:text/csv;base64,{"A" * 99}">csv</a>', f"csv (data:text/csv;base64,{'A' * 38}…)"),
    ],
)
def test_html_that_cannot_stay_leaves_its_words(written: str, seen: str) -> None:
    """A tag that is not allowed is gone, and what it says is not."""
    assert _seen(clean(written)) == seen


def test_a_drawing_becomes_an_image() -> None:
    """As an image it runs nothing and loads nothing, and has its title."""
    drawn = clean(f"{DRAWING} rest")
    assert drawn.startswith('<img alt="Two &quot;nodes&quot;" src="data:image/svg+xml;base64,')
    assert drawn.endswith(" rest")
    assert clean(f"<svg>{DRAWING}</svg>").count("<img") == 1
    assert clean("<svg><text>one</text><text>&lt;two</text></svg>").startswith('<img alt="one &lt;two" ')
    assert "<img" not in clean(f"<!DOCTYPE x [<!ENTITY e 'eee'>]>{DRAWING.replace('one', '&e;')}")


@pytest.mark.parametrize("text", ["<img ", '<a href="x:y">', "<svg>", "</svg>", "<svg><g>", '<img "'])
def test_nothing_of_a_hostile_text_is_live(text: str) -> None:
    """However it is nested or broken off, nothing loads or runs."""
    drawn = clean(text * 500 + "<img src='https://evil.example' onerror='alert(1)'><script>alert(1)</script>")
    assert not re.search(r"(?i)<(script|svg|iframe)|<[^>]*\son|<img(?![^>]*src=\"data:)", drawn)
