"""Panels: what the browser's side is made of, and what stands in place of a panel."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ipywidgets import Layout

from nbrunbook.jupyter.panel import CODE, LOADER, Panel, Static


class Live(SimpleNamespace):
    """What a panel asks for."""

    def drawn(self, section: str) -> str:
        """Say which section was asked for."""
        return f"<p>{section}</p>"

    def view(self, role: str, section: str) -> dict[str, Any]:
        """Say what was asked for."""
        return {"role": role, "section": section}

    def static(self, role: str, section: str, drawn: str) -> tuple[str, str]:
        """Say what was asked for."""
        return drawn, f"{role} {section}"


@pytest.fixture
def live() -> Live:
    """Something to show."""
    return Live(layout=Layout(), instance="this kernel", answered=[])


def test_the_code_is_brought_once(live: Live) -> None:
    """The header brings the modules, every panel the small loader that asks for them."""
    header, section = Panel(live, "header"), Panel(live, "checklist", "tell")
    assert header.code == CODE
    assert section.code == {}
    assert "loader.js" not in CODE["js"]
    assert 0 < len(LOADER) < sum(map(len, CODE["js"].values())) / 2


def test_a_panel_shows_what_it_was_made_for(live: Live) -> None:
    """Its section, drawn and as JSON, and which kernel it belongs to."""
    panel = Panel(live, "checklist", "tell")
    assert (panel.drawn, panel.view, panel.instance) == (
        "<p>tell</p>",
        {"role": "checklist", "section": "tell"},
        "this kernel",
    )


def test_without_a_kernel_there_is_text(live: Live) -> None:
    """A saved notebook holds the static HTML and text beside the live view."""
    shown, _ = Panel(live, "checklist", "tell")._repr_mimebundle_()
    assert (shown["text/html"], shown["text/plain"]) == ("<p>tell</p>", "checklist tell")
    assert set(shown) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}


def test_messages_go_to_the_session(live: Live) -> None:
    """With the panel that they came from, and what came with them."""
    live.answer = lambda panel, message, buffers: live.answered.append((panel, message, buffers))
    panel = Panel(live, "sign-off")
    panel._handle_custom_msg({"ask": "beat"}, [b"x"])
    assert live.answered == [(panel, {"ask": "beat"}, [b"x"])]


def test_what_cannot_go_live_is_static() -> None:
    """It has no view, so that no browser looks for its kernel."""
    assert Static(html="<p>x</p>", plain="x")._repr_mimebundle_() == {"text/html": "<p>x</p>", "text/plain": "x"}
