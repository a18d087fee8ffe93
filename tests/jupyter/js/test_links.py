"""Where links lead: web addresses only, and files through Jupyter."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.jupyter.js.conftest import OpenPage


@pytest.mark.parametrize(
    ("value", "is_link"),
    [
        ("https://boards.example.com/7?a=1&b=2", True),
        ("http://x", True),
        ("javascript:alert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("see https://x", False),
        ("https://x y", False),
        ('https://x"onclick="alert(1)', False),
        ("//x", False),
        ("", False),
    ],
)
def test_links_only_for_web_addresses(page: Page, value: str, is_link: bool) -> None:
    """Evidence becomes a link only where it is a web address as a whole, and opens without a way back."""
    found = page.evaluate(
        """async (value) => {
          const made = (await import("/js/links.js")).webLink(value);
          return typeof made === "string" ? made : [made.getAttribute("href"), made.textContent, made.target, made.rel];
        }""",
        value,
    )
    assert found == ([value, value, "_blank", "noopener noreferrer"] if is_link else value)


REWRITE = """async (targets) => {
  const { rewriteLinks } = await import("/js/links.js");
  const links = targets.map((target) => Object.assign(document.createElement("a"), { href: target }));
  const root = document.createElement("div");
  root.append(...links);
  rewriteLinks(root);
  return links.map((each) => [each.getAttribute("href"), each.target]);
}"""


@pytest.mark.parametrize("view", ["lab/tree", "notebooks"])
def test_files_are_shown_by_jupyter(open_page: OpenPage, view: str) -> None:
    """A relative link is relative to the notebook's folder, in JupyterLab and Notebook 7, below any base address."""
    page = open_page(f"http://localhost/user/ana/{view}/run%20books/_sessions/a.ipynb?reset", baseUrl="/user/ana/")
    assert page.evaluate(REWRITE, ["../notes.md", "deep/er.md#top"]) == [
        ["/user/ana/files/run%20books/notes.md", "_blank"],
        ["/user/ana/files/run%20books/_sessions/deep/er.md#top", "_blank"],
    ]


def test_other_links_stay(open_page: OpenPage) -> None:
    """The web and mail open beside the runbook; a place on the page stays on the page."""
    page = open_page("http://localhost/lab/tree/a.ipynb", baseUrl="/")
    assert page.evaluate(REWRITE, ["//x.example/a", "https://x.example/a", "mailto:a@x.example", "#below"]) == [
        ["//x.example/a", "_blank"],
        ["https://x.example/a", "_blank"],
        ["mailto:a@x.example", "_blank"],
        ["#below", ""],
    ]


def test_an_odd_link_ends_no_panel(open_page: OpenPage) -> None:
    """What no browser can follow stays as it is, and the links behind it are rewritten."""
    page = open_page("http://localhost/lab/tree/a.ipynb", baseUrl="/")
    assert page.evaluate(REWRITE, ["//%5Ba", "/\\\\[a", "b.md"])[2] == ["/files/b.md", "_blank"]
