"""The page around the panels."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.jupyter.js.conftest import OpenPage


def test_a_jump_finds_the_step_that_is_seen(page: Page) -> None:
    """JupyterLab keeps hidden copies of a notebook: it leads to the visible one."""
    found = page.evaluate("""async () => {
      const { jump } = await import("/js/page.js");
      const item = (name) => `<li data-step="a" id="${name}">x</li>`;
      document.body.innerHTML = `<div style="display: none">${item("hidden")}</div><ul>${item("seen")}</ul>`;
      return (await jump({ id: "a", title: "A" }, document.querySelector("ul"))).id;
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
    """Side by side with another runbook of the same steps, it leads to none of its own."""
    found = page.evaluate("""async () => {
      const { jump } = await import("/js/page.js");
      const item = (name) => `<p></p><li data-step="a" id="${name}">x</li>`;
      const notebook = (name) => `<div class="jp-NotebookPanel">${item(name)}</div>`;
      document.body.innerHTML = notebook("production") + notebook("staging");
      return (await jump({ id: "a" }, document.querySelectorAll("p")[1])).id;
    }""")
    assert found == "staging"


def test_a_jump_opens_what_hides_a_step(open_page: OpenPage) -> None:
    """A part that is folded opens, and its panel hears that it has to show the step; what is nowhere leads nowhere."""
    found = open_page().evaluate("""async () => {
      const { jump } = await import("/js/page.js");
      document.body.innerHTML = `<details><summary>2 more</summary><ul><li data-step="a">A</li></ul></details>`;
      const heard = [];
      document.body.addEventListener("nbr-reveal", ({ target }) => heard.push(target.dataset.step));
      const item = await jump({ id: "a" }, document.body);
      return [item.dataset.step, document.querySelector("details").open, heard, await jump({ id: "b" }, document.body)];
    }""")
    assert found == ["a", True, ["a"], None]


def test_the_step_that_was_asked_for_last_is_the_one_that_is_shown(open_page: OpenPage) -> None:
    """Whoever goes on before a windowed notebook was searched through is not led back to the earlier step."""
    found = open_page().evaluate("""async () => {
      const { jump } = await import("/js/page.js");
      document.body.innerHTML = `<div class="jp-WindowedPanel-outer" style="height: 100px; overflow: auto">
        <div style="height: 4000px"><ul style="position: sticky; top: 0"></ul></div></div>`;
      const [frame, list] = [document.querySelector("div"), document.querySelector("ul")];
      frame.addEventListener("scroll", () => {
        const steps = { near: frame.scrollTop < 500, far: frame.scrollTop > 3000 };
        const items = Object.keys(steps).map((id) => (steps[id] ? `<li data-step="${id}">${id}</li>` : ""));
        list.innerHTML = items.join("");
      });
      const [far, near] = await Promise.all([jump({ id: "far" }, list), jump({ id: "near" }, list)]);
      return [far, near.dataset.step, frame.scrollTop < 500];
    }""")
    assert found == [None, "near", True]
