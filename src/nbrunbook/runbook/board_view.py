"""What a row shows of a batch's databases, as JSON: one line for all of them, and each by itself. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nbrunbook.errors import visible
from nbrunbook.runbook import board_words as words
from nbrunbook.runbook.board import STATES, DatabaseStatus
from nbrunbook.runbook.times import Clock
from nbrunbook.texts import listed, many

TELLS_TIME = ("running",)
"""In these states it is told how long it takes still; in the others which one it is."""


def summary(statuses: Sequence[DatabaseStatus]) -> dict[str, Any]:
    """Return what is shown of all databases together; what is not known is left out."""
    refused = sum(each.quarantined for each in statuses) or None
    return _known(words=words.summary(statuses), share=_rounded(_part(statuses)), refused=refused)


def _part(statuses: Sequence[DatabaseStatus]) -> float | None:
    """How much of a bar is filled: by rows, and by databases where of one that was not begun they are not known."""
    parts = [words.share(each) for each in statuses]
    known = [each for each in parts if each is not None]
    by_rows = words.whole(statuses)
    return sum(known) / len(parts) if by_rows is None and known else by_rows


def stands(is_: str, statuses: Sequence[DatabaseStatus]) -> str:
    """Return in which of the states of a row a batch is: one that runs and goes on nowhere is holding."""
    return "holding" if is_ == "running" and words.state(statuses) == "holding" else is_


def runners_words(hosts: Sequence[str]) -> str:
    """Return how many runners work, and on which hosts: 3 runners on alpha, beta; empty for none."""
    return f"{many(len(hosts), 'runner')} on {listed(sorted(set(hosts)), 3)}" if hosts else ""


def line(status: DatabaseStatus, clock: Clock) -> dict[str, Any]:
    """Return what is shown of one database; there are three hundred, so what is empty is left out."""
    share = words.share(status)
    return {
        "name": visible(status.name),
        "state": status.state,
        **_known(
            words=STATES[status.state],
            share=_rounded(share),
            percent=words.percent(share),
            rows=words.rows(status),
            rate=words.rate(status),
            left=words.time_left(status) if status.state in TELLS_TIME else status.state,
            size=words.size(status),
            why=_visible(words.about(status, clock)),
            bad=bool(status.error or status.quarantined or status.state == "stopped"),
        ),
    }


def _visible(text: str) -> str:
    """Return a text with what cannot be seen shown as codes, but for the marks of its instants (times.py)."""
    return "\0".join(map(visible, text.split("\0")))


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 3)


def _known(**said: Any) -> dict[str, Any]:
    return {name: value for name, value in said.items() if not (value is None or value is False or value == "")}
