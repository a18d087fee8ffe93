"""Notes: those on one step, or on the runbook itself, of which many a one is read only where somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

from nbrunbook.runbook.events import Event

HELD = 5
"""How many notes of a step are at hand wherever it is opened, and are shown with it; a record shows all."""

Read = Callable[[], Sequence[Event]]
"""All notes of the one step."""


class Notes(Sequence[Event]):
    """Notes in the order in which they were written; how many there are is known without reading the earlier ones."""

    def __init__(self, held: Sequence[Event] = (), *, earlier: int = 0, read: Read = list) -> None:
        """`read` is asked for all of them once one of the `earlier` is wanted, which are not at hand."""
        self.held, self.earlier, self._read = tuple(held), earlier, read

    def followed_by(self, note: Event) -> Notes:
        """Return them with one more."""
        return Notes((*self.held, note), earlier=self.earlier, read=self._read)

    @property
    def last(self) -> tuple[Event, ...]:
        """The last few, for which nothing is read."""
        return self.held[-HELD:]

    def _all(self) -> tuple[Event, ...]:
        return (*self._read()[: self.earlier], *self.held) if self.earlier else self.held

    def __len__(self) -> int:
        return self.earlier + len(self.held)

    def __iter__(self) -> Iterator[Event]:
        return iter(self._all())

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | Sequence[Event]:
        if isinstance(index, int) and -len(self.held) <= index < 0:
            return self.held[index]
        return self._all()[index]

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Notes) and len(self) == len(other) and self._all() == other._all()

    def __hash__(self) -> int:
        return hash(len(self))

    def __repr__(self) -> str:
        return f"Notes({list(self.held)!r}, earlier={self.earlier})"


NONE = Notes()
