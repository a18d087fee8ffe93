"""Sections: what templates and plans both say of a heading and its steps.

In a module of its own, so that `status` can read a plan without loading what reads templates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from nbrunbook.documents.markdown.filling import fill_text

LONGEST_ID = 60
"""Characters of an id that is made from words."""
LONGEST_TITLE = 1_000
"""Characters of a title that its id is made from; putting accents in order takes the square of their number."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading's steps, or a heading whose attributes hold for those below it."""

    id: str
    title: str
    level: int
    """0 where steps stand before any heading."""
    text: str
    """Markdown under the heading, its steps with nothing but `{#id}` behind their titles."""
    owner: str | None
    when: tuple[str, ...]
    """All of them must hold."""
    flags: tuple[str, ...]
    """gate, and what it has from headings above it too: optional."""
    closed_by: str | None
    """The id of the `.if-needed` section that it is or stands in."""

    @property
    def is_gate(self) -> bool:
        """Whether nothing in it may be done until all above is settled."""
        return "gate" in self.flags

    def heading(self, values: Mapping[str, str]) -> str:
        """Return its title with values put in."""
        return fill_text(self.title, values)


def slug(text: str) -> str:
    """Return a text as an id: small letters and digits of any script, dashes between."""
    text = unicodedata.normalize("NFKC", text[:LONGEST_TITLE]).casefold()
    return re.sub(r"[\W_]+", "-", text).strip("-")[:LONGEST_ID].rstrip("-")
