"""Panels: one cell's view, a widget."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.jupyter import panel as panels
from nbrunbook.jupyter.live import Live
from nbrunbook.jupyter.panel import CODE, LOADER, Static
from tests.jupyter.conftest import Tab


def test_only_the_header_brings_the_code(tab: Tab) -> None:
    """A hundred panels carry a small loader; whoever has no header asks for the code."""
    assert tab.header.code == CODE
    assert [panel.code for panel in tab.panels] == [{}] * len(tab.panels)
    assert tab.ask("code")["js"] == CODE["js"]


def test_the_code_is_all_that_is_shipped() -> None:
    """Every module goes to the browser under its name, and the loader, which loads them, apart from them."""
    folder = Path(panels.__file__).parent
    shipped = {each.name: each.read_text(encoding="utf-8") for each in (folder / "js").iterdir() if each.is_file()}
    assert {**CODE["js"], "loader.js": LOADER} == shipped
    assert all(each.read_text(encoding="utf-8") in CODE["css"] for each in (folder / "css").iterdir())


def test_all_panels_of_a_kernel_say_that_they_are_of_one(tab: Tab) -> None:
    """A page knows panels of a kernel before by another instance; the layout, a comm of its own, is shared."""
    assert {each.instance for each in tab.live.panels} == {tab.live.instance}
    assert {id(each.layout) for each in tab.live.panels} == {id(tab.live.layout)}
    assert Live(tab.live.session, tab.live.views.project).instance != tab.live.instance


def test_a_saved_notebook_has_nothing_to_click(tab: Tab) -> None:
    """Beside the live view stand HTML and plain text for where there is no kernel: text, and never a box."""
    for each in tab.live.panels:
        data, _ = each._repr_mimebundle_()
        assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == each.model_id
        assert data["text/plain"]
        assert not any(element in data["text/html"] for element in ("<input", "<button", '<a href="javascript'))


def test_what_a_browser_sends_is_answered_for_its_panel(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message goes to the session with the panel that it came from and with the files that came along."""
    heard: list[object] = []
    monkeypatch.setattr(tab.live, "answer", lambda *message: heard.append(message))
    tab.panels[0]._handle_custom_msg({"ask": "tick"}, [b"file"])
    assert heard == [(tab.panels[0], {"ask": "tick"}, [b"file"])]


def test_what_stands_in_place_of_a_panel_is_text() -> None:
    """A cell that cannot go live has an output that any front end shows."""
    assert Static(html="<p>x</p>", plain="x")._repr_mimebundle_(include=None) == {
        "text/html": "<p>x</p>",
        "text/plain": "x",
    }
