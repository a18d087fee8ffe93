"""The live runbook in a kernel: several threads at one session, and panels that lose nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nbrunbook.jupyter import template_watch
from nbrunbook.jupyter.live import Live
from nbrunbook.jupyter.panel import CODE, Panel
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events, words
from tests.conftest import MakeRunbook, Workplace
from tests.making import plan_of, registered, session_on

STEPS = [f"s{number}" for number in range(20)]
MARKDOWN = "\n".join(f"{'## Part' if number % 10 == 0 else ''}\n- [ ] x {{#s{number}}}" for number in range(20))


def _wait(what: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _shown(live: Live) -> dict[str, str]:
    """What the panels say of every step."""
    return {
        step: each["status"] for panel in live.panels if panel.section for step, each in panel.view["steps"].items()
    }


def test_two_threads_of_one_session(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """4,000 ticks and unticks from two threads are all answered, all in the journal, and all on the panels."""
    live = Live(session_on(registered(MARKDOWN)), find_project())
    sections = [section.id for section in live.session.plan.sections if live.session.plan.by_section.get(section.id)]
    panels = [live.panel("header"), *(live.panel("checklist", section) for section in sections)]
    answers: list[str] = []
    monkeypatch.setattr(Panel, "send", lambda _, reply, buffers=(): answers.append(reply["answer"]))

    def browser(mine: list[str]) -> None:
        """Click as a browser does, every box by turns."""
        for number in range(1000):
            ask = ("tick", "untick")[number // len(mine) % 2]
            asked: dict[str, Any] = {"ask": ask, "event": events.new_id(), "reason": "by mistake"}
            live.answer(panels[-1], {**asked, "step": mine[number % len(mine)]})

    def code(mine: list[str]) -> None:
        """Record as code in the same kernel does, and show it."""
        for number in range(1000):
            kind = ("ticked", "unticked")[number // len(mine) % 2]
            live.session.append(kind, mine[number % len(mine)], data={"reason": "by mistake"})  # type: ignore[arg-type]
            live.refresh()

    work_of = [(browser, STEPS[:5]), (browser, STEPS[5:10]), (code, STEPS[10:15]), (code, STEPS[15:])]
    threads = [threading.Thread(target=what, args=(mine,)) for what, mine in work_of]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    live.answers.worker.shutdown(wait=True)
    assert answers == ["done"] * 2000
    held = session_on()
    assert [event.seq for event in held.events] == list(range(1, 4002))
    assert held.journal.faults(held.runbook) == []
    truth = {step: held.progress.of(step).status for step in STEPS}
    _wait(lambda: _shown(live) == truth)
    assert panels[0].view["summary"] == held.progress.summary()
    assert {step.id: live.session.progress.of(step.id) for step in held.plan.steps} == dict(held.progress.steps)
    live.stop()


def test_an_open_notebook_shows_what_another_environment_settled(work: Workplace) -> None:
    """A `.once` step that eu ticks is ticked in the open notebook of us, says where, and is not undone there."""
    settings = "[tool.nbrunbook.environments]\neu = {group = 'production'}\nus = {group = 'production'}\n"
    (work.root / "pyproject.toml").write_text(f'[project]\nname = "shop"\n{settings}', encoding="utf-8")
    text = "## Tell\n- [ ] Mail {#mail .once}\n- [ ] Look {#look after=mail@production}"
    eu, us = (session_on(registered(text, key=f"{name}/1.0")) for name in ("eu", "us"))
    live = Live(us, find_project())
    panel = live.panel("checklist", "tell")
    assert panel.view["steps"]["mail"]["status"] == "open"
    eu.append("ticked", "mail")
    _wait(lambda: panel.view["steps"]["mail"]["status"] != "open")
    steps = panel.view["steps"]
    assert (steps["mail"]["status"], steps["look"]["waiting"]) == ("done", "")
    assert "in eu/1.0" in steps["mail"]["line"]
    live.stop()


def test_an_open_notebook_forgets_what_was_redacted(work: Workplace) -> None:
    """What another session redacts is gone from the panels without anybody asking: evidence, and an added step."""
    key = registered("- [ ] A {#a evidence=text as=said}\n- [ ] B {{said}} {#b}")
    live = Live(session_on(key), find_project())
    live.session.append("ticked", "a", data={"evidence": "hunter2"})
    live.session.add("Revoke hunter2", after="b")
    panel = live.panel("checklist", live.session.plan.sections[-1].id)
    live.refresh()
    assert "hunter2" in panel.drawn
    other = session_on(key, "ben")
    other.redact(2, "a password")
    other.redact(3, "a password")
    _wait(lambda: live.shown.seq >= 5)
    id_of_added = next(iter(live.session.progress.added))
    shown = f"{panel.drawn}{panel.view}".replace(id_of_added, "")
    assert "hunter2" not in shown
    assert panel.view["steps"]["a"]["status"] == "done"
    assert "B (redacted)" in shown
    live.stop()


class Browser:
    """What one browser says to a live runbook, and the answers that it gets."""

    def __init__(self, live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
        self.live, self.answers = live, []  # type: ignore[var-annotated]
        sections = {section.id for section in live.session.plan.sections}
        self.header = live.panel("header")
        self.panels = [live.panel("checklist", each) for each in live.session.plan.by_section if each in sections]
        monkeypatch.setattr(Panel, "send", lambda _, reply, buffers=(): self.answers.append({**reply, "sent": buffers}))

    def ask(self, ask: str, step: str = "", *, buffers: tuple[bytes, ...] = (), **more: Any) -> dict[str, Any]:
        """Ask one thing and return the answer."""
        count = len(self.answers)
        asked = {"ask": ask, "id": "1", "event": events.new_id(), "step": step, **more}
        self.live.answer(self.panels[0], asked, buffers)
        _wait(lambda: len(self.answers) > count)
        found: dict[str, Any] = self.answers[-1]
        return found

    def shown(self, step: str) -> dict[str, Any]:
        """Return what the panels show of a step."""
        views = [panel.view["steps"] for panel in self.panels]
        return next(view[step] for view in views if step in view)  # type: ignore[no-any-return]


@pytest.fixture
def browser(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """A browser in front of a live runbook."""
    settings = '[tool.nbrunbook.owners]\n"Release Manager" = "ana@example.org"\n'
    names = '[tool.nbrunbook.operators]\n"ana@example.org" = "ana"\n'
    (work.root / "pyproject.toml").write_text(f'[project]\nname = "shop"\n{settings}{names}', encoding="utf-8")
    steps = '- [ ] A {#a owner="release manager"}\n- [ ] B {#b evidence="file with it" as=it}\n- [ ] C {{it}} {#c}'
    live = Live(session_on(registered(steps)), find_project())
    yield Browser(live, monkeypatch)
    live.stop()


def test_who_asks_is_whom_jupyter_names(browser: Browser) -> None:
    """Jupyter's own name counts first, then a typed one, then the machine's; each is told with what vouches for it."""
    assert browser.ask("hello")["known"] == "declared: env"
    typed = browser.ask("hello", typed=" ben\n")
    assert (typed["operator"], typed["may_rename"]) == ("ben", True)
    known = browser.ask("hello", username="ana@example.org", typed="ben")
    assert (known["operator"], known["known"], known["may_rename"]) == ("ana", "verified: jupyter", False)
    assert browser.ask("tick", "a", typed="ben")["answer"] == "done"
    assert browser.live.session.events[-1].known_by == "typed"


def test_a_file_comes_and_goes(browser: Browser) -> None:
    """A file is recorded with its tick, shown by its name, given out again, and put in where its name is used."""
    assert "asks for a file" in browser.ask("tick", "b", evidence="here")["why"]
    assert browser.ask("tick", "b", buffers=(b"1,2",), name="a.csv")["answer"] == "done"
    assert browser.shown("b")["file"] == "a.csv (3 bytes)"
    assert browser.shown("c")["title"] == "C a.csv"
    given = browser.ask("file", "b")
    assert (given["name"], given["sent"]) == ("a.csv", [b"1,2"])
    assert "does not hold" in browser.ask("file", "a")["why"]
    assert "no step 'no-such'" in browser.ask("file", "no-such")["why"]


def test_what_others_did_is_shown_with_the_refusal(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes second is told who was first, and the row shows it after a look into the journal, without a click."""
    session_on(operator="ben").append("ticked", "a")
    refused = browser.ask("tick", "a")
    assert refused["answer"] == "refused"
    assert refused["why"].startswith("already done by ben, ")
    before_each_look: list[str] = []
    look = Live._look_into_journal

    def watched(live: Live) -> str:
        before_each_look.append(browser.shown("a")["status"])
        return look(live)

    monkeypatch.setattr(Live, "_look_into_journal", watched)
    _wait(lambda: len(before_each_look) > 1)
    assert before_each_look[1] == "done"


def test_taking_and_adding_are_asked_for_too(browser: Browser) -> None:
    """I am on it and no longer; a step is added in its place and drawn on the panel."""
    assert browser.ask("take", "a")["answer"] == "done"
    assert browser.shown("a")["taken_by"] == "ana"
    assert browser.ask("release", "a")["answer"] == "done"
    assert browser.shown("a")["taken_by"] == ""
    assert browser.ask("add", title="<b>Look</b>", after="a")["answer"] == "done"
    assert browser.shown("added-b-look-b")["status"] == "open"
    assert "&lt;b&gt;Look" in browser.panels[0].drawn
    assert "no title" in browser.ask("add", title=" ")["why"]
    assert "does not know" in browser.ask("explode", "a")["why"]


TEMPLATE = {"name": "1.0", "parts": []}
REVISED = """- [ ] A {#a owner="release manager"}
- [ ] B, otherwise {#b evidence="file with it" as=it}
## New {.if-needed #new}
- [ ] N {#n}
"""


def test_a_revision_redraws_every_panel(browser: Browser) -> None:
    """New sections are drawn in the panel above, reworded steps are marked, and a click confirms them."""
    browser.ask("tick", "b", buffers=(b"1,2",), name="a.csv")
    ben, panel = session_on(operator="ben"), browser.panels[0]
    ben.revise(plan_of(REVISED), shown=ben.plan, template=TEMPLATE)
    _wait(lambda: "n" in panel.view["steps"])
    assert list(panel.view["steps"]) == ["a", "b", "n"]
    assert panel.drawn.index('data-step="b"') < panel.drawn.index("<h2>New</h2>") < panel.drawn.index('data-step="n"')
    assert panel.view["put_in"]["new"]["opens"] == "new"
    assert browser.shown("n")["offers"] == []
    assert browser.shown("b")["reworded"].endswith("it said “B”")
    assert browser.ask("tick", "b")["answer"] == "done"
    assert browser.shown("b")["reworded"] == ""
    assert "confirmed as reworded by ana" in browser.shown("b")["line"]
    assert browser.ask("open", "new")["answer"] == "done"
    assert browser.ask("tick", "n")["answer"] == "done"
    assert "no step 'c'" in browser.ask("tick", "c")["why"]


def test_a_removed_section_says_so(work: Workplace) -> None:
    """Its panel stays where it is, without anything to click, in the saved notebook too."""
    live = Live(session_on(registered("## One\n- [ ] A {#a}\n## Two\n- [ ] B {#b}")), find_project())
    live.stop()
    panel = live.panel("checklist", "two")
    live.session.revise(plan_of("## One\n- [ ] A {#a}"), shown=live.session.plan, template=TEMPLATE)
    live.refresh()
    assert panel.view["steps"] == {}
    assert panel.view["about"] == [words.REMOVED]
    assert live.static("checklist", "two", panel.drawn)[1] == words.REMOVED


def test_the_header_says_that_a_revision_waits(
    work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks at the template's files now and then; one that is gone is no fault."""
    monkeypatch.setattr(template_watch, "TEMPLATE_SECONDS", 0)
    live = Live(session_on(runbook("- [ ] A {#a}")), find_project())
    header = live.panel("header")
    assert header.view["revision"] == ""
    work.template("- [ ] A {#a}\n- [ ] B {#b}")
    _wait(lambda: header.view["revision"] == "the template changed since: nbrunbook revise staging/1.0")
    assert "the template changed since" in live.static("header", "", "")[1]
    (work.root / "templates" / "1.0.ipynb").unlink()
    _wait(lambda: header.view["revision"] == "")
    live.stop()


def test_a_step_says_to_whom_it_belongs(browser: Browser) -> None:
    """The header knows whose steps there are, and a step for whom it is *mine*, whatever the case."""
    assert browser.header.view["owners"] == ["release manager"]
    assert browser.shown("a")["belongs_to"] == ["ana", "release manager"]
    assert browser.ask("take", "b", typed="Ben")["answer"] == "done"
    assert browser.shown("b")["belongs_to"] == ["ben"]


def test_only_the_header_brings_the_code(browser: Browser) -> None:
    """A hundred panels carry a small loader; whoever has no header asks for the code."""
    assert browser.header.code == CODE
    assert [panel.code for panel in browser.panels] == [{}] * len(browser.panels)
    assert browser.ask("code")["js"] == CODE["js"]


def test_a_step_that_was_settled_elsewhere_says_so(work: Workplace) -> None:
    """The browser is told, and offers no undo that the rules would refuse."""
    config = "".join(f'[tool.nbrunbook.environments.{each}]\ngroup = "production"\n' for each in ("eu", "us"))
    (work.root / "pyproject.toml").write_text(f'[project]\nname = "shop"\n{config}', encoding="utf-8")
    eu, us = (session_on(registered("- [ ] A {#a .once}", key=f"{each}/1.0")) for each in ("eu", "us"))
    eu.append("ticked", "a")
    us.refresh()
    live = Live(us, find_project())
    panel = live.panel("checklist", us.plan.sections[-1].id)
    step = panel.view["steps"]["a"]
    assert (step["status"], step["box"], [each["ask"] for each in step["offers"]]) == ("done", "", ["note"])
    assert step["held"] == "it was settled in eu/1.0, once for the whole group; undo it there"
    live.stop()
