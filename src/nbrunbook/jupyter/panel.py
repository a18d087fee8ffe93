"""Panels: one cell's view, a widget. The door to anywidget."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import anywidget
import traitlets
from comm import get_comm_manager

from nbrunbook.documents import notebook
from nbrunbook.jupyter.subshells import answer_beside_cells

HERE = Path(__file__).parent
PLACES = uuid.UUID("5d0f2c1e-7f0b-4f3c-9a53-2f2a6c1f6a11")
"""The namespace of panels' ids (RFC 9562, version 5)."""


def _texts(folder: Path, pattern: str) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob(pattern))}


_MODULES = _texts(HERE / "js", "*.js")
LOADER = _MODULES.pop("loader.js")
"""What every panel carries: it loads the rest."""
CODE = {"js": _MODULES, "css": "\n".join(_texts(HERE / "css", "*.css").values())}
"""What the browser's side of the panels is made of, the modules by their names; it is loaded once a page."""


class Shows(Protocol):
    """What panels show: a live session."""

    layout: Any
    """One for all of them: each would be a comm of its own."""
    instance: str
    """Which kernel it belongs to."""
    runbook: str
    """Which runbook it shows: the same in every kernel."""

    def drawn(self, section: str) -> str:
        """Return what has its home in a section's cell as HTML; empty for panels that are no section."""
        ...

    def view(self, role: str, section: str) -> dict[str, Any]:
        """Return what a panel shows, as JSON."""
        ...

    def static(self, role: str, section: str, drawn: str) -> tuple[str, str]:
        """Return what a saved notebook shows where there is no kernel: HTML and plain text."""
        ...

    def answer(self, panel: Panel, message: object, buffers: Sequence[Any] = ()) -> None:
        """Answer one message of a browser."""
        ...


class Panel(anywidget.AnyWidget):
    """One cell's view: the header, a section or the sign-off."""

    _esm = LOADER

    code = traitlets.Dict().tag(sync=True)
    """The header brings CODE for all panels."""
    role = traitlets.Unicode().tag(sync=True)
    """header, checklist or sign-off."""
    instance = traitlets.Unicode().tag(sync=True)
    """Which kernel it belongs to: a new one after every restart."""
    place = traitlets.Unicode().tag(sync=True)
    """Its own id among the page's models: the same in every kernel, so that what a notebook has saved finds it."""
    drawn = traitlets.Unicode().tag(sync=True)
    """The sections that have their home here as sanitised HTML, without anything to click."""
    view = traitlets.Dict().tag(sync=True)
    """What changes; always set whole."""

    def __init__(self, live: Shows, role: str, section: str = "") -> None:
        self.live, self.section = live, section
        place = place_of(live.runbook, role, section)
        super().__init__(
            model_id=place,
            place=place,
            layout=live.layout,
            code=CODE if role == "header" else {},
            role=role,
            instance=live.instance,
            drawn=live.drawn(section),
            view=live.view(role, section),
        )
        answer_beside_cells(self.comm)
        self.on_msg(lambda _, content, buffers: live.answer(self, content, buffers))

    def close(self) -> None:
        """Close it. One whose id another panel of this process has taken over is forgotten alone."""
        comm = vars(self)["_trait_values"].get("comm")
        if comm is not None and get_comm_manager().comms.get(comm.comm_id) is not comm:
            self.set_trait("comm", None)
        super().close()

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The live view, and static text for where there is no kernel: never a box to click."""
        html, plain = self.live.static(self.role, self.section, self.drawn)
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {notebook.WIDGET_VIEW: view, "text/html": html, "text/plain": plain}, {}


def place_of(runbook: str, role: str, section: str) -> str:
    """Return the id of a runbook's panel, 32 hex digits: a kernel that comes after another one makes the same."""
    return uuid.uuid5(PLACES, json.dumps([runbook, role, section])).hex


@dataclass(frozen=True, kw_only=True)
class Static:
    """What stands in place of a panel that cannot go live."""

    html: str
    plain: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.plain}
