"""A record on a small screen and on paper: nothing is cut off, pages are numbered, and 200 steps take few of them."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from nbrunbook.project.operator import declared
from nbrunbook.project.settings import find_project
from nbrunbook.work.archive import archive
from nbrunbook.work.session import Session
from tests.conftest import MakeRunbook
from tests.making import session_on

WIDER = """() => [...document.querySelectorAll("html, body *")]
    .filter((each) => !each.closest("thead"))  // hidden on a narrow page, but for a screen reader
    .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1
        || (each.scrollWidth > each.clientWidth + 1 && !/inline|table-/.test(getComputedStyle(each).display)))
    .map((each) => each.outerHTML.slice(0, 200))"""
"""What reaches out of the page, or does not fit into its place."""
WORD = "Donaudampfschifffahrtsgesellschaft" * 6
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" * 2
LONG = f"""# {WORD}

| where | what | sha256 | more |
|---|---|---|---|
| {WORD} | the search index | `{SHA}` | {SHA} |

- [ ] {WORD} {{#long}}

  ```sh
  echo {SHA}
  ```

  | where | {WORD} |
  |---|---|
  | {SHA} | x |
- [ ] Board {{#board evidence=link}}
"""


def _worked(key: str) -> Session:
    session = session_on(key)
    said = {"note": SHA, "for": WORD}
    session.append("ticked", "long", data=said)
    session.append("unticked", "long", data={"reason": WORD})
    session.append("skipped", "long", data={"reason": SHA})
    session.append("ticked", "board", data={"evidence": f"https://example.com/{SHA}"})
    session.sign_off(None, note=WORD)
    return session


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 420, 1280])
def test_nothing_reaches_out_of_the_page(runbook: MakeRunbook, browser: Browser, width: int, scheme: str) -> None:
    """Long words, hashes, tables and addresses stay within a narrow page; wide tables of the author's scroll."""
    path = archive(_worked(runbook(LONG)), find_project()).path
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.evaluate(WIDER) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    context.close()


def _printed(browser: Browser, path: Path) -> bytes:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(path.as_uri())
    paper: bytes = page.pdf(format="A4")
    context.close()
    return paper


def _pages(paper: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", paper))


def test_two_hundred_steps_take_ten_pages_at_most(runbook: MakeRunbook, browser: Browser) -> None:
    """A runbook of 200 steps with all that was said of them, and its journal, fits on ten pages of A4."""
    title = "Check that the search index of every shop answers within two seconds and note what does not"
    words = title.split()
    sections = []
    for first in range(0, 200, 20):
        lines = [f"- [ ] {' '.join(words[: 5 + step * 7 % 12])} {{#s{step}}}" for step in range(first, first + 20)]
        sections.append("\n".join([f"## Part {first // 20}", *lines, "", "  Look at [the board](https://e.com).", ""]))
    session = session_on(runbook("# Two hundred steps", *sections))
    for step in range(200):
        if step % 25 == 24:
            session.append("skipped", f"s{step}", data={"reason": "nothing to do in this region this time"})
        else:
            session.append("ticked", f"s{step}", data={"note": "answered after 1.4 s"} if step % 20 == 0 else {})
    session.sign_off(None)
    assert 4 < _pages(_printed(browser, archive(session, find_project()).path)) <= 10


def test_paper_is_light_and_keeps_its_colours(runbook: MakeRunbook, browser: Browser) -> None:
    """On paper a record is drawn light, also where the screen is dark, and marks keep their backgrounds."""
    path = archive(_worked(runbook(LONG, environment="production")), find_project()).path
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(path.as_uri())
    page.emulate_media(media="print")
    style = "(each) => [getComputedStyle(each).backgroundColor, getComputedStyle(each).printColorAdjust]"
    assert page.locator("body").evaluate(style) == ["rgb(255, 255, 255)", "exact"]
    assert page.locator(".nbr-mark").evaluate(style) == ["rgb(179, 19, 27)", "exact"]
    context.close()


def test_each_page_bears_its_number(runbook: MakeRunbook, browser: Browser) -> None:
    """A margin box has the runbook's key and `page n of m`; without them a page draws less text."""
    path = archive(_worked(runbook(LONG)), find_project()).path
    bare = path.with_name("bare.html")
    bare.write_text(re.sub(r"@bottom-\w+ \{[^}]*\}", "", path.read_text(encoding="utf-8")), encoding="utf-8")
    with_boxes, without = (_shown_texts(_printed(browser, each)) for each in (path, bare))
    assert with_boxes >= without + 2


def _shown_texts(paper: bytes) -> int:
    """How many pieces of text a PDF draws."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", paper, re.DOTALL)
    drawn = b"".join(zlib.decompress(each) for each in streams if each[:1] == b"x")
    return len(re.findall(rb"\bTJ\b|\bTj\b", drawn))


@pytest.mark.parametrize(("width", "print_"), [(1280, False), (420, False), (700, True)])
def test_what_was_said_has_room_beside_a_long_name(
    runbook: MakeRunbook, browser: Browser, width: int, print_: bool
) -> None:
    """A wide screen, a narrow one and paper show all of the journal; what is folded is printed."""
    session = session_on(runbook("- [ ] A {#a}\n\n  <details><summary>M</summary>\n\n  more\n\n  </details>"))
    session.append("ticked", "a", data={"note": "sent to all " * 9}, operator=declared("ana" * 15, "env"))
    session.sign_off(None)
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(archive(session, find_project()).path.as_uri())
    page.emulate_media(media="print" if print_ else "screen")
    said = page.locator(".journal td:last-child").first.bounding_box()
    assert said is not None
    assert said["width"] > 150
    assert page.evaluate(WIDER) == []
    assert page.get_by_text("more", exact=True).is_visible() == print_
    context.close()
