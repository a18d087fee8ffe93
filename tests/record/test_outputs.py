"""Outputs: the form that a record shows."""

from __future__ import annotations

from typing import Any

import pytest

from nbrunbook.record import outputs

SCRIPT = "<div id='plot'></div><script>draw()</script>"
PLAIN = "<IPython.core.display.HTML object>"


@pytest.mark.parametrize(
    ("data", "mime", "said"),
    [
        ({"text/html": "<b>x</b>", "image/png": "AAAA"}, "text/html", "<b>x</b>"),
        ({"text/html": SCRIPT, "image/png": "AAAA"}, "text/html", "data:image/png;base64,AAAA"),
        ({"text/html": f"Loading… {SCRIPT}", "image/png": "AA\nAA\n"}, "text/html", "data:image/png;base64,AAAA"),
        ({"text/html": "<iframe src='https://v.com'>", "image/jpeg": "AA"}, "text/html", 'alt="Output"><iframe'),
        ({"text/html": SCRIPT, "image/gif": "AAAA", "text/plain": "p"}, "text/html", "data:image/gif;base64,AAAA"),
        ({"text/html": SCRIPT, "text/plain": PLAIN}, "text/plain", PLAIN),
        ({"text/html": "<style>b{}</style>", "text/markdown": "**m**"}, "text/markdown", "**m**"),
        ({"text/markdown": "<!-- x -->", "text/plain": "p"}, "text/plain", "p"),
        ({"image/svg+xml": ["<svg>", "</svg>"]}, "text/html", "data:image/svg+xml;base64,PHN2Zz48L3N2Zz4="),
        ({"text/latex": "$x$", "text/plain": "p"}, "text/plain", "$x$"),
        ({"application/json": {"a": 1}, "text/plain": "<IPython.core.display.JSON object>"}, "text/plain", '"a": 1'),
        ({"application/javascript": "go()"}, "text/plain", "go()"),
        ({"text/vnd.mermaid": "graph"}, "text/plain", "graph"),
        ({"application/vnd.plotly.v1+json": {}}, "text/plain", "cannot show: application/vnd.plotly.v1+json (2 char"),
        ({"application/pdf": "A"}, "text/plain", "cannot show: application/pdf (1 character)"),
        ({}, "text/plain", "cannot show: empty"),
    ],
)
def test_the_best_form_that_says_something_is_shown(data: dict[str, Any], mime: str, said: str) -> None:
    """HTML that is nothing once cleaned gives way to the next form, and what has none is said in words."""
    shown = outputs.shown({"output_type": "display_data", "data": data, "metadata": {}})["data"]
    assert list(shown) == [mime]
    assert said in shown[mime]


def test_an_error_without_a_traceback_is_told() -> None:
    """As where the kernel died."""
    error = {"output_type": "error", "ename": "DeadKernelError", "evalue": "Kernel died"}
    assert outputs.shown({**error, "traceback": []})["traceback"] == ["DeadKernelError: Kernel died"]
    assert outputs.shown({**error, "traceback": ["\x1b[31mTraceback"]})["traceback"] == ["\x1b[31mTraceback"]


def test_what_was_printed_stays() -> None:
    """On stdout or stderr."""
    printed = {"output_type": "stream", "name": "stderr", "text": "warned"}
    assert outputs.shown(printed) == printed


@pytest.mark.parametrize("odd", ["x", 5, None, ["x"], {}, {"output_type": "error", "traceback": 5}])
def test_what_is_no_output_is_said_in_words(odd: Any) -> None:
    """Whatever a file holds in its place; so is what stands in place of them all."""
    assert "cannot show" in outputs.shown(odd)["data"]["text/plain"]
    assert outputs.all_shown([odd, odd]) == [outputs.shown(odd)] * 2
    assert isinstance(odd, list) or outputs.all_shown(odd) == [outputs.shown(odd)]
