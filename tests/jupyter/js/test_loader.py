"""The loader: the modules of all panels, made once a kernel from what the header brings."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from nbrunbook.jupyter.panel import CODE, LOADER
from tests.jupyter.js.conftest import JS, OpenPage

ORDER = "async ([modules, entry]) => (await import('/js/loader.js')).inOrder(modules, entry)"
RENDER = """async ({ name, kernel, code }) => {
  const { default: loader } = await import("/js/loader.js");
  if (!globalThis.made) {
    const { createObjectURL, revokeObjectURL } = URL;
    Object.assign(globalThis, { made: [], revoked: [] });
    URL.createObjectURL = (blob) => { made.push(createObjectURL.call(URL, blob)); return made.at(-1); };
    URL.revokeObjectURL = (address) => { revoked.push(address); revokeObjectURL.call(URL, address); };
  }
  models[name] = new Model({ role: "drawing", instance: kernel, code });
  const el = Object.assign(document.body.appendChild(document.createElement("div")), { id: name });
  loader.render({ model: models[name], el }).catch((error) => { models[name].error = error.message; });
}"""
SMALL = {
    "panels.js": 'import { word } from "./words.js";\n'
    "export default { render({ model, el }) { el.textContent = `${word} ${model.get('instance')}`; } };\n",
    "words.js": 'import {\n  hello,\n  space,\n} from "./parts.js";\nexport const word = hello + space;\n',
    "parts.js": 'export const hello = "hello from";\nexport const space = "";\n',
}


@pytest.fixture
def loading(open_page: OpenPage) -> Page:
    """A page with nothing on it yet, in which time passes."""
    return open_page()


def _render(page: Page, name: str, kernel: str, js: dict[str, str] | None = None) -> None:
    page.evaluate(RENDER, {"name": name, "kernel": kernel, "code": {"js": js, "css": ".x {}"} if js else {}})


def _wait(page: Page, name: str, words: str) -> None:
    page.wait_for_function(
        "([id, words]) => document.getElementById(id).textContent.includes(words)", arg=[name, words]
    )


def _order(page: Page, modules: dict[str, str], entry: str = "panels.js") -> Any:
    return page.evaluate(ORDER, [modules, entry])


def test_a_module_comes_after_what_it_imports(loading: Page) -> None:
    """Each is there once, also where two others want it, and those that nobody wants are left out."""
    modules = {
        "a.js": 'import { b } from "./b.js";\nimport "./d.js";\nexport { c } from "./c.js";',
        "b.js": 'import {\n  c,\n} from "./c.js";',
        "c.js": "export const c = 1;",
        "d.js": "",
        "f.js": "",
    }
    assert _order(loading, modules, "a.js") == ["c.js", "b.js", "d.js", "a.js"]


def test_a_circle_is_told_in_words(loading: Page) -> None:
    """Modules made from texts cannot import each other: the way around is named, nothing hangs."""
    modules = {
        "panels.js": 'import "./a.js"',
        "a.js": 'import { b } from "./b.js"',
        "b.js": 'import { a } from "./a.js"',
    }
    with pytest.raises(Exception, match=r"modules import each other: panels\.js → a\.js → b\.js → a\.js"):
        _order(loading, modules)


def test_a_missing_module_is_told_in_words(loading: Page) -> None:
    """Who imports what is said on the page, beside that nothing can be recorded there."""
    _render(loading, "header", "one", {"panels.js": 'import { x } from "./gone.js";'})
    _wait(loading, "header", "panels.js imports gone.js, which did not come along")
    assert loading.locator("#header").inner_text().startswith("NOT LIVE: ")
    assert "gone.js" in loading.evaluate("models.header.error")


def test_code_is_loaded_once_for_all_panels(loading: Page) -> None:
    """The header brings it; panels drawn before and after use the same modules, whose addresses are given back."""
    _render(loading, "early", "one")
    _render(loading, "header", "one", SMALL)
    _render(loading, "late", "one")
    for name in ("early", "header", "late"):
        _wait(loading, name, "hello from one")
    assert loading.evaluate("[made.length, [...revoked].sort().join() === [...made].sort().join()]") == [3, True]
    assert loading.locator("style").count() == 1


def test_two_kernels_have_their_own_code(loading: Page) -> None:
    """A kernel of another version of nbrunbook, or one that was started again, brings what it needs."""
    other = {**SMALL, "parts.js": SMALL["parts.js"].replace("hello from", "good day from")}
    _render(loading, "a", "one", SMALL)
    _render(loading, "b", "two", other)
    _render(loading, "c", "one")
    _wait(loading, "a", "hello from one")
    _wait(loading, "b", "good day from two")
    _wait(loading, "c", "hello from one")
    assert loading.evaluate("made.length") == 6


def test_a_panel_without_a_header_asks_the_kernel(page: Page) -> None:
    """It asks each second until the code is here, and then no more."""
    _render(page, "alone", "one")
    page.clock.run_for(3500)
    assert page.evaluate("models.alone.asked()") == ["code"] * 3
    page.evaluate("(js) => models.alone.reply({ answer: 'code', js, css: '' })", SMALL)
    _wait(page, "alone", "hello from one")
    page.clock.run_for(5000)
    assert page.evaluate("models.alone.asked()") == ["code"] * 3


def test_the_panels_own_code_is_complete(loading: Page) -> None:
    """All modules that are shipped are wanted by the panels, and every import of theirs is one of them."""
    assert set(_order(loading, CODE["js"])) == set(CODE["js"])
    imports = [each for text in CODE["js"].values() for each in re.findall(r"^import[^;]*;", text, re.MULTILINE)]
    assert len(imports) > 20
    assert [each for each in imports if not re.search(r'"\./\w+\.js";$', each)] == []
    assert (JS / "loader.js").read_text(encoding="utf-8") == LOADER
    assert "import" not in re.findall(r"^\w+", LOADER, re.MULTILINE)


def test_the_panels_own_code_loads_from_texts(loading: Page) -> None:
    """What the header brings draws a panel that goes live, without one request for a module but the loader."""
    requested: list[str] = []
    loading.on("request", lambda request: requested.append(request.url))
    _render(loading, "header", "one")
    view = {"lines": ["All is settled."], "left": [], "offers": [], "ended": "", "from_to": ""}
    loading.evaluate(
        "([code, view]) => { Object.assign(models.header.values, { role: 'sign-off', view });"
        " models.header.answer({ id: 'x' }, { answer: 'code', ...code }); }",
        [CODE, view],
    )
    loading.wait_for_selector("#header .nbr[data-live=live]")
    assert "All is settled." in loading.locator("#header").inner_text()
    assert [url for url in requested if url.startswith("http") and "api/me" not in url] == [
        "http://localhost/js/loader.js"
    ]
