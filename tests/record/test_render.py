"""Records: one offline file that tells the whole story, and runs nothing."""

from __future__ import annotations

import json
import random
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from nbrunbook.documents import files as documents_files
from nbrunbook.documents import notebook
from nbrunbook.project.settings import find_project
from nbrunbook.record import verify
from nbrunbook.work.archive import archive
from nbrunbook.work.session import Session
from tests.conftest import MakeRunbook, Workplace
from tests.making import HOSTILE, TELL_PEOPLE, fault_of, session_on
from tests.record.conftest import Signed
from tests.record.test_line_ends import PASTED, hooked


class Page(HTMLParser):
    """A page as a browser sees it: its elements, and the text between them."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.hidden = False
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element with its attributes."""
        self.elements.append((tag, dict(attrs)))
        self.hidden = self.hidden or (tag == "pre" and "hidden" in dict(attrs))

    def handle_data(self, data: str) -> None:
        """Keep the text, but for the JSON that is hidden at the end."""
        self.words += [] if self.hidden else [data]

    @property
    def text(self) -> str:
        """All text that is shown."""
        return "".join(self.words)


def test_a_draft_is_marked(ana: Session, work: Workplace) -> None:
    """A draft may be written in any state; it says DRAFT, on each printed page too; nothing else knows it."""
    written = archive(ana, find_project(), draft=True)
    assert written.path == work.root / "records" / "staging" / "1.0.draft.html"
    text = Page(written.path.read_bytes()).text
    assert text.count("DRAFT") == 3
    assert '"DRAFT staging/1.0"' in text
    assert "DRAFT" in text.partition("</title>")[0]
    assert not (work.root / "records" / "SHA256SUMS").exists()
    assert len(session_on().events) == 3


def test_a_record_is_not_marked(signed: Signed) -> None:
    """A record of a signed-off runbook says nothing of a draft."""
    assert "DRAFT" not in Page(signed.read_bytes()).text


def test_a_record_tells_the_whole_story(signed: Signed) -> None:
    """A record says what was to be done, what was done, by whom, how known, when, and with which evidence."""
    text = Page(signed.read_bytes()).text
    for part in (
        "1.0 → staging",
        "For everybody.",
        "2 of 2 done",
        "by ana (declared)",
        "Evidence: https://board.example.com",
        "sent at noon",
        "declared (env)",
        "templates/1.0.ipynb (sha256 ",
    ):
        assert part in text


def test_skips_and_their_reasons_stand_in_the_record(runbook: MakeRunbook) -> None:
    """What was skipped stands there with its reason, and who had it undone before."""
    session = session_on(runbook(TELL_PEOPLE))
    session.append("ticked", "mail")
    session.append("unticked", "mail", data={"reason": "wrong list"})
    for step in ("mail", "board"):
        session.append("skipped", step, data={"reason": f"no {step} here"})
    session.sign_off(None)
    text = Page(archive(session, find_project()).path.read_bytes()).text
    assert "skipped by ana (declared)" in text
    for part in ("no mail here", "no board here", "reason: wrong list"):
        assert part in text


def test_a_revision_stands_in_the_record(ana: Session, work: Workplace) -> None:
    """What came, what was confirmed and by whom, what was removed with its tick, and each plan's digest."""
    work.template(
        TELL_PEOPLE.replace("Mail", "Mail all").replace("- [ ] Board {#board evidence=proof}", "- [ ] N {#n}")
    )
    assert work.run("revise", ana.key, "--yes") == 0, work.err
    assert work.run("tick", ana.key, "mail", "n") == 0, work.err
    ana.refresh()
    ana.sign_off(None)
    made = archive(ana, find_project())
    text = Page(made.path.read_bytes()).text
    assert "confirmed as reworded by ana" in text
    assert "new in a revision" in text
    assert "Board  (board): done by ana" in text
    assert f"Plan sha256 {ana.progress.versions[-1].plan.digest}, from templates/1.0.ipynb (sha256 " in text
    assert f"sha256 {ana.runbook.plan_digest}" in text
    assert verify.verify(made.path).fault is None


def test_the_journal_stands_in_the_record(signed: Signed, ana: Session) -> None:
    """The whole journal up to the sign-off is in the page, as a table and as JSON."""
    facts = verify.embedded(signed.read_bytes())
    bodies = [event.body() for event in ana.events if event.kind != "archived"]
    assert [event.body() for event in verify.chain(facts)] == bodies
    assert facts["runbook"] == ana.runbook.facts
    text = Page(signed.read_bytes()).text
    assert ana.events[-2].hash() in text


def test_the_authors_cells_are_as_last_saved(ana: Session) -> None:
    """The notebook's other cells come from the session copy that was kept at sign-off, and are marked."""
    _save_copy({"output_type": "stream", "name": "stdout", "text": "as last saved"})
    _sign_off(ana)
    text = Page(archive(ana, find_project()).path.read_bytes()).text
    assert "as last saved" in text
    assert "not part of the journal" in text


# Offline


def _requests(page: Page) -> list[str]:
    """Whatever in a page runs, or would make a browser ask anybody for anything by itself."""
    found = []
    for tag, attributes in page.elements:
        if tag in ("script", "link", "iframe", "frame", "object", "embed", "base", "form", "audio", "video", "source"):
            found.append(tag)
        for name, value in attributes.items():
            if name.startswith("on") or name in ("srcset", "background", "action", "formaction", "data", "poster"):
                found.append(f"{tag} {name}")
            if name == "src" and not str(value).startswith("data:image/"):
                found.append(f"{tag} src={value}")
            if name in ("href", "xlink:href") and re.match(r"(?!https?:|mailto:|tel:)\s*[\w+.-]+:", str(value)):
                found.append(f"{tag} {name}={value}")
            if name == "style" and re.search(r"url\(|expression|import", str(value), re.IGNORECASE):
                found.append(f"{tag} style={value}")
            if (tag, name) == ("meta", "http-equiv") and value != "Content-Security-Policy":
                found.append(f"meta {value}")
    return found


def test_a_record_asks_nobody_for_anything(signed: Signed) -> None:
    """No script, no element that makes a request; the style sheet asks for nothing either."""
    content = signed.read_bytes()
    assert _requests(Page(content)) == []
    for style in re.findall(r"<style>(.*?)</style>", content.decode(), re.DOTALL):
        assert not re.search(r"url\(|@import|https?:", style)


def test_a_policy_forbids_scripts_and_requests(signed: Signed) -> None:
    """A Content-Security-Policy stands before everything that could run or load."""
    elements = Page(signed.read_bytes()).elements
    policies = [each["content"] for tag, each in elements if each.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    rules = dict(rule.strip().split(" ", 1) for rule in str(policies[0]).split(";"))
    assert rules.pop("default-src") == "'none'"
    assert rules.pop("img-src") == "data:"
    assert "script-src" not in rules
    tags = [tag for tag, _ in elements]
    assert tags.index("style") > [each.get("http-equiv") for _, each in elements].index("Content-Security-Policy")


def test_a_record_can_be_read_by_everybody(signed: Signed) -> None:
    """A record has a language, a title, headings for its tables, and works in the dark and on paper."""
    page, content = Page(signed.read_bytes()), signed.read_text(encoding="utf-8")
    assert dict(page.elements)["html"]["lang"] == "en"
    assert {"h1", "h2", "main", "th"} <= {tag for tag, _ in page.elements}
    assert "prefers-color-scheme: dark" in content
    assert "@media print" in content


# Hostile texts


def _save_copy(*outputs: dict[str, Any], markdown: str = "", attachments: dict[str, Any] | None = None) -> None:
    """Write a session copy as JupyterLab would save it, with outputs in a cell of the author's."""
    found = find_project()
    read = notebook.read(found.runbook_path("staging/1.0"))
    cell = {**notebook.code_cell("author", "x"), "outputs": list(outputs)}
    text = notebook.markdown_cell("prose", markdown)
    if attachments:
        text["attachments"] = attachments
    content = notebook.document([*read.cells, cell, text], read.metadata)
    documents_files.write(found.session_path("staging/1.0"), json.dumps(content).encode())


def _sign_off(session: Session, note: str = "") -> None:
    session.sign_off(find_project().session_path(session.key), note=note)


def _sound(session: Session) -> Page:
    """Archive, check that it is still one sound page without anything that runs, and return it."""
    path = archive(session, find_project()).path
    page = Page(path.read_bytes())
    assert _requests(page) == []
    assert [tag for tag, _ in page.elements].count("pre") >= 1
    assert fault_of(path) == ""
    assert '"events":[' not in page.text
    shown = re.sub(r'<pre [^>]*id="nbrunbook-journal".*', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    return page


def _shown(text: str) -> str:
    return text.replace("\x1b", "␛").replace("\u202e", "⟨U+202E⟩").replace("\u2066", "⟨U+2066⟩")


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_was_typed_comes_out_as_text(runbook: MakeRunbook, text: str) -> None:
    """Notes, reasons, evidence and names come out as the text that was typed, wherever they stand."""
    session = session_on(runbook(TELL_PEOPLE), operator=text)
    session.append("noted", data={"note": f"1 {text}"})
    session.append("noted", "mail", data={"note": f"2 {text}"})
    session.append("skipped", "mail", data={"reason": f"3 {text}"})
    session.append("ticked", "board", data={"evidence": f"4 {text}", "for": f"5 {text}"})
    _sign_off(session, note=f"6 {text}")
    page = _sound(session)
    for number in range(1, 7):
        assert f"{number} {_shown(text)}" in page.text
    assert len([each for each in page.elements if each[0] == "h1"]) == 2


def test_an_output_that_is_none_is_told(runbook: MakeRunbook) -> None:
    """A file may hold anything; the record is made all the same."""
    session = session_on(runbook(TELL_PEOPLE))
    session.append("skipped", "mail", data={"reason": "no"})
    session.append("skipped", "board", data={"reason": "no"})
    error, data = {"output_type": "error"}, {"output_type": "display_data"}
    odd = [{**error, "traceback": 5}, {**error, "traceback": "x"}, {**error, "traceback": [1]}, {**data, "data": 5}]
    odd += [{"output_type": "stream", "text": 5}, {"output_type": "stream"}, {"output_type": ["x"]}, data, {}]
    fine = [{**data, "metadata": 5, "data": {"text/plain": "fine 1"}}, {**error, "ename": 5, "evalue": "fine 2"}]
    fine += [{"output_type": "execute_result", "execution_count": "x", "data": {"text/html": "fine 3"}, "odd": 1}]
    fine += [{**data, "metadata": {"text/plain": 5}, "data": {"text/plain": "fine 4"}}]
    fine += [{"output_type": "stream", "name": 5, "text": "fine 5"}]
    _save_copy(*odd, *fine)
    _sign_off(session)
    page = _sound(session)
    assert page.text.count("an output that a record cannot show") == len(odd)
    assert re.findall(r"fine \d", page.text) == [f"fine {number}" for number in range(1, 6)]


def test_a_long_text_comes_out_whole(runbook: MakeRunbook) -> None:
    """A note of 100 kB comes out to the letter."""
    session = session_on(runbook(TELL_PEOPLE))
    text = "".join(random.Random(1).choices("abc <>&'\"é", k=99_998)).strip().join("xx")
    session.append("skipped", "mail", data={"reason": text})
    session.append("skipped", "board", data={"reason": "no"})
    _sign_off(session)
    assert text in _sound(session).text


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_parameter_comes_out_as_text(work: Workplace, text: str) -> None:
    """A parameter's value comes out as text in prose, in a title, in a link and in the list of parameters."""
    text = text.replace("\x1b", "")
    path = work.template("See {{what}}", "- [ ] Do {{what}} [here]({{what}}) {#do}", parameters="what: str = 'x'")
    assert work.run("instantiate", path, "-e", "staging", "-p", "what", text) == 0, work.err
    session = session_on()
    session.append("ticked", "do")
    _sign_off(session)
    words = _squeezed(_sound(session).text)
    assert words.count(_squeezed(_shown(text))) >= 2


TITLES = [
    "<script>alert(1)</script>after",
    '<img src="https://evil.example/x.png" onerror="alert(1)">after',
    "[after](javascript:alert(1))",
    "<a href='javascript:alert(1)' onclick='alert(1)'>after</a>",
    "![after](https://evil.example/x.png) after",
    "<iframe src='https://evil.example'></iframe>after",
    "<svg onload=alert(1)><style>*{background:url(https://evil.example)}</style></svg>after",
    "<form action='https://evil.example'><input name=x></form>after",
    "<div style='background:url(https://evil.example)'>after</div>",
    "<meta http-equiv='refresh' content='0;url=https://evil.example'>after",
    "\x1b[31mafter\x1b[0m \u202e",
    "after 👩\u200d🚀",
]


@pytest.mark.parametrize("title", TITLES)
def test_an_authors_markup_is_harmless(runbook: MakeRunbook, title: str) -> None:
    """Markup in titles, headings and prose is sanitised: the words stay, and nothing runs or loads."""
    session = session_on(runbook(f"# {title}\n\n{title}\n\n- [ ] {title} {{#do}}\n\n  {title}"))
    session.append("ticked", "do")
    _sign_off(session)
    assert "after" in _sound(session).text


BAD = "<script>alert(1)</script><img src='https://evil.example' onerror='alert(1)'><b>after</b>"
OUTPUTS = {
    "html": {"text/html": BAD},
    "markdown": {"text/markdown": f"{BAD}\n\n[after](javascript:alert(1))"},
    "svg": {"image/svg+xml": "<svg onload='alert(1)'><script>alert(1)</script><text>after</text></svg>"},
    "javascript": {"application/javascript": "alert(1)", "text/plain": "after"},
    "latex": {"text/latex": f"$after$ {BAD}"},
    "plain": {"text/plain": f"after {BAD} \x1b[31mred\x1b[0m \u202e"},
    "png": {"image/png": 'AAAA" onerror="alert(1)', "text/plain": "after"},
    "widget": {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "after"},
    "vendor": {"application/vnd.evil.v1+json": {"x": BAD}, "text/plain": "after"},
    "pdf": {"application/pdf": "AAAA", "text/plain": "after"},
}


@pytest.mark.parametrize("data", OUTPUTS.values(), ids=OUTPUTS)
def test_an_output_is_harmless(ana: Session, data: dict[str, Any]) -> None:
    """An output of the author's, whatever its type, is shown sanitised or as text."""
    width = {"width": "1 onload=alert(1)", "height": "1 onload=alert(1)", "alt": '" onload="alert(1)'}
    metadata = dict.fromkeys(data, width)
    _save_copy({"output_type": "display_data", "data": data, "metadata": metadata})
    _sign_off(ana)
    page = _sound(ana)
    assert "after" in page.text or "img" in dict(page.elements)


@pytest.mark.parametrize("text", [*HOSTILE.values(), BAD, "a\x1b]8;;https://evil.example\x07b\x1b]8;;\x07"])
def test_printed_text_is_text(ana: Session, text: str) -> None:
    """What a cell printed, and the traceback of one that failed, come out as text."""
    _save_copy(
        {"output_type": "stream", "name": "stdout", "text": f"after {text}"},
        {"output_type": "error", "ename": text, "evalue": text, "traceback": [f"after {text}"]},
    )
    _sign_off(ana)
    words = _sound(ana).text
    assert words.count("after") >= 2
    assert "\x1b" in text or words.count(f"after {_shown(text)}") == 2


def test_what_a_cell_printed_is_left_alone_by_hooks(ana: Session) -> None:
    """No line of the record ends in a blank, and the blanks are there all the same."""
    _save_copy({"output_type": "stream", "name": "stdout", "text": PASTED})
    _sign_off(ana)
    page = _sound(ana)
    content = archive(ana, find_project()).path.read_bytes()
    assert hooked(content) == content
    assert "drwx   \t\nà\u00a0\n" in page.text


@pytest.mark.parametrize("title", TITLES)
def test_an_edited_copy_is_harmless(ana: Session, title: str) -> None:
    """Whatever an operator wrote into the session copy is sanitised too."""
    _save_copy(markdown=title, attachments={"a.png": {"text/html": BAD}})
    _sign_off(ana)
    assert "after" in _sound(ana).text


def test_nothing_that_a_page_may_not_load_is_gone(ana: Session) -> None:
    """Images of other sites, attachments with blanks in their names, links to programs: an image, or words."""
    text = "![shop](https://e.com/a.png) ![b](attachment:Screen%20Shot.png) [ops](slack://channel) [call](tel:112)"
    script = {"text/html": "<div></div><script>draw()</script>", "image/png": "QUFB"}
    _save_copy(
        {"output_type": "display_data", "data": script, "metadata": {}},
        {"output_type": "error", "ename": "DeadKernelError", "evalue": "Kernel died", "traceback": []},
        markdown=text,
        attachments={"Screen Shot.png": {"image/png": "eA=="}},
    )
    _sign_off(ana)
    page = _sound(ana)
    images = [each["src"] for tag, each in page.elements if tag == "img"]
    assert images == ["data:image/png;base64,QUFB", "data:image/png;base64,eA=="]
    for said in ("shop (image: https://e.com/a.png)", "ops (slack://channel)", "DeadKernelError: Kernel died"):
        assert said in page.text
    assert ("a", "tel:112") in [(tag, each.get("href")) for tag, each in page.elements]


def test_an_attachment_is_only_an_image(ana: Session) -> None:
    """An attachment of another type than an image is not embedded as one."""
    _save_copy(markdown="after ![x](attachment:a.png)", attachments={"a.png": {"text/html": BAD}})
    _sign_off(ana)
    assert not [each for tag, each in _sound(ana).elements if tag == "img" and "src" in each]


def test_a_copy_cannot_draw_our_cells(ana: Session) -> None:
    """A cell of the session copy that says that it is ours is still drawn from the journal."""
    found = find_project()
    read = notebook.read(found.runbook_path("staging/1.0"))
    forged = notebook.markdown_cell("forged", "forged", {"nbrunbook": {"cell": "x"}, "nbrunbook_html": "<b>forged</b>"})
    other = notebook.markdown_cell("other", "text", {"nbrunbook_html": "<b>forged</b>"})
    content = notebook.document([forged, other, *read.cells], read.metadata)
    documents_files.write(found.session_path("staging/1.0"), json.dumps(content).encode())
    _sign_off(ana)
    assert "forged" not in _sound(ana).text


def test_a_copy_without_a_checklist_loses_none(ana: Session) -> None:
    """A checklist that is missing from the session copy stands in the record all the same."""
    found = find_project()
    read = notebook.read(found.runbook_path("staging/1.0"))
    cells = [cell for cell in read.cells if "nbrunbook" not in cell["metadata"]]
    documents_files.write(
        found.session_path("staging/1.0"), json.dumps(notebook.document(cells, read.metadata)).encode()
    )
    _sign_off(ana)
    page = _sound(ana)
    assert {each.get("data-step") for _, each in page.elements} >= {"mail", "board"}


@pytest.mark.parametrize("content", [b"", b"no JSON", b"[]", b'{"nbformat": 3}', b"\xff"])
def test_a_broken_copy_is_no_reason_not_to_archive(ana: Session, content: bytes) -> None:
    """Where the session copy cannot be read the runbook as it was made stands in its place."""
    path = find_project().session_path("staging/1.0")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    _sign_off(ana)
    assert "For everybody." in _sound(ana).text
