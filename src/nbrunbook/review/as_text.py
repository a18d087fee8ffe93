"""Changes for a terminal: words that went and came as `git diff --word-diff` shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from nbrunbook.errors import one_line, visible
from nbrunbook.review import changes, telling
from nbrunbook.review.changes import Change, Review
from nbrunbook.review.telling import MARKS, Line
from nbrunbook.review.text_diff import Span

Paint = Callable[[str, str], str]
"""From a kind (removed, added, risk, title) and a text that steers nothing to what is printed."""

BRACKETS: Mapping[str, str] = {"removed": "[-{}-]", "added": "{{+{}+}}", "left-out": " … "}


def without_colour(kind: str, text: str) -> str:
    """Mark words that went and came with git's brackets."""
    return BRACKETS.get(kind, "{}").format(text)


def show(reviews: Sequence[Review], paint: Paint = without_colour) -> str:
    """Return reviews as text; everything that others wrote is made visible first."""
    blocks = ["\n".join(_review(review, paint)) for review in reviews]
    total = [changes.summary(reviews)] if len(reviews) != 1 else []
    return "\n\n".join([*blocks, *total])


def _review(review: Review, paint: Paint) -> Iterator[str]:
    yield paint("title", _line(f"{review.old} → {review.new}"))
    yield changes.summary([review])
    for name, found in (("Riskier", review.riskier), ("Other changes" if review.riskier else "Changes", review.others)):
        if found:
            yield f"\n{name}"
            for change in found:
                yield from _change(change, paint)


def _change(change: Change, paint: Paint) -> Iterator[str]:
    where = f", in {_line(change.where)}" if change.where else ""
    title = _line(change.title)
    named = f"{title} ({_line(change.id)})" if title and change.title != change.id else _line(change.id) or "Steps"
    yield f"  {MARKS[change.kind]} {telling.headline(change)}: {paint('title', named)}{where}"
    for line in telling.lines(change):
        yield from _told(line, paint)


def _told(line: Line, paint: Paint) -> Iterator[str]:
    text = "".join(_painted(span, paint) for span in line.spans)
    first, *rest = text.split("\n")
    colon = ": " if text and not rest else ":" if text or line.diff else ""
    label = "" if line.label == "riskier" else f"{line.label}{colon}"
    risk = paint("risk", f"! {line.risk}") if line.risk else ""
    if rest:
        yield f"      {label}{'  ' + risk if risk else ''}"
        yield from (f"        {each}" for each in (first, *rest))
    else:
        yield f"      {label}{first}{'  ' if risk and label else ''}{risk}"
    for each in line.diff:
        kind = {"+": "came", "-": "went"}.get(each[:1], "same")
        yield f"        {paint(kind, visible(each))}"


def _painted(span: Span, paint: Paint) -> str:
    """Line by line, so that an indented text stays indented."""
    if span.kind == "left-out":
        return paint("left-out", "")
    return "\n".join(paint(span.kind, each) if each else "" for each in visible(span.text).split("\n"))


def _line(text: str) -> str:
    return one_line(visible(text))
