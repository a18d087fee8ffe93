"""Formats: what is said where something was written by an nbrunbook that is newer than this one.

Whatever is new in a journal, a plan or a record comes with a version that is higher, and says under `needs`, or as the
`version` that wrote it, which one can read it.
"""

from __future__ import annotations

from collections.abc import Mapping

from nbrunbook import __version__


def needs(facts: object) -> str:
    """Return in words which nbrunbook something needs that is not known here, as far as it says so itself."""
    said = (facts.get("needs") or facts.get("version")) if isinstance(facts, Mapping) else None
    needed = f"nbrunbook {said:.20} or newer" if isinstance(said, str) and said != __version__ else "a newer nbrunbook"
    return f"it needs {needed}, and this is {__version__}"
