"""Instants and lengths of time as operators read them."""

from __future__ import annotations

from datetime import datetime


def span(seconds: float) -> str:
    """Return a length of time in words: 2 d 3 h, 14 min."""
    minutes = max(1, round(seconds / 60))
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join([part for part in parts if part][:2])


def clock(at: datetime, now: datetime | None = None) -> str:
    """Return an instant as operators read it: 22 Nov 14:02 UTC; with its year where it is another one than now."""
    return dated(at) if now is not None and at.year != now.year else f"{at.day} {at:%b %H:%M} UTC"


def dated(at: datetime) -> str:
    """Return the same with its year always, for what is read much later: 22 Nov 2026 14:02 UTC."""
    return f"{at.day} {at:%b %Y %H:%M} UTC"


def day(at: datetime, now: datetime) -> str:
    """Return the same with the day of the week: Friday 27 Nov 14:02 UTC."""
    return f"{at:%A} {clock(at, now)}"
