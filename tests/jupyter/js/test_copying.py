"""Blocks of code, to be pasted somewhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.jupyter.js.conftest import OpenPage


@pytest.mark.parametrize("host", ["localhost", "shop.example"])
def test_a_block_is_copied_as_it_stands(open_page: OpenPage, host: str) -> None:
    """With the browser's clipboard, and over plain http, where there is none, by selecting; it says that it did."""
    page = open_page(f"http://{host}/")
    if host == "localhost":
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("""async () => {
      const { addCopy } = await import("/js/copying.js");
      document.body.innerHTML = "<pre>make release\\n</pre>";
      document.addEventListener("copy", () => { globalThis.selected = String(getSelection()); });
      addCopy(document.querySelector("pre"));
    }""")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button")).to_have_text("Copied")
    read = "navigator.clipboard.readText()" if host == "localhost" else "document.querySelector('textarea') === null"
    assert page.evaluate(read) == ("make release\n" if host == "localhost" else True)
