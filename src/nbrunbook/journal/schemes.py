"""Schemes of URLs that a room above brings a door for. Nothing is imported for it before a journal is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbrunbook.journal.engines import Door

Factory = Callable[[str, float], "Door"]
"""From a URL, and how many seconds may be waited, to its door; raises JournalError."""
_factories: dict[str, Factory] = {}


def register(scheme: str, factory: Factory) -> None:
    """Have URLs that begin with `scheme://` opened by a factory, which imports what it needs when it is called."""
    _factories[scheme] = factory


def factory_of(url: str) -> Factory | None:
    """Return who opens a URL; None where nobody was registered for it."""
    return _factories.get(url.partition("://")[0])
