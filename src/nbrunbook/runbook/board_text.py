"""The board as plain text: one line a database, as wide as a terminal is; the broken and the slowest first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence

from nbrunbook.errors import one_line, visible
from nbrunbook.runbook import board_words
from nbrunbook.runbook.board import DatabaseState, DatabaseStatus
from nbrunbook.runbook.plain import Tone, TonedText
from nbrunbook.runbook.times import Clock
from nbrunbook.texts import columns_of, short

BAR = 12
"""Characters of a bar."""
LONGEST_NAME = 32
TONES: Mapping[DatabaseState, Tone] = {"stopped": "late", "holding": "strong", "done": "good", "waiting": "faint"}
GAP = 2
INDENT = "    "


def bar(part: float | None, cells: int = BAR) -> str:
    """Return a part as a bar; it is full only where it is whole, and empty where nobody knows."""
    filled = 0 if part is None else min(int(part * cells), cells)
    return "█" * filled + "░" * (cells - filled)


Draw = Callable[[DatabaseStatus], str]
COLUMNS: Mapping[str, Draw] = {
    "name": lambda each: _name(each.name),
    "state": lambda each: each.state,
    "bar": lambda each: bar(board_words.share(each)),
    "percent": lambda each: board_words.percent(board_words.share(each)),
    "rows": board_words.rows,
    "rate": board_words.rate,
    "left": lambda each: f"{words} left" if (words := board_words.time_left(each)) else "",
    "size": lambda each: f"by {words}" if (words := board_words.size(each)) else "",
}
RIGHT = ("percent", "rows", "rate", "left", "size")
"""Numbers end in one column."""
DROPPED = ("size", "bar", "rate", "left", "percent", "state")
"""What a narrow terminal does without, in this order."""


def drawn(
    statuses: Sequence[DatabaseStatus], clock: Clock, *, width: int | None = None, most: int | None = None
) -> list[TonedText]:
    """Return a board's lines: one for all, one a database, and below it what holds it or went wrong.

    Without `width` each database is one line with two spaces between its words, as for a pipe. `most` is how many
    lines there may be; what does not fit is counted in the last one.
    """
    found = [TonedText(text=board_words.summary(statuses), tone="strong")]
    order = board_words.ordered(statuses)
    if width is None:
        blocks = [[_in_words(each, clock)] for each in order]
    else:
        shared = board_words.shared_holds(order)
        for hold, count in shared.items():
            found.append(TonedText(text=visible(f"{count:,} of them: {_short(hold)}")))
        blocks = _blocks(order, clock, width, shared)
    room = None if most is None else max(most - len(found), 1)
    used = 0
    for at, block in enumerate(blocks):
        is_last = at == len(blocks) - 1
        if room is not None and used + len(block) > room - (0 if is_last else 1):
            return [*found, TonedText(text=f"… and {board_words.counted(order[at:])}", tone="faint")]
        found += block
        used += len(block)
    return found


def _in_words(status: DatabaseStatus, clock: Clock) -> TonedText:
    """A database in one line, for a pipe: no bar, no padding."""
    names = ("name", "state", "rows", "percent", "rate", "left", "size")
    words = [COLUMNS[each](status) for each in names]
    line = "  ".join(filter(None, [*words, board_words.about(status, clock)]))
    return TonedText(text=visible(one_line(line)), tone=TONES.get(status.state, ""))


def _blocks(order: Sequence[DatabaseStatus], clock: Clock, width: int, told: Container[str]) -> list[list[TonedText]]:
    """Each database's lines, without the holds that are told above; all of one board have the same columns."""
    cells = [{name: visible(draw(each)) for name, draw in COLUMNS.items()} for each in order]
    wide = {name: max((columns_of(row[name]) for row in cells), default=0) for name in COLUMNS}
    kept = [name for name in COLUMNS if wide[name]]
    for name in DROPPED:
        if sum(wide[each] + GAP for each in kept) - GAP <= width:
            break
        kept = [each for each in kept if each != name]
    found = []
    for status, row in zip(order, cells, strict=True):
        tone: Tone = TONES.get(status.state, "")
        line = (" " * GAP).join(_padded(row[name], wide[name], right=name in RIGHT) for name in kept)
        about = visible(board_words.about(status, clock, holds=status.hold not in told))
        block = [TonedText(text=line.rstrip(), tone=tone)]
        found.append([*block, TonedText(text=f"{INDENT}{about}", tone="")] if about else block)
    return found


def _padded(text: str, wide: int, *, right: bool) -> str:
    gap = " " * (wide - columns_of(text))
    return gap + text if right else text + gap


def _short(hold: str) -> str:
    return short(one_line(hold), board_words.LONGEST_ABOUT)


def _name(name: str) -> str:
    text = one_line(name)
    return text if columns_of(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"
