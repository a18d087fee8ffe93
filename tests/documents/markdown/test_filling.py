"""Filling: a value stands as text, wherever it is put in."""

from __future__ import annotations

import re

import pytest

from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.html import draw
from nbrunbook.documents.markdown.reading import read_markdown


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("# A {{release}}", "<h1>A 2.10</h1>"),
        ("a {{release}} b", "<p>a 2.10 b</p>"),
        ("`{{release}}`", "<p><code>2.10</code></p>"),
        ("```\n{{release}}\n```", "<pre><code>2.10</code></pre>"),
        ("    {{release}}", "<pre><code>2.10</code></pre>"),
        ("{{markup}}", "<p>*a* &lt;b&gt; &amp;amp; [c](d)</p>"),
        ("`{{markup}}`", "<p><code>*a* &lt;b&gt; &amp;amp; [c](d)</code></p>"),
        ("<b>{{markup}}</b>", "<p><b>*a* &lt;b&gt; &amp;amp; [c](d)</b></p>"),
        ("\\{{release}}", "<p>{{release}}</p>"),
        ("{{ .State }} ${{ github.sha }} {{ steps.x }}", "<p>{{ .State }} ${{ github.sha }} {{ steps.x }}</p>"),
        ("{{ release }} {{{release}}} {{relase}}", "<p>{{ release }} {{{release}}} {{relase}}</p>"),
    ],
)
def test_values_are_put_in_as_text(text: str, drawn: str) -> None:
    """A value stands in prose, headings and code as text, and nothing else in braces is touched."""
    values = {"release": "2.10", "markup": "*a* <b> &amp; [c](d)"}
    assert draw(text, Fill(values=values)).replace("\n", "") == drawn


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("[a]({{url}}/notes)", "https://e.com/x?y=1&z/notes"),
        ("[a](https://f.com/{{part}})", "https://f.com/a%20b%23c%3Fd%26e%22"),
        ("[a]: https://f.com/{{part}}\n\n[a]", "https://f.com/a%20b%23c%3Fd%26e%22"),
        ("<https://f.com/{{release}}>", "https://f.com/2.10"),
        ("See https://f.com/{{release}}/notes.", "https://f.com/2.10/notes"),
        ("See https://f.com/{{release}}", "https://f.com/2.10"),
    ],
)
def test_values_are_percent_encoded_in_a_target(text: str, href: str) -> None:
    """In a link's target a value is encoded; at its very beginning it may be a whole URL."""
    values = {"url": "https://e.com/x?y=1&z", "part": 'a b#c?d&e"', "release": "2.10"}
    drawn = draw(text, Fill(values=values))
    assert re.findall(r'href="([^"]*)"', drawn) == [href.replace("&", "&amp;")]
    assert "{" not in drawn


def test_a_value_cannot_choose_what_a_link_does() -> None:
    """A target that is a value is a web address, or no target at all."""
    for value in ("javascript:alert(1)", "data:text/html,x", "vbscript:x"):
        assert "href" not in draw("[a]({{url}})", Fill(values={"url": value}))


def test_reference_links_come_from_elsewhere() -> None:
    """A link may be defined in another text; a text's own definitions are told."""
    elsewhere = read_markdown("[notes]: https://e.com 'Notes'").references
    assert list(elsewhere) == ["NOTES"]
    drawn = draw("Read the [notes].", Fill(references=elsewhere))
    assert 'href="https://e.com"' in drawn
    assert read_markdown("Read the [notes].", elsewhere).references == {}


def test_links_are_rewritten() -> None:
    """What is given to rewrite targets is asked for links and images."""
    drawn = draw("[a](b.md) ![c](d.png)", Fill(links=lambda target: f"https://e.com/{target}"))
    assert 'href="https://e.com/b.md"' in drawn


PENDING = Fill(values={"board": "(from Board)"}, pending=frozenset({"board"}), links=lambda target: f"base/{target}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the [board]({{board}})", "the board (from Board)"),
        ("the [**big** board][b]\n\n[b]: {{board}}", "the <strong>big</strong> board (from Board)"),
        ("[{{board}}]({{board}})", "(from Board)"),
        ("[log]({{board}}/log)", "log ((from Board)/log)"),
        ("<https://e.com/{{board}}>", "https://e.com/(from Board)"),
        ("![chart]({{board}})", "chart (from Board)"),
        ('<a href="{{board}}">board</a>', "(from Board) <a>board</a>"),
        ('<img src="{{board}}">', "(from Board)"),
    ],
)
def test_what_is_not_known_yet_is_no_target(text: str, words: str) -> None:
    """Until it is given, a value leads nowhere: what stands for it is text."""
    drawn = draw(text, PENDING)
    assert re.sub(r"</?p>| rel=\"[^\"]*\"", "", drawn).strip() == words
    assert "href" not in drawn


def test_a_link_beside_one_that_is_not_known_yet_stays() -> None:
    """Only the target that is not known is none."""
    assert 'href="base/a.md"' in draw("[board]({{board}}), [a](a.md)", PENDING)
