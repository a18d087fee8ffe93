"""What is said of a batch's databases: their order, their numbers, and one line for all of them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from nbrunbook.errors import one_line
from nbrunbook.runbook import events
from nbrunbook.runbook.board import DatabaseState, DatabaseStatus
from nbrunbook.runbook.run_words import elapsed
from nbrunbook.runbook.times import Clock
from nbrunbook.texts import many, short

ORDER: Mapping[DatabaseState, int] = {
    "stopped": 0,
    "holding": 1,
    "running": 2,
    "paused": 3,
    "waiting": 4,
    "done": 5,
}
"""What wants an operator's eye comes first."""
LONGEST_ABOUT = 300
"""Characters of a hold or an error on a board; the journal and the log show the rest."""
LONGEST_LEFT = timedelta(days=999).total_seconds()
"""More is no estimate."""


def ordered(statuses: Iterable[DatabaseStatus]) -> list[DatabaseStatus]:
    """Return them as a board shows them: the broken first, then what takes longest, the done last; else by name."""
    return sorted(statuses, key=lambda each: (ORDER[each.state], -_length(each), each.name))


def _length(status: DatabaseStatus) -> float:
    """What the order of one state goes by: time that is left, else rows; what is not known might take longest."""
    if status.state == "running":
        seconds = status.seconds_left
        return float("inf") if seconds is None else seconds
    return float(status.left or 0) if status.state in ("paused", "waiting") else 0.0


def share(status: DatabaseStatus) -> float | None:
    """Return which part of a database was gone through, from 0 to 1; None where that is not known."""
    if status.state == "done":
        return 1.0
    total = status.total
    if not total:
        return None if total is None else 0.0
    return min(status.done / total, 0.999)  # 100 % is said of what is done, and a refused row is not


def percent(part: float | None) -> str:
    """Return a part as 42 %; empty where it is not known."""
    return "" if part is None else f"{int(part * 100)} %"


def rows(status: DatabaseStatus) -> str:
    """Return how many rows were changed, and of how many: 1,200 of 40,000; 1,200 where nobody counts the rest."""
    total = status.total
    return f"{status.done:,}" if total is None or status.state == "done" else f"{status.done:,} of {total:,}"


def rate(status: DatabaseStatus) -> str:
    """Return how many rows a second are changed: 1,200/s; empty where nothing moves."""
    return per_second(status.rate) if status.state == "running" else ""


def per_second(number: float | None) -> str:
    """Return a rate: 1,200/s, 3.4/s; empty where nothing moves."""
    if not number:
        return ""
    return f"{number:,.0f}/s" if number >= 10 else f"{max(number, 0.1):.1f}/s"


def time_left(status: DatabaseStatus) -> str:
    """Return how long it takes still, at its rate: 12 s, 3 min; empty where that is not known."""
    return still(status.seconds_left)


def still(seconds: float | None) -> str:
    """Return a length of time that is left: 12 s, 3 min; empty for None, and for more than anybody can tell."""
    return "" if seconds is None or not 0 <= seconds < LONGEST_LEFT else elapsed(seconds)


def size(status: DatabaseStatus) -> str:
    """Return how many rows the next chunk asks for; empty where there is none to come."""
    return f"{status.batch_size:,}" if status.batch_size and status.state not in ("done", "stopped") else ""


def about(status: DatabaseStatus, clock: Clock, *, holds: bool = True) -> str:
    """Return why a database does not go on, and since when, or what went wrong there; empty where all is well.

    `holds` is False where it is told elsewhere why it holds.
    """
    parts = [
        _hold(status, clock) if holds and status.state in HOLDING else "",
        _error(status, clock),
        refused(status) if not status.error else "",
        AT_LEAST_ONCE if status.at_least_once else "",
    ]
    return "; ".join(filter(None, parts))


HOLDING: tuple[DatabaseState, ...] = ("holding", "paused", "waiting")
AT_LEAST_ONCE = "a chunk may be done twice here"


def shared_holds(statuses: Iterable[DatabaseStatus], *, least: int = 2) -> dict[str, int]:
    """Return the reasons for which several databases hold, `least` of them or more, and how many those are."""
    found = Counter(each.hold for each in statuses if each.hold and each.state in HOLDING)
    return {hold: count for hold, count in found.most_common() if count >= least}


def _hold(status: DatabaseStatus, clock: Clock) -> str:
    said = short(one_line(status.hold), LONGEST_ABOUT)
    if status.state == "waiting":
        return said
    word = {"holding": "holds", "paused": "paused"}[status.state]
    if said.startswith(word):  # as in: paused by ana
        word, said = said, ""
    return f"{word}{_since(status, clock)}{f': {said}' if said else ''}"


def _error(status: DatabaseStatus, clock: Clock) -> str:
    said = short(one_line(status.error), LONGEST_ABOUT)
    if status.state == "stopped":
        return f"stopped{_since(status, clock)}{f': {said}' if said else ''}"
    return f"last error: {said}" if said else ""


def _since(status: DatabaseStatus, clock: Clock) -> str:
    try:
        at = events.from_instant(status.since)
    except ValueError:
        return ""
    seconds = (clock.now - at).total_seconds()
    return f" for {elapsed(seconds)}" if seconds < 3600 and not clock.marks else f" since {clock(at)}"


def refused(status: DatabaseStatus) -> str:
    """Return how many rows were refused, and are left out; empty for none."""
    count = status.quarantined
    return f"{many(count, 'row')} {'is' if count == 1 else 'are'} refused" if count else ""


def state(statuses: Sequence[DatabaseStatus]) -> DatabaseState:
    """Return where a whole batch stands: what moves, then what waits for somebody; done where every database is."""
    found = {each.state for each in statuses}
    if found == {"done"}:
        return "done"
    among: tuple[DatabaseState, ...] = ("running", "holding", "paused", "stopped")
    return next((each for each in among if each in found), "waiting")


def counted(statuses: Iterable[DatabaseStatus]) -> str:
    """Return how many databases stand how: 200 running, 80 waiting, 20 done."""
    found = Counter(each.state for each in statuses)
    return ", ".join(f"{found[name]:,} {name}" for name in ORDER if found[name])


def summary(statuses: Sequence[DatabaseStatus]) -> str:
    """Return one line for all databases: 1 of 3 databases done, 1,200 of 40,000 rows (3 %), 90/s, 7 min left."""
    if not statuses:
        return "no database was looked at"
    done = sum(each.state == "done" for each in statuses)
    parts = [f"{done:,} of {many(len(statuses), 'database')} done", _all_rows(statuses)]
    moving = [each for each in statuses if each.state == "running"]
    parts += [per_second(sum(each.rate or 0 for each in moving)), _all_left(statuses)]
    for name in ("stopped", "holding", "paused"):
        count = sum(each.state == name for each in statuses)
        parts.append(f"{count:,} {name}" if count else "")
    quarantined = sum(each.quarantined for each in statuses)
    parts.append(f"{many(quarantined, 'row')} refused" if quarantined else "")
    return ", ".join(filter(None, parts))


def _all_rows(statuses: Sequence[DatabaseStatus]) -> str:
    done, totals = sum(each.done for each in statuses), [each.total for each in statuses]
    known = [each for each in totals if each is not None]
    if len(known) < len(totals) or all(each.state == "done" for each in statuses):
        return many(done, "row")
    return f"{done:,} of {many(sum(known), 'row')}{f' ({percent(whole(statuses))})' if sum(known) else ''}"


def whole(statuses: Sequence[DatabaseStatus]) -> float | None:
    """Return which part of all databases was gone through, from 0 to 1; None where one of them does not know."""
    if statuses and all(each.state == "done" for each in statuses):
        return 1.0
    totals = [each.total for each in statuses]
    known = [each for each in totals if each is not None]
    if len(known) < len(totals) or not sum(known):
        return None
    return min(sum(each.done for each in statuses) / sum(known), 0.999)


def _all_left(statuses: Sequence[DatabaseStatus]) -> str:
    """How long all of it takes still at today's rate; empty where one does not know, or one stands still for good."""
    going = [each for each in statuses if each.state not in ("done", "stopped")]
    rate = sum(each.rate or 0 for each in going if each.state == "running")
    left = [each.left for each in going]
    if not rate or None in left:
        return ""
    seconds = sum(each or 0 for each in left) / rate
    longest = max([seconds, *(each.seconds_left or 0 for each in going)])
    words = still(longest)
    return f"{words} left" if words else ""
