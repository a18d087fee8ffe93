"""What stands around the cells of a record: who, when, what was out of the ordinary, and the journal with its links."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from nbrunbook.documents import notebook
from nbrunbook.project.operator import declared
from nbrunbook.project.settings import find_project
from nbrunbook.record.page import css_text
from nbrunbook.work.archive import archive
from nbrunbook.work.session import Session
from tests.conftest import MakeRunbook, Workplace
from tests.making import HOSTILE, TELL_PEOPLE, fault_of, session_on
from tests.record.conftest import Signed
from tests.record.test_render import Page


def _page(session: Session) -> Page:
    return Page(archive(session, find_project()).path.read_bytes())


def _section(path: Path, name: str) -> str:
    """The text of one part of the page, its blanks squeezed."""
    found = re.search(rf'<section class="{name}">.*?</section>', path.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return " ".join(" ".join(Page(found[0].encode()).words).split())


def test_it_begins_with_what_an_auditor_asks(signed: Signed) -> None:
    """What, where, from when to when, by whom, and that nothing was out of the ordinary, before the first step."""
    text = signed.read_text(encoding="utf-8")
    asked = ["What</th>", "Where</th>", "Made</th>", "First work</th>", "Signed off</th>", "By whom</h2>"]
    asked += ["Nothing out of the ordinary.", 'id="step-mail"', "The whole journal</h2>"]
    assert [text.find(each) for each in asked] == sorted(text.find(each) for each in asked)
    assert -1 not in [text.find(each) for each in asked]
    assert _section(signed, "people") == "By whom Who How known What they did ana declared (env) " + (
        "made the runbook, 2 done, signed off"
    )


def test_who_took_part_and_what_was_unusual(runbook: MakeRunbook) -> None:
    """Everybody stands there with what they did, and each thing out of the ordinary with a link to its step."""
    session = session_on(runbook(TELL_PEOPLE))
    session.append("skipped", "mail", data={"reason": "nobody <reads> it"}, operator=declared("bob", "git"))
    session.append("ticked", "board", data={"evidence": "x", "for": "Kim"})
    session.sign_off(None)
    path = archive(session, find_project()).path
    people, unusual = _section(path, "people"), _section(path, "unusual")
    assert "bob declared (git) 1 skipped" in people
    assert "Kim only named by others 1 recorded by ana" in people
    assert "Skipped Mail : by bob (declared), " in unusual
    assert "nobody <reads> it" in unusual
    assert "On behalf Board : done by Kim, recorded by ana (declared)" in unusual
    assert "Nothing" not in unusual


def _anchors(page: Page) -> tuple[list[str], list[str]]:
    """Where links within the page lead, and what there is to lead to."""
    led = [unquote(str(each["href"])[1:]) for tag, each in page.elements if str(each.get("href")).startswith("#")]
    return led, [str(each["id"]) for _, each in page.elements if "id" in each]


def test_every_link_within_the_page_leads_somewhere(runbook: MakeRunbook) -> None:
    """Steps, added ones and sections have one place each, and the journal's rows lead there by their titles."""
    steps = "## Do\n- [ ] Größe {#größe}\n- [ ] B {#b}\n  - [ ] C {#c}\n\n## Back {.if-needed #back}\n- [ ] D {#d}\n"
    session = session_on(runbook(steps))
    session.append("ticked", "größe")
    added = session.add("Call Kim", after="größe")
    for step in (added.step, "c", "b"):
        session.append("ticked", step)
    session.open_section("back")
    session.append("skipped", "d", data={"reason": "no"})
    session.sign_off(None)
    led, places = _anchors(_page(session))
    assert {"step-größe", f"step-{added.step}", "step-c", "step-d", "section-back"} <= set(led) <= set(places)
    assert len(places) == len(set(places))


def test_the_journal_says_the_titles_and_the_second(signed: Signed) -> None:
    """Each row has the step's title beside its id, and its instant with the year and the second."""
    journal = _section(signed, "journal")
    assert re.search(r"3 \d+ \w{3} 20\d\d \d\d:\d\d:\d\d ana declared \(env\) ticked Board board — evidence: ", journal)


def test_evidence_is_a_link(runbook: MakeRunbook) -> None:
    """An address that was given as evidence can be followed, in its step and in the journal; another scheme cannot."""
    session = session_on(runbook(TELL_PEOPLE))
    address = "https://board.example.com/x?a=1&b=%22"
    session.append("ticked", "board", data={"evidence": f"see {address}, and javascript:alert(1)"})
    session.append("skipped", "mail", data={"reason": "https://elsewhere.example.com"})
    session.sign_off(None)
    page = _page(session)
    links = [each for tag, each in page.elements if tag == "a" and not str(each["href"]).startswith("#")]
    assert [each["href"] for each in links] == [address, address]
    assert {each["rel"] for each in links} == {"noopener noreferrer"}
    assert page.text.count(f"see {address}, and javascript:alert(1)") == 2


def test_a_second_record_says_what_it_comes_after(signed: Signed, ana: Session) -> None:
    """The first record is no second one; the second names the first, its sha256, and why there is another."""
    assert "This is record" not in Page(signed.read_bytes()).text
    first = ana.progress.archived
    assert first is not None
    ana.append("reopened", data={"reason": "one was missing"})
    ana.sign_off(None)
    text = _page(ana).text
    assert f"This is record 2 of this runbook. It comes after staging/1.0.html (sha256 {first.data['sha256']})" in text
    assert "It was reopened since." in text
    assert "Reopened: by ana (declared)" in text
    assert "one was missing" in text


def test_neighbouring_code_cells_are_one_line(ana: Session, work: Workplace) -> None:
    """Code cells that follow one another fold behind one line; another one further down behind its own."""
    found = find_project()
    read = notebook.read(found.runbook_path(ana.key))
    more = [notebook.markdown_cell("between", "Between."), notebook.code_cell("late", "print('late')")]
    copy = found.session_path(ana.key)
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(notebook.dump(notebook.to_node(notebook.document([*read.cells, *more], read.metadata))))
    ana.sign_off(copy)
    path = archive(ana, found).path
    assert re.findall(r"<summary>(.*?)</summary>", path.read_text(encoding="utf-8")) == [
        "2 code cells<span>: show</span>",
        "1 code cell<span>: show</span>",
    ]
    assert "print('late')" in Page(path.read_bytes()).text


NAMES = {**HOSTILE, "style": '"} </style><script>alert(1)</script>', "lines": "a\\\nb\rc\fd", "end": 'x"; } * { x'}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_text_cannot_leave_its_string_in_the_style_sheet(name: str) -> None:
    """Whatever a key holds, it is one string of the style sheet that says exactly that."""
    text = css_text(name)
    assert re.fullmatch(r'"(?:[A-Za-z0-9 ./@~_-]|\\[0-9a-f]{6})*"', text)
    assert re.sub(r"\\([0-9a-f]{6})", lambda code: chr(int(code[1], 16)), text[1:-1]) == name


def test_an_odd_release_is_named_on_paper(work: Workplace) -> None:
    """A release whose name a style sheet would read otherwise stands in it as codes, and the record holds."""
    path = work.template("- [ ] A {#a}", name="1'0;}é")
    assert work.run("instantiate", path, "-e", "staging") == 0, work.err
    session = session_on("staging/1'0;}é")
    session.append("ticked", "a")
    session.sign_off(None)
    written = archive(session, find_project()).path
    assert css_text("staging/1'0;}é") in written.read_text(encoding="utf-8")
    assert fault_of(written) == ""


def test_two_pages_of_the_same_facts_are_the_same(ana: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn twice from the same facts at the same instant, a record is the same to the byte."""
    from nbrunbook.record import render

    ana.sign_off(None)
    instant = render.now()
    monkeypatch.setattr(render, "now", lambda: instant)
    first, second = (_render(ana) for _ in range(2))
    assert first == second


def _render(session: Any) -> bytes:
    from nbrunbook.record.render import render

    return render(session, find_project())
