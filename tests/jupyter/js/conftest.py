"""The browser's modules in a page of their own: served as they are, with a stand-in for the kernel."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

import nbrunbook
from nbrunbook.jupyter.live import Live
from nbrunbook.project.settings import find_project
from tests.conftest import Workplace
from tests.making import registered, session_on

JS = Path(nbrunbook.__file__).parent / "jupyter" / "js"
MODEL = (Path(__file__).parent / "model.js").read_text(encoding="utf-8")
PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>Runbook</title>
<script id="jupyter-config-data" type="application/json">%s</script><body>"""

OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Open a page whose modules lie below /js, with what a Jupyter server says of itself."""
    contexts = []

    def opened(address: str = "http://localhost/", *, zone: str = "UTC", **config: str) -> Page:
        context = browser.new_context(timezone_id=zone)
        contexts.append(context)
        page = context.new_page()
        page.add_init_script(MODEL)
        page.route("**/*", lambda route: _serve(route, config))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()


def _serve(route: Route, config: dict[str, str]) -> None:
    _, _, name = route.request.url.partition("/js/")
    if name:
        route.fulfill(path=JS / name, content_type="text/javascript")
    else:
        route.fulfill(body=PAGE % json.dumps(config), content_type="text/html")


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """One such page, without a Jupyter around it, in which time stands still."""
    opened = open_page()
    opened.clock.install()
    opened.clock.pause_at("2030-01-01T00:00:00Z")
    return opened


class Panels:
    """The panels of one runbook as the kernel draws them; what is clicked on them is answered by the test."""

    def __init__(self, page: Page, live: Live) -> None:
        self.page, self.live = page, live

    def draw(self, role: str, section: str = "", *, called: str = "", **view: Any) -> None:
        """Draw a panel on the page; `view` changes what its kernel says of the runbook.

        A second one of its role has to be `called` something: its model is known by that.
        """
        values = {
            "role": role,
            "instance": "one",
            "drawn": self.live.drawn(section),
            "view": {**self.live.view(role, section), **view},
        }
        self.page.evaluate(
            """async ([name, values]) => {
              const { default: code } = await import("/js/panels.js");
              const model = models[name] ??= new Model(values);
              const el = document.body.appendChild(document.createElement("div"));
              model.close = code.render({ model, el });
            }""",
            [called or role, values],
        )
        self.page.wait_for_selector(".nbr[data-live=live]")

    def show(self, role: str, section: str = "", *, called: str = "", drawn: bool = False) -> None:
        """Let the kernel say what the runbook is like now, and draw the text anew where it is another one."""
        self.live.refresh()
        values = {"view": self.live.view(role, section), **({"drawn": self.live.drawn(section)} if drawn else {})}
        self.page.evaluate("([name, values]) => models[name].set(values)", [called or role, values])

    def sent(self, role: str = "checklist") -> list[dict[str, Any]]:
        """Return the events that a panel has asked for, without what names them."""
        sent = self.page.evaluate("(name) => models[name].events()", role)
        return [
            {name: each[name] for name in each if name not in ("id", "event", "username", "typed")} for each in sent
        ]


MakePanels = Callable[..., Panels]


@pytest.fixture
def panels(work: Workplace, page: Page) -> Iterator[MakePanels]:
    """Make the panels of a runbook with some steps."""
    lives = []

    def make(markdown: str) -> Panels:
        settings = '[tool.nbrunbook.owners]\n"Release Manager" = "ana"\n'
        (work.root / "pyproject.toml").write_text(f'[project]\nname = "shop"\n{settings}', encoding="utf-8")
        lives.append(Live(session_on(registered(markdown)), find_project()))
        lives[-1].stop()
        return Panels(page, lives[-1])

    yield make
    for live in lives:
        live.stop()
