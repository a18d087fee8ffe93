"""Extras: what the distribution's extras bring, and words for what is not installed here.

Without any, nbrunbook is light: journal, ticks, status, Markdown templates. Whatever needs more asks here first,
before anything is written. The table is pyproject.toml's: a test holds the two together.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal

from nbrunbook.errors import NbrunbookError

Extra = Literal["ci", "lab"]
_NOTEBOOKS = ("anywidget", "ipykernel", "ipywidgets", "nbconvert", "nbformat", "papermill")
BRINGS: Mapping[Extra, tuple[str, ...]] = {"ci": _NOTEBOOKS, "lab": (*_NOTEBOOKS, "jupyter_server", "jupyterlab")}
"""The packages of an extra that something cannot do without, by the names they are imported under."""
NICER = ("rich",)
"""What `ci` brings, too, and nothing needs: who upgrades without it sees plain lines."""


class MissingExtraError(NbrunbookError):
    """What needs packages that only an extra brings, where they are not installed."""

    def __init__(self, what: str, packages: Sequence[str], extra: Extra) -> None:
        self.what, self.packages, self.extra = what, packages, extra
        some = f" whole (no {', '.join(packages)})" if len(packages) < len(BRINGS[extra]) else ""
        super().__init__(f"{what}: nbrunbook[{extra}] is not installed{some}", "", f"pip install 'nbrunbook[{extra}]'")

    def __reduce__(self) -> tuple[Any, ...]:
        """Let it come back from another process, where many templates are read."""
        return type(self), (self.what, self.packages, self.extra)


@cache
def missing(extra: Extra) -> tuple[str, ...]:
    """Return the packages of an extra that are not installed here; nothing is imported, and it is looked up once."""
    return tuple(name for name in BRINGS[extra] if not _is_there(name))


def _is_there(name: str) -> bool:
    if name in sys.modules:
        return sys.modules[name] is not None
    return importlib.util.find_spec(name) is not None


def require(extra: Extra, what: str) -> None:
    """Raise MissingExtraError, naming `what` needs it, where a package of an extra is not installed here."""
    absent = missing(extra)
    if absent:
        raise MissingExtraError(what, absent, extra)
