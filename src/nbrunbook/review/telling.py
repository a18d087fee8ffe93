"""How a change is told: its first line and what follows, in pieces that a terminal or Markdown then dresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nbrunbook.review import text_diff
from nbrunbook.review.changes import NOUNS, Change, Edit
from nbrunbook.review.risks import RISKS
from nbrunbook.review.text_diff import Span


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line about a change, or a text of several lines."""

    label: str
    """Ours: what it is about."""
    spans: tuple[Span, ...] = ()
    """Theirs: what was written."""
    diff: tuple[str, ...] = ()
    """Lines with +, - or a blank in front, for code."""
    risk: str = ""
    """What it means for the release, in words."""


MARKS: Mapping[str, str] = {"added": "+", "removed": "-", "changed": "~"}
"""In front of what was added, removed or changed."""


def headline(change: Change) -> str:
    """Return what a change is about, in our words: 'step added', 'parameter changed'."""
    return f"{NOUNS.get(change.subject, change.subject)} {change.kind}"


def lines(change: Change) -> list[Line]:
    """Return what there is to say of a change, its own risks first."""
    found = [Line(label="riskier", risk=RISKS[risk]) for risk in change.own_risks]
    if change.block:
        found.append(Line(label="with", spans=(Span(kind="same", text=change.block),)))
    if change.text and change.subject == "code":
        sign = MARKS[change.kind]
        found.append(Line(label="code", diff=tuple(f"{sign}{line}" for line in change.text.split("\n"))))
    elif change.text:
        found.append(Line(label="text", spans=(Span(kind=change.kind, text=change.text),)))
    return [*found, *(_edited(change, edit) for edit in change.edits)]


def _edited(change: Change, edit: Edit) -> Line:
    risk = RISKS[edit.risk] if edit.risk else ""
    if edit.name == "text" and change.subject == "code":
        return Line(label="code", diff=tuple(text_diff.lines(edit.old or "", edit.new or "")), risk=risk)
    if edit.name in ("title", "body", "text", "does"):
        label = {"title": "reworded", "does": "its code"}.get(edit.name, edit.name)
        spans = text_diff.shortened(text_diff.compare(edit.old or "", edit.new or ""))
        return Line(label=label, spans=tuple(spans), risk=risk)
    if edit.name in PLACES:
        return Line(label=_place(edit), spans=tuple(_from_to(edit)), risk=risk)
    if edit.name == "id":
        return Line(label="id changed: its history starts anew", spans=tuple(_from_to(edit)), risk=risk)
    how = " taken away" if edit.new is None else " given" if edit.old is None else ""
    return Line(label=f"{edit.name}{how}", spans=tuple(_from_to(edit)), risk=risk)


PLACES: Mapping[str, str] = {
    "section": "moved to another section",
    "parent": "moved under another step",
    "order": "moved among those beside it",
    "behind": "no longer behind the gate",
    "holds": "no longer holds back",
    "content": "another image under the same name",
}


def _place(edit: Edit) -> str:
    if edit.name == "parent" and edit.new is None:
        return "no longer a sub-step of"
    if edit.name == "parent" and edit.old is None:
        return "now a sub-step of"
    return PLACES[edit.name]


def _from_to(edit: Edit) -> Iterator[Span]:
    if edit.old:
        yield Span(kind="removed", text=edit.old)
    if edit.old and edit.new:
        yield Span(kind="same", text=" → ")
    if edit.new:
        yield Span(kind="added", text=edit.new)
