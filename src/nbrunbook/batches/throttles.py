"""Throttles: why a batch holds before a chunk: a window of the day, the lag of replicas, one's own function."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from nbrunbook.errors import NbrunbookError

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
LAG = sa.text(
    "SELECT application_name, state, EXTRACT(EPOCH FROM replay_lag)::float8, "
    "pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END, "
    "replay_lsn)::bigint FROM pg_stat_replication"
)


class Window:
    """Holds outside of a part of the day. See `window`."""

    def __init__(self, begin: time, end: time, zone: tzinfo | None, zone_name: str) -> None:
        self.begin, self.end, self._zone, self._zone_name = begin, end, zone, zone_name
        self.__name__ = str(self)

    def __str__(self) -> str:
        """Return what it is called."""
        zone = f" {self._zone_name}" if self._zone_name else ""
        return f"window {self.begin:%H:%M} to {self.end:%H:%M}{zone}"

    def __call__(self) -> str:
        """Return why it holds now."""
        return self.why(datetime.now(self._zone))

    def why(self, moment: datetime) -> str:
        """Return why it holds at a moment in its zone; empty within it. It begins at `begin` and ends before `end`."""
        at = moment.time().replace(tzinfo=None)
        is_within = self.begin <= at < self.end if self.begin <= self.end else at >= self.begin or at < self.end
        return "" if is_within else f"outside its {self}: it goes on at {self.begin:%H:%M}"


def window(begin: str, end: str, *, tz: str | None = None) -> Callable[[], str]:
    """Return what holds outside of a part of the day.

    Such as "22:00", "06:00" and tz="Europe/Berlin"; without `tz` it is the zone of whichever machine runs it.
    """
    zone = None
    if tz is not None:
        try:
            zone = ZoneInfo(tz)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise NbrunbookError(f"window: no time zone {tz!r}", "a name such as Europe/Berlin or UTC") from None
    found = Window(_time(begin), _time(end), zone, tz or "")
    if found.begin == found.end:
        raise NbrunbookError(f"window: it begins and ends at {begin}", "two different times")
    return found


def _time(text: str) -> time:
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", text) if isinstance(text, str) else None
    if match is None:
        raise NbrunbookError(f"window: {text!r} is no time of day", "such as 22:00")
    return time(int(match[1]), int(match[2]))


class ReplicaLag:
    """Holds while a replica lags. See `replica_lag`."""

    def __init__(self, most: str, replicas: int) -> None:
        self.seconds, self.most, self.replicas = _seconds(most), most, replicas
        self.__name__ = str(self)

    def __str__(self) -> str:
        """Return what it is called."""
        return f"replica_lag {self.most}"

    def __call__(self, db: sa.Connection) -> str:
        """Return why it holds now, as the server of a database sees its replicas; SQLite has none."""
        return "" if db.dialect.name != "postgresql" else self.why([tuple(each) for each in db.execute(LAG)])

    def why(self, replicas: list[tuple[Any, ...]]) -> str:
        """Return why it holds: of each replica its name, state, seconds behind and bytes behind, None where unknown."""
        if any(state is None for _, state, _, _ in replicas):
            return "the lag of replicas cannot be seen by this role: GRANT pg_monitor TO it"
        streaming = [each for each in replicas if each[1] in ("streaming", "catchup")]
        if len(streaming) < self.replicas:
            return f"{len(streaming)} of {self.replicas} replicas follow"
        behind = [(seconds or 0.0, name) for name, _, seconds, size in streaming if size]
        worst, name = max(behind, default=(0.0, ""))
        return f"replica {name} is {worst:.1f} s behind, more than {self.most}" if worst > self.seconds else ""


def replica_lag(most: str, *, replicas: int = 0) -> Callable[[sa.Connection], str]:
    """Return what holds while a replica of PostgreSQL's is further behind than a length of time, such as 10s.

    With `replicas`, also while fewer than so many follow. The role needs pg_monitor to see it.
    """
    if type(replicas) is not int or replicas < 0:
        raise NbrunbookError(f"replica_lag: replicas={replicas!r}", "how many there have to be")
    return ReplicaLag(most, replicas)


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d{1,6})(ms|s|m|h)", text) if isinstance(text, str) else None
    if match is None or int(match[1]) == 0:
        raise NbrunbookError(f"replica_lag: {text!r} is no length of time", "such as 500ms, 10s or 2m")
    return int(match[1]) * UNITS[match[2]]
