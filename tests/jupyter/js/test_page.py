"""The page around the panels."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.jupyter.js.conftest import OpenPage


def test_a_jump_finds_the_step_that_is_seen(page: Page) -> None:
    """JupyterLab keeps hidden copies of a notebook: the focus goes to the visible one's first thing to click."""
    found = page.evaluate("""async () => {
      const { jump } = await import("/js/page.js");
      const item = (name) => `<li data-step="a"><button disabled>x</button><button id="${name}">x</button></li>`;
      document.body.innerHTML = `<div style="display: none">${item("hidden")}</div><ul>${item("seen")}</ul>`;
      await jump({ id: "a", title: "A" }, document.querySelector("ul"));
      return document.activeElement.id;
    }""")
    assert found == "seen"


def test_what_jupyter_says_of_itself(open_page: OpenPage) -> None:
    """The page's own configuration, and nothing where there is none, such as in VS Code."""
    config = "async () => (await import('/js/page.js')).jupyterConfig()"
    page = open_page(baseUrl="/user/ana/")
    assert page.evaluate(config) == {"baseUrl": "/user/ana/"}
    page.evaluate("document.getElementById('jupyter-config-data').remove()")
    assert page.evaluate(config) == {}


def test_a_jump_stays_in_its_notebook(page: Page) -> None:
    """Side by side with another runbook of the same steps, the focus goes to none of its boxes."""
    found = page.evaluate("""async () => {
      const { jump } = await import("/js/page.js");
      const item = (name) => `<p></p><li data-step="a"><button id="${name}">x</button></li>`;
      const notebook = (name) => `<div class="jp-NotebookPanel">${item(name)}</div>`;
      document.body.innerHTML = notebook("production") + notebook("staging");
      await jump({ id: "a" }, document.querySelectorAll("p")[1]);
      return document.activeElement.id;
    }""")
    assert found == "staging"
