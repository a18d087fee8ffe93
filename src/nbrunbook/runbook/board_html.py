"""The board of a batch as HTML where nothing is live: a saved copy, and the record. One table, the worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nbrunbook.documents.markdown.html import Html
from nbrunbook.runbook import board_words as words
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.runbook.board_view import visible_marks
from nbrunbook.runbook.times import Clock
from nbrunbook.texts import many

FIRST, FEW = 12, 15
"""Databases that are shown without a click; up to FEW are all shown."""
TABLE = Html(
    '<table class="nbr-board" tabindex="0"><thead><tr><th scope="col">Database</th><th scope="col">State</th>'
    '<th scope="col">Rows</th><th scope="col">Part</th><th scope="col">Why</th></tr></thead><tbody>{}</tbody></table>'
)
LINE = Html('<tr data-state="{}"><th scope="row">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>')
SUM = Html('<p class="nbr-about">{}</p>')
MORE = Html('<details class="nbr-fold"><summary>{}</summary>{}</details>')


def board_html(statuses: Sequence[DatabaseStatus], clock: Clock) -> Html:
    """Return it; nothing where there are no databases. `clock` must not mark instants: no script tells them here."""
    if not statuses:
        return Html()
    ordered = words.ordered(statuses)
    first = ordered if len(ordered) <= FEW else ordered[:FIRST]
    rest = ordered[len(first) :]
    folded = MORE.format(f"{many(len(rest), 'more database')}", _table(rest, clock)) if rest else Html()
    return SUM.format(visible_marks(words.summary(statuses))) + _table(first, clock) + folded


def _table(statuses: Sequence[DatabaseStatus], clock: Clock) -> Html:
    return TABLE.format(Html().join(_lines(statuses, clock)))


def _lines(statuses: Sequence[DatabaseStatus], clock: Clock) -> Iterator[Html]:
    for each in statuses:
        about = visible_marks(words.about(each, clock))
        share = words.percent(words.share(each))
        yield LINE.format(each.state, visible_marks(each.name), each.state, words.rows(each), share, about)
