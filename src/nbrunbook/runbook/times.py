"""Instants and lengths of time as they are read: at a terminal, on a page, and much later in a record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from nbrunbook.runbook import events

MARK = "\0"
"""What stands around an instant that is still to be told; no event, plan or file can hold it (`events.canonical`)."""
MARKED = re.compile(rf"{MARK}(\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z){MARK}")

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
"""An author's cell may have set the kernel's locale, which strftime follows."""


def span(seconds: float) -> str:
    """Return a length of time in words: 2 d 3 h, 14 min."""
    minutes = max(1, round(seconds / 60))
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join([part for part in parts if part][:2])


@dataclass(frozen=True, kw_only=True)
class Clock:
    """How instants are told, to somebody who reads them at `now`: called with one, it returns 22 Nov 14:02 UTC.

    Made by `local`, `utc` and `marked`.
    """

    now: datetime
    zone: tzinfo | None = None
    """None for this process's own, by TZ."""
    dated: bool = False
    """With the year always, for what is read much later; else where it is another one than now."""
    marks: bool = False
    """Instead of words, marks: who shows them tells the instants (`split`, js/time.js)."""

    def __call__(self, at: datetime) -> str:
        """Return an instant in words: 22 Nov 14:02 UTC."""
        if self.marks:
            return f"{MARK}{events.instant(at)}{MARK}"
        return f"{self.date(at)} {at.astimezone(self.zone):%H:%M %Z}"

    def date(self, at: datetime) -> str:
        """Return the same without its time: 22 Nov."""
        here, today = at.astimezone(self.zone), self.now.astimezone(self.zone)
        year = f" {here.year}" if self.dated or here.year != today.year else ""
        return f"{here.day} {MONTHS[here.month - 1]}{year}"

    def day(self, at: datetime) -> str:
        """Return the same with its time and the day of the week: Friday 27 Nov 14:02 UTC."""
        return f"{DAYS[at.astimezone(self.zone).weekday()]} {self(at)}"


def local(now: datetime) -> Clock:
    """Return how instants are told at a terminal: in its own zone, which is named."""
    return Clock(now=now)


def utc(now: datetime) -> Clock:
    """Return how instants are told in what is kept: in UTC, with their year."""
    return Clock(now=now, zone=UTC, dated=True)


def marked(now: datetime) -> Clock:
    """Return what leaves instants to whoever shows the words: a browser, in its own zone, or HTML.

    Its words must not reach a terminal, a file or a log.
    """
    return Clock(now=now, marks=True)


def split(words: str) -> Iterator[str | datetime]:
    """Yield the words between marks, and the instants."""
    for number, part in enumerate(MARKED.split(words)):
        yield events.from_instant(part) if number % 2 else part
