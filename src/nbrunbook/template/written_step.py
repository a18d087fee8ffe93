"""Steps as an author wrote them: nothing is put in, nothing is decided."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from nbrunbook.documents.attributes import Attributes
from nbrunbook.documents.markdown.items import Item
from nbrunbook.runbook.sections import LONGEST_ID, slug
from nbrunbook.template.placed_cells import Place


@dataclass(frozen=True, kw_only=True)
class WrittenStep:
    """A task item, or a plain bullet over task items."""

    id: str
    pinned: bool
    title: str
    body: str
    """What is indented under the title, up to the first sub-step; without comments."""
    box: bool
    """False for a plain bullet over steps."""
    section: str
    parent: str | None
    attributes: Attributes
    place: Place
    line: int
    """The line of its marker, counted from 1 in its cell."""
    last_line: int
    """The title's last line, where attributes stand."""


def derived_id(section_id: str, item: Item) -> str:
    """Return the id of a step that has none: its section, and its bold lead or first five words."""
    words = (item.lead or item.words).split()
    own = slug(" ".join(words if item.lead else words[:5])) or "step"
    return f"{section_id}-{own}"[:LONGEST_ID].rstrip("-") if section_id else own


class Names:
    """Names that are given once each."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._taken

    def unique(self, wanted: str, also: AbstractSet[str] = frozenset()) -> str:
        """Return a name that was not given yet and that `also` does not hold: with -2, -3 behind it."""
        name, count = wanted, self._counts.get(wanted, 1)
        while name in self._taken or name in also:
            count += 1
            name = f"{wanted}-{count}"
        self._counts[wanted] = count
        self._taken.add(name)
        return name
