"""Telling: the first line of a change and what follows, before a terminal or Markdown dresses it."""

from __future__ import annotations

import pytest

from nbrunbook.review import telling
from nbrunbook.review.changes import Change, Edit
from nbrunbook.review.risks import RISKS
from nbrunbook.review.text_diff import Span


def _change(*edits: Edit, subject: str = "step", kind: str = "changed", **more: object) -> Change:
    return Change(subject=subject, kind=kind, id="mail", title="Mail", edits=edits, **more)  # type: ignore[arg-type]


def _said(edit: Edit) -> tuple[str, str]:
    (line,) = telling.lines(_change(edit))
    marks = {"added": "+", "removed": "-", "same": ""}
    return line.label, "".join(f"{marks[span.kind]}{span.text}" for span in line.spans)


def test_the_first_line_says_what_it_is_about() -> None:
    """A subject in our words, and what became of it."""
    assert telling.headline(_change()) == "step changed"
    assert telling.headline(_change(kind="removed")) == "step removed"


@pytest.mark.parametrize(
    ("edit", "label", "said"),
    [
        (Edit(name="owner", old=None, new="ops"), "owner given", "+ops"),
        (Edit(name="owner", old="ops", new=None), "owner taken away", "-ops"),
        (Edit(name="owner", old="ops", new="web"), "owner", "-ops → +web"),
        (Edit(name=".approval", old="", new=None), ".approval taken away", ""),
        (Edit(name="section", old="a", new="b"), "moved to another section", "-a → +b"),
        (Edit(name="parent", old="a", new=None), "no longer a sub-step of", "-a"),
        (Edit(name="parent", old=None, new="b"), "now a sub-step of", "+b"),
        (Edit(name="parent", old="a", new="b"), "moved under another step", "-a → +b"),
        (Edit(name="id", old="a", new="b"), "id changed: its history starts anew", "-a → +b"),
        (Edit(name="title", old="Mail ops", new="Mail all"), "reworded", "Mail -ops+all"),
        (Edit(name="body", old="", new="Twice"), "body", "+Twice"),
    ],
)
def test_an_edit_says_what_was_and_what_is(edit: Edit, label: str, said: str) -> None:
    """What was given, taken away, moved or reworded is one line, with the old and the new."""
    assert _said(edit) == (label, said)


def test_what_came_is_told_whole() -> None:
    """Risks of its own stand first, then the attributes, then the text; code has a sign in front of each line."""
    risk = next(iter(RISKS))
    step = _change(kind="removed", block="{.approval}", text="Look twice.", own_risks=(risk,))
    assert [(line.label, line.risk) for line in telling.lines(step)] == [
        ("riskier", RISKS[risk]),
        ("with", ""),
        ("text", ""),
    ]
    assert telling.lines(step)[2].spans == (Span(kind="removed", text="Look twice."),)
    code = _change(subject="code", kind="added", text="a = 1\nb = 2")
    assert telling.lines(code)[0].diff == ("+a = 1", "+b = 2")


def test_a_risk_stands_beside_its_edit() -> None:
    """What a change means for the release is told in the words of the table."""
    risk = next(iter(RISKS))
    (line,) = telling.lines(_change(Edit(name=".gate", old="", new=None, risk=risk)))
    assert line.risk == RISKS[risk]
