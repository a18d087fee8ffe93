"""The board of a batch as HTML where nothing is live: a saved copy, and the record. One table, the worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nbrunbook.documents.markdown.html import Html
from nbrunbook.errors import visible
from nbrunbook.runbook import board_words as words
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.runbook.times import Clock, marked, split
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
    """Return it; nothing where there are no databases. `clock` tells instants: no script does here."""
    if not statuses:
        return Html()
    ordered = words.ordered(statuses)
    first = ordered if len(ordered) <= FEW else ordered[:FIRST]
    rest = ordered[len(first) :]
    folded = MORE.format(f"{many(len(rest), 'more database')}", _table(rest, clock)) if rest else Html()
    return SUM.format(visible(words.summary(statuses))) + _table(first, clock) + folded


def _table(statuses: Sequence[DatabaseStatus], clock: Clock) -> Html:
    return TABLE.format(Html().join(_lines(statuses, clock)))


def _lines(statuses: Sequence[DatabaseStatus], clock: Clock) -> Iterator[Html]:
    for each in statuses:
        about = _told(words.about(each, marked(clock.now)), clock)
        share = words.percent(words.share(each))
        yield LINE.format(each.state, visible(each.name), each.state, words.rows(each), share, about)


def _told(about: str, clock: Clock) -> str:
    """Words that are read much later: since when is an instant, never a length of time."""
    return "".join(visible(part) if isinstance(part, str) else clock(part) for part in split(about))
