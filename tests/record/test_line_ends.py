"""Line ends of a page: no editor and no hook has anything to change, and what is shown is the same."""

from __future__ import annotations

import json
import random
from html.parser import HTMLParser

import pytest

from nbrunbook.project.settings import find_project
from nbrunbook.record.line_ends import steady, steady_json
from nbrunbook.record.render import render
from tests.conftest import MakeRunbook
from tests.making import fault_of, session_on

PASTED = "total 4  \n\t\ndrwx   \t\nà\u00a0\n\n x \r\nform\f\ny \x0b\nz\u2028\u2029 \x85 \n  "
ENDS = (
    "a  \nb",
    "a\t\n",
    "<pre>a \n \n</pre> \n",
    '<p title="a \nb" \n class=c >x\u00a0\n</p>',
    "a\u2028b",
    "a <b \nc \n",
    "<style> a \n",
    "\n\n",
    "",
)


class Shown(HTMLParser):
    """What a browser makes of a page: tags, attributes, text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[object] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.found.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        self.text += data


def hooked(content: bytes) -> bytes:
    """Return what the hooks trailing-whitespace, end-of-file-fixer and mixed-line-ending make of a file.

    So does an editor that takes every line end of Unicode's for one, and every blank for one.
    """
    lines = [line.rstrip() for line in content.decode().splitlines()]
    return "".join(f"{line}\n" for line in lines).rstrip("\n").encode() + b"\n"


@pytest.mark.parametrize("page", ENDS)
def test_a_page_is_what_hooks_make_of_it_and_shows_the_same(page: str) -> None:
    """Blanks of any kind in texts and in attributes are still there; those within a tag say nothing."""
    after = steady(page)
    assert hooked(after.encode()) == after.encode()
    assert Shown(after).found == Shown(page).found
    assert Shown(after).text.rstrip() == Shown(page).text.rstrip()


def test_any_page_of_ours_is_steady() -> None:
    """Whatever is put together."""
    dice = random.Random(1)
    tags = ["<p>", "</p>", "<br>", "<b \n>", '<a title="x \n\u2028 ">', "<a title='\t\n\">\u00a0\n' >"]
    pieces = [*tags, "<style> \n</style>", " ", "\t", "\n", "x", "\u00a0", "\u2028", "&lt;", "'", '"']
    for _ in range(2000):
        page = "".join(dice.choices(pieces, k=dice.randrange(12)))
        assert hooked(steady(page).encode()) == steady(page).encode(), page


def test_a_page_that_is_steady_stays_to_the_byte() -> None:
    """Nothing else is touched."""
    page = '<pre>a&#32;\n  b\n</pre>\n<p title=">">x < y</p>\n'
    assert steady(page) == page


def test_it_takes_no_longer_for_many_blanks() -> None:
    """A long row of blanks is looked at once."""
    row = " " * 300_000
    assert len(steady(f"{row}x{row}\n<a {row}b{row}\n>")) > 600_000


def test_json_says_the_same_on_one_line() -> None:
    """As every program reads it."""
    text = json.dumps({"said": PASTED}, ensure_ascii=False)
    assert len(text.splitlines()) == 4
    assert len(steady_json(text).splitlines()) == 1
    assert json.loads(steady_json(text)) == {"said": PASTED}


def test_a_record_with_what_was_pasted_from_a_terminal_is_steady(runbook: MakeRunbook) -> None:
    """Wherever it stands: in the template, in notes, evidence, reasons; and it holds."""
    session = session_on(
        runbook(f"# Notes  \nas this:\n\n```\n{PASTED}\n```\n\n## A\n- [ ] A {{#a evidence=e}}\n- [ ] B {{#b}}")
    )
    session.append("ticked", "a", data={"evidence": PASTED, "note": PASTED})
    session.append("skipped", "b", data={"reason": PASTED})
    session.sign_off(None, note=PASTED)
    content = render(session, find_project())
    assert hooked(content) == content
    path = find_project().records / "staging/1.0.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    assert fault_of(path) == "the journal never archived a page with this sha256"
    assert Shown(content.decode()).text.count("drwx   \t\nà\u00a0\n") >= 3
