"""What a tab of the browser keeps."""

from __future__ import annotations

from tests.jupyter.js.conftest import OpenPage

READ = "async (name) => (await import('/js/tab.js')).read(name)"
WRITE = "async ([name, words]) => (await import('/js/tab.js')).write(name, words)"


def test_it_is_kept_over_a_reload(open_page: OpenPage) -> None:
    """No other tab has it, and no words are nothing kept."""
    page = open_page()
    page.evaluate(WRITE, ["one", "words"])
    page.reload()
    assert [page.evaluate(READ, "one"), page.evaluate(READ, "two"), open_page().evaluate(READ, "one")] == [
        "words",
        "",
        "",
    ]
    page.evaluate(WRITE, ["one", ""])
    assert page.evaluate("sessionStorage.length") == 0


def test_a_browser_that_keeps_nothing_is_no_error(open_page: OpenPage) -> None:
    """Where storage is forbidden nothing is kept, and nothing fails."""
    page = open_page()
    page.evaluate(
        "Object.defineProperty(globalThis, 'sessionStorage', { get: () => { throw new Error('forbidden'); } })"
    )
    page.evaluate(WRITE, ["one", "words"])
    assert page.evaluate(READ, "one") == ""
