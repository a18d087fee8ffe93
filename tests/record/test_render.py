"""Records: one offline file, attributable, and evident when edited."""

from __future__ import annotations

import hashlib
import html
import json
import random
import re
import shutil
import subprocess
import warnings
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.documents import files as documents_files
from nbrunbook.documents import notebook
from nbrunbook.errors import NbrunbookError, RecordError, RefusedError
from nbrunbook.project.settings import find_project
from nbrunbook.record import verify
from nbrunbook.record.verify import Verdict
from nbrunbook.work.archive import archive
from nbrunbook.work.session import Session
from tests.conftest import MakeRunbook, Workplace
from tests.making import HOSTILE, raw_journal, session_on

MARKDOWN = "# Notes\nFor everybody.\n\n## Tell people\n- [ ] Mail {#mail}\n- [ ] Board {#board evidence=proof}\n"


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


@pytest.fixture
def ana(runbook: MakeRunbook) -> Session:
    """Ana, who ticked everything."""
    session = session_on(runbook(MARKDOWN))
    session.append("ticked", "mail", data={"note": "sent at noon"})
    session.append("ticked", "board", data={"evidence": "https://board.example.com"})
    return session


Signed = Path


@pytest.fixture
def signed(ana: Session) -> Signed:
    """The record of a signed-off runbook."""
    ana.sign_off(None)
    return archive(ana, find_project()).path


def _fault(path: Path) -> str:
    return verify.verify(path).fault or ""


# Writing


def test_an_open_runbook_is_not_archived(ana: Session, work: Workplace) -> None:
    """A record is refused before the sign-off, and nothing is written."""
    with pytest.raises(RefusedError, match="not signed off"):
        archive(ana, find_project())
    assert not (work.root / "records").exists()
    assert len(ana.events) == 3


def test_a_draft_is_marked(ana: Session, work: Workplace) -> None:
    """A draft may be written in any state; it says DRAFT, and neither journal nor SHA256SUMS knows it."""
    written = archive(ana, find_project(), draft=True)
    assert written.path == work.root / "records" / "staging" / "1.0.draft.html"
    text = Page(written.path.read_bytes()).text
    assert text.count("DRAFT") == 2
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
        "signed off by ana (declared)",
        "Evidence: https://board.example.com",
        "sent at noon",
        "declared (env)",
        "templates/1.0.ipynb (sha256 ",
    ):
        assert part in text


def test_skips_and_their_reasons_stand_in_the_record(runbook: MakeRunbook) -> None:
    """What was skipped stands there with its reason, and who had it undone before."""
    session = session_on(runbook(MARKDOWN))
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
    work.template(MARKDOWN.replace("Mail", "Mail all").replace("- [ ] Board {#board evidence=proof}", "- [ ] N {#n}"))
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


def test_its_digest_goes_into_the_journal_and_the_sums(signed: Signed, work: Workplace) -> None:
    """A record's sha256 stands in the journal and in SHA256SUMS, which sha256sum itself can check."""
    digest = hashlib.sha256(signed.read_bytes()).hexdigest()
    last = session_on().events[-1]
    assert (last.kind, dict(last.data)) == ("archived", {"record": "staging/1.0.html", "sha256": digest})
    sums = work.root / "records" / "SHA256SUMS"
    assert sums.read_text(encoding="utf-8") == f"{digest}  staging/1.0.html\n"
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=sums.parent, check=True)


def test_archiving_twice_changes_nothing(signed: Signed, work: Workplace) -> None:
    """A record that stands there stays: neither file nor journal changes."""
    files = [signed, work.root / "records" / "SHA256SUMS", work.root / ".nbrunbook" / "journal.db"]
    before = [file.read_bytes() for file in files]
    again = archive(session_on(), find_project())
    assert (again.path, again.new) == (signed, False)
    assert [file.read_bytes() for file in files] == before


def test_a_missing_line_in_the_sums_is_put_back(signed: Signed, work: Workplace) -> None:
    """Where a record stands but SHA256SUMS lost its line, archiving puts the line back."""
    sums = work.root / "records" / "SHA256SUMS"
    before = sums.read_bytes()
    sums.unlink()
    assert not archive(session_on(), find_project()).new
    assert sums.read_bytes() == before


def test_a_reopened_runbook_gets_a_second_record(signed: Signed, work: Workplace) -> None:
    """A reopened runbook's record stands beside the old one, and both hold."""
    session = session_on()
    session.append("reopened", data={"reason": "the wrong board"})
    session.sign_off(None)
    again = archive(session, find_project())
    assert again.path.name == "1.0~2.html"
    assert [_fault(path) for path in (signed, again.path)] == ["", ""]
    assert len((work.root / "records" / "SHA256SUMS").read_text(encoding="utf-8").splitlines()) == 2


def test_a_deleted_record_can_be_written_again(signed: Signed) -> None:
    """A record that was lost is written anew under another name, so that SHA256SUMS says one thing of each."""
    signed.unlink()
    again = archive(session_on(), find_project())
    assert (again.path.name, again.new) == (f"{signed.stem}~2.html", True)
    assert not _fault(again.path)
    names = [line.split("  ")[1] for line in (signed.parents[1] / "SHA256SUMS").read_text().splitlines()]
    assert len(names) == len(set(names)) == 2


def test_archiving_warns_of_nothing(ana: Session) -> None:
    """Nothing that an operator would not understand is said while a record is written."""
    ana.sign_off(None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert archive(ana, find_project()).new


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
            if name in ("href", "xlink:href") and re.match(r"(?!https?:|mailto:)\s*[\w+.-]+:", str(value)):
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
    assert _fault(path) == ""
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
    session = session_on(runbook(MARKDOWN), operator=text)
    session.append("noted", data={"note": f"1 {text}"})
    session.append("noted", "mail", data={"note": f"2 {text}"})
    session.append("skipped", "mail", data={"reason": f"3 {text}"})
    session.append("ticked", "board", data={"evidence": f"4 {text}", "for": f"5 {text}"})
    _sign_off(session, note=f"6 {text}")
    page = _sound(session)
    for number in range(1, 7):
        assert f"{number} {_shown(text)}" in page.text
    assert len([each for each in page.elements if each[0] == "h1"]) == 2


def test_a_long_text_comes_out_whole(runbook: MakeRunbook) -> None:
    """A note of 100 kB comes out to the letter."""
    session = session_on(runbook(MARKDOWN))
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


@pytest.mark.parametrize("title", TITLES)
def test_an_edited_copy_is_harmless(ana: Session, title: str) -> None:
    """Whatever an operator wrote into the session copy is sanitised too."""
    _save_copy(markdown=title, attachments={"a.png": {"text/html": BAD}})
    _sign_off(ana)
    assert "after" in _sound(ana).text


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


# Verifying


def test_a_record_holds(signed: Signed) -> None:
    """A record as it was written holds against itself, SHA256SUMS and the journal."""
    expected = ("itself", "SHA256SUMS", "the journal")
    assert verify.verify(signed) == Verdict(path=signed, fault=None, held_against=expected)


def test_a_record_holds_anywhere(signed: Signed, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Sent by mail, a record can still be held against itself, and says that this is all."""
    moved = tmp_path_factory.mktemp("elsewhere") / "mailed.html"
    shutil.copy(signed, moved)
    verdict = verify.verify(moved)
    assert (verdict.fault, verdict.held_against) == (None, ("itself",))
    assert len(verdict.not_asked) == 2


def test_every_byte_of_the_digest_counts(signed: Signed) -> None:
    """Any one byte changed in the element that holds the digest is found."""
    content = signed.read_bytes()
    element = re.search(rb"<meta [^>]*nbrunbook-digest[^>]*>", content)
    assert element
    for position in range(*element.span()):
        for delta in (1, 0x20, 0x80):
            changed = bytes([content[position] ^ delta])
            signed.write_bytes(content[:position] + changed + content[position + 1 :])
            assert _fault(signed), (position, delta)


def test_any_changed_byte_is_found(signed: Signed) -> None:
    """Any one byte changed in a record is found without asking anybody."""
    content, dice = signed.read_bytes(), random.Random(20261122)
    for _ in range(400):
        position, delta = dice.randrange(len(content)), dice.randrange(1, 256)
        changed = bytes([content[position] ^ delta])
        signed.write_bytes(content[:position] + changed + content[position + 1 :])
        verdict = verify.verify(signed)
        assert verdict.fault, (position, delta)
        assert verdict.held_against == ("itself",)


@pytest.mark.parametrize("edit", [lambda page: page[:-1], lambda page: page + b"\n", lambda page: b"\n" + page])
def test_a_longer_or_shorter_page_is_found(signed: Signed, edit: Callable[[bytes], bytes]) -> None:
    """A byte too many or too few is found."""
    signed.write_bytes(edit(signed.read_bytes()))
    assert "edited" in _fault(signed)


def _forge(path: Path, old: str = "sent at noon", new: str = "sent at nine") -> None:
    """Edit a page and give it a digest that fits."""
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_bytes(verify.seal(content.replace(old, new).encode()))


def test_a_forger_is_found_by_the_sums(signed: Signed) -> None:
    """Who edits a page and recomputes its digest is found by SHA256SUMS."""
    _forge(signed, "For everybody.", "For nobody.")
    verdict = verify.verify(signed)
    assert "SHA256SUMS says" in str(verdict.fault)
    assert verdict.held_against == ("itself", "SHA256SUMS")


def test_a_forger_is_found_by_the_journal(signed: Signed) -> None:
    """Who edits a page, its digest and SHA256SUMS is found by the journal."""
    _forge(signed, "For everybody.", "For nobody.")
    sums = signed.parents[1] / "SHA256SUMS"
    sums.write_text(f"{hashlib.sha256(signed.read_bytes()).hexdigest()}  staging/1.0.html\n", encoding="utf-8")
    assert "the journal never archived a page" in _fault(signed)
    sums.unlink()
    assert "the journal never archived a page" in _fault(signed)


def test_a_forged_note_is_found_in_the_page_itself(signed: Signed) -> None:
    """Who edits what was said cannot make the page's own journal fit, even with a new digest."""
    _forge(signed)
    assert "data was edited" in _fault(signed)


def _with_facts(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Forge the JSON in a page, and give it a digest that fits."""
    content = path.read_text(encoding="utf-8")
    start, _, rest = content.rpartition('id="nbrunbook-journal"')
    old = re.search(r">(.*?)</pre>", rest, re.DOTALL)
    assert old
    facts = json.loads(html.unescape(old[1]))
    change(facts)
    new = html.escape(json.dumps(facts), quote=True)
    path.write_bytes(verify.seal(f'{start}id="nbrunbook-journal"{rest.replace(old[1], new)}'.encode()))


FORGERIES: dict[str, Callable[[dict[str, Any]], object]] = {
    "an event fewer": lambda facts: facts["events"].pop(1),
    "no sign-off": lambda facts: facts["events"].pop(),
    "no events": lambda facts: facts["events"].clear(),
    "two exchanged": lambda facts: facts["events"].insert(1, facts["events"].pop(2)),
    "another hash": lambda facts: facts.update(head="0" * 64),
    "another operator": lambda facts: facts["events"][1].update(operator="eve"),
    "other data": lambda facts: facts["events"][1].update(data={"note": "x"}),
    "data of another kind": lambda facts: facts["events"][1].update(data=[7]),
    "no time": lambda facts: facts["events"][1].pop("at"),
    "an event of another kind": lambda facts: facts["events"].append(7),
    "other facts": lambda facts: facts["runbook"].update(created_by="eve"),
    "no facts": lambda facts: facts.update(runbook="7"),
    "another format": lambda facts: facts.update(format=2),
    "events of another kind": lambda facts: facts.update(events=7),
}


@pytest.mark.parametrize("change", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_journal_is_found_in_the_page_itself(
    signed: Signed, change: Callable[[dict[str, Any]], object]
) -> None:
    """A page whose journal was edited is found without SHA256SUMS and without the journal."""
    _with_facts(signed, change)
    verdict = verify.verify(signed)
    assert verdict.fault
    assert verdict.held_against == ("itself",)


def test_a_forged_draft_is_not_held_against_the_journal(signed: Signed) -> None:
    """A forger who calls an edited page a draft does not thereby get the journal's word for it."""
    _forge(signed, "For everybody.", "For nobody.")
    _with_facts(signed, lambda facts: facts.update(draft=True))
    (signed.parents[1] / "SHA256SUMS").unlink()
    verdict = verify.verify(signed)
    assert verdict.fault or "the journal" not in verdict.held_against


def test_a_draft_is_never_said_to_hold(ana: Session, work: Workplace) -> None:
    """Verifying a draft says that it is one: it proves nothing."""
    path = archive(ana, find_project(), draft=True).path
    work.run("verify", path)
    assert "draft" in (work.out + work.err).replace(str(path), "").lower()


def test_a_shorter_journal_is_told(signed: Signed, work: Workplace) -> None:
    """A page that holds events which the journal has lost does not hold against it."""
    with raw_journal(without="event") as raw:
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("DELETE FROM event WHERE seq > 3")
    assert "the page has 4 events, and the journal 3" in _fault(signed)


def test_an_edited_journal_is_told(signed: Signed, work: Workplace) -> None:
    """A journal whose chain is broken vouches for nothing."""
    with raw_journal(without="event") as raw:
        raw.execute("UPDATE event SET hash = 'x' WHERE seq = 2")
    assert "the journal itself does not hold" in _fault(signed)


def test_a_missing_journal_is_told(signed: Signed, work: Workplace) -> None:
    """Without a journal a record holds against itself and SHA256SUMS, and says so."""
    (work.root / ".nbrunbook" / "journal.db").unlink()
    verdict = verify.verify(signed)
    assert (verdict.fault, verdict.held_against) == (None, ("itself", "SHA256SUMS"))
    assert "the journal was not asked" in verdict.not_asked[0]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"\xff\xfe",
        b"<html></html>",
        verify.seal(b'<meta name="nbrunbook-digest" content="sha256:' + b"0" * 64 + b'">'),
        verify.seal(
            b'<meta name="nbrunbook-digest" content="sha256:'
            + b"0" * 64
            + b'"><pre id="nbrunbook-journal">{&quot;format&quot;:1}</pre>'
        ),
    ],
)
def test_what_is_no_record_does_not_hold(tmp_path: Path, content: bytes) -> None:
    """A file that is no record never holds, whatever digest it has."""
    path = tmp_path / "page.html"
    path.write_bytes(content)
    assert _fault(path)


def test_a_missing_record_is_an_error(tmp_path: Path) -> None:
    """A file that is not there, or a folder, is an expected error."""
    for path in (tmp_path / "none.html", tmp_path):
        with pytest.raises(RecordError, match=re.escape(str(path))):
            verify.verify(path)


def test_a_page_without_a_place_for_a_digest_is_not_sealed() -> None:
    """Only a page that has a place for its digest gets one."""
    with pytest.raises(NbrunbookError, match="without a place"):
        verify.seal(b"<html></html>")
