"""Strangers' checklists: every box and every line of text reaches the record."""

from __future__ import annotations

import os
import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import nh3
import pytest
from markdown_it import MarkdownIt

from nbrunbook.documents import notebook
from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.html import clean, draw
from nbrunbook.documents.notebook import Cell
from nbrunbook.errors import NotebookError
from nbrunbook.project.settings import find_project
from nbrunbook.record import outputs, verify
from nbrunbook.work.archive import archive
from nbrunbook.work.session import Session
from tests.conftest import Workplace
from tests.making import session_on

CORPUS = os.environ.get("NBRUNBOOK_CORPUS")
NAMES = sorted(path.name for path in (Path(CORPUS) / "checklists").glob("*.md")) if CORPUS else []
NOTEBOOKS = sorted((Path(CORPUS) / "notebooks").rglob("*.ipynb")) if CORPUS else []

pytestmark = pytest.mark.skipif(not CORPUS, reason="NBRUNBOOK_CORPUS names no folder of checklists")

FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?^---[ \t]*\n", re.DOTALL | re.MULTILINE)


class _Words(HTMLParser):
    """The visible text of a page and its boxes, without what we wrote below the steps."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.boxes = 0
        self.rows = 0
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count boxes, and notice rows."""
        names = str(dict(attrs).get("class", ""))
        self.boxes += names == "nbr-box"
        if tag == "span" and (self.rows or names in ("nbr-row", "nbr-box")):
            self.rows += 1

    def handle_endtag(self, tag: str) -> None:
        """Notice the end of a row."""
        if tag == "span" and self.rows:
            self.rows -= 1

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.texts += [] if self.rows else [data]


def _words(text: str) -> str:
    words = " ".join(re.findall(r"[^\W_]+", text.casefold()))
    return f" {words} "


def _source(path: Path) -> str:
    text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    return FRONT_MATTER.sub("", text)


def _without_tags(content: str) -> str:
    """Take HTML's own elements out; an author's <placeholder> is text that a person has to see."""
    known = "|".join((*nh3.ALLOWED_TAGS, "details", "summary", "font", "input", "section"))
    return re.sub(rf"</?(?:{known})\b[^>]*>", " ", content, flags=re.IGNORECASE)


def _tokens(text: str) -> list[tuple[str, str]]:
    """What a Markdown text holds, read without any of nbrunbook: (kind, words to be found)."""
    found: list[tuple[str, str]] = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        if token.type in ("fence", "code_block"):
            found += [("code", line) for line in token.content.splitlines()]
        elif token.type == "html_block":
            shown = _without_tags(re.sub(r"<!--.*?(?:-->|\Z)", " ", token.content, flags=re.DOTALL))
            found += [("html", unescape(line)) for line in shown.splitlines()]
        elif token.type == "inline":
            line = ""
            for child in token.children or []:
                if child.type in ("softbreak", "hardbreak"):
                    found.append(("text", line))
                    line = ""
                elif child.type in ("text", "code_inline", "text_special"):
                    line += child.content
                elif child.type == "html_inline" and not child.content.startswith("<!--"):
                    line += _without_tags(child.content)
            found.append(("text", line))
    return found


def _boxes(text: str) -> int:
    tokens = MarkdownIt("commonmark").parse(text)
    return sum(
        token.type == "list_item_open"
        and tokens[index + 1].type == "paragraph_open"
        and bool(re.match(r"\[[ xX]\]\s+\S", tokens[index + 2].content))
        for index, token in enumerate(tokens)
    )


def _tick_all(session: Session) -> None:
    """Tick sub-steps before the steps above them."""
    for step in reversed(session.plan.steps):
        if not step.is_group and step.applies is not False:
            session.append("ticked", step.id, data={"evidence": "seen"} if step.evidence else {})


def _worked_through(work: Workplace, path: Path) -> Session:
    key = f"staging/{path.stem}"
    target = f"templates/{path.stem}.ipynb"
    assert work.run("import", path, "-o", target) == 0, work.err
    assert work.run("plan", target) == 0, work.out
    assert work.run("instantiate", target, "-e", "staging") == 0, work.err
    session = session_on(key)
    _tick_all(session)
    session.sign_off(None)
    return session


@pytest.mark.parametrize("name", NAMES)
def test_a_strangers_checklist_reaches_the_record_whole(work: Workplace, corpus: Path, name: str) -> None:
    """From import to record no box and no line of text is lost, and every step is done."""
    path = corpus / "checklists" / name
    text = _source(path)
    session = _worked_through(work, path)
    written = archive(session, find_project()).path
    verdict = verify.verify(written)
    assert (verdict.fault, verdict.held_against) == (None, ("itself", "SHA256SUMS", "the journal"))
    boxes = [step for step in session.plan.steps if step.kind != "group"]
    assert len(boxes) == _boxes(text)
    page = _Words(written.read_text(encoding="utf-8"))
    assert page.boxes == sum(not step.is_group for step in boxes) == session.progress.settled
    shown = _words(" ".join(page.texts))
    lines = [re.sub(r"^\[[xX]\]\s", "", line) for _, line in _tokens(text)]  # a ticked box is drawn, not written
    missing = [line for line in lines if _words(line).strip() and _words(line) not in shown]
    assert missing == []
    assert [step.title for step in boxes if _words(step.title).strip() and _words(step.title) not in shown] == []


def test_there_is_a_corpus() -> None:
    """The folder holds checklists with boxes."""
    assert CORPUS
    assert sum(_boxes(_source(Path(CORPUS) / "checklists" / name)) for name in NAMES) > 100


@pytest.mark.parametrize("name", NAMES)
def test_a_strangers_checklist_is_whole_in_a_terminal(work: Workplace, corpus: Path, name: str) -> None:
    """`status KEY --full` shows every step once, every line of text, and code to the letter."""
    path = corpus / "checklists" / name
    assert work.run("import", path, "-o", f"templates/{path.stem}.ipynb") == 0, work.err
    assert work.run("instantiate", f"templates/{path.stem}.ipynb", "-e", "staging") == 0, work.err
    assert work.run("status", f"staging/{path.stem}", "--full") == 0, work.err
    lines, shown = work.out.split("\n"), _words(re.sub(r" <[^<>\s]*[:/#][^<>\s]*>", "", work.out))
    steps = session_on(f"staging/{path.stem}").plan.steps
    assert [sum(line.endswith(f"({step.id})") for line in lines) for step in steps] == [1] * len(steps)
    found = [(kind, re.sub(r"^\[[xX]\]\s", "", line)) for kind, line in _tokens(_source(path))]
    assert [line for kind, line in found if kind == "code" and line not in lines] == []
    assert [line for _, line in found if _words(line).strip() and _words(line) not in shown] == []


class _Seen(HTMLParser):
    """What a page says and where it leads: its words, and the addresses of its links and images."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.addresses: set[str] = set()
        self.unread = 0
        self.feed(content)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep addresses, and notice what is no text."""
        self.unread += tag in ("script", "style")
        self.addresses |= {value.strip() for name, value in attrs if name in ("href", "src") and value}

    def handle_endtag(self, tag: str) -> None:
        """Notice the end of what is no text."""
        self.unread -= tag in ("script", "style") and self.unread > 0

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.texts += [] if self.unread else [data]

    @property
    def words(self) -> Counter[str]:
        """Each word, and how often it stands there."""
        return Counter(re.findall(r"[^\W_]+", " ".join(self.texts)))


def _lost(before: str, after: str) -> list[str]:
    """The words and the addresses of a page that are not in another one, neither as they are nor in words."""
    was, now = _Seen(before), _Seen(after)
    shown = " ".join(now.texts)
    addresses = [each for each in was.addresses if each not in now.addresses and each[:38] not in shown]
    return sorted((was.words - now.words).keys()) + sorted(addresses)


def _plain_html(text: str) -> str:
    """Markdown as HTML, drawn and cleaned by none of nbrunbook; a ticked box is drawn, not written."""
    text = re.sub(r"^(\s*[-*+] )\[[xX]\]", r"\1", text, flags=re.MULTILINE)
    return str(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_a_strangers_text_is_cleaned_away(name: str) -> None:
    """What a page may not load or follow is told in its place: no word and no address is lost."""
    text = _source(Path(CORPUS or "") / "checklists" / name)
    assert _lost(_plain_html(text), draw(text, Fill())) == []


def _cells(path: Path) -> list[Cell]:
    """A notebook's cells; none where it is none."""
    try:
        return notebook.parse(path.read_bytes(), path, check=False).cells
    except NotebookError:
        return []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_nothing_of_a_strangers_notebook_is_cleaned_away(path: Path) -> None:
    """Neither of its Markdown cells nor of the HTML that its code cells gave; each other output says something."""
    for cell in _cells(path):
        if cell["cell_type"] == "markdown":
            assert _lost(_plain_html(cell["source"]), draw(cell["source"], Fill())) == []
        for output in cell.get("outputs", ()):
            shown = outputs.shown(output)
            drawn = shown.get("data", {}).get("text/html")
            if drawn is not None and drawn == "".join(output["data"].get("text/html", "")):
                assert _lost(drawn, clean(drawn)) == []
            assert shown.get("text") or shown.get("traceback") or any(map(str.strip, shown.get("data", {}).values()))
