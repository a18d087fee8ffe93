"""Whether the template of an open runbook changed since."""

from __future__ import annotations

import pytest

from nbrunbook.jupyter import template_watch
from nbrunbook.jupyter.live import Live
from nbrunbook.project.settings import find_project
from nbrunbook.work import revision, waiting_revision
from tests.conftest import MakeRunbook, Workplace
from tests.jupyter.conftest import wait
from tests.making import session_on


def test_the_header_says_that_a_revision_waits(
    work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks at the template's files now and then; one that is gone is no fault."""
    monkeypatch.setattr(template_watch, "TEMPLATE_SECONDS", 0)
    live = Live(session_on(runbook("- [ ] A {#a}")), find_project())
    header = live.panel("header")
    assert header.view["revision"] == ""
    work.template("- [ ] A {#a}\n- [ ] B {#b}")
    wait(lambda: header.view["revision"] == "the template changed since: nbrunbook revise staging/1.0")
    assert "the template changed since" in live.static("header", "", "")[1]
    (work.root / "templates" / "1.0.ipynb").unlink()
    wait(lambda: header.view["revision"] == "")
    live.stop()


def test_it_looks_only_now_and_then(work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session follows twice a second: the files are left alone until it is time."""
    monkeypatch.setattr(template_watch, "TEMPLATE_SECONDS", 3600)
    session, project = session_on(runbook("- [ ] A {#a}")), find_project()
    watch = template_watch.TemplateWatch(session, project)
    work.template("- [ ] B {#b}")
    watch.look()
    assert watch.words == ""
    assert template_watch.TemplateWatch(session, project).words != ""


def test_a_revision_that_was_brought_is_seen_at_once(
    work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has just revised is not told for seconds that a revision waits."""
    monkeypatch.setattr(template_watch, "TEMPLATE_SECONDS", 3600)
    session, project = session_on(runbook("- [ ] A {#a}")), find_project()
    work.template("- [ ] B {#b}")
    watch = template_watch.TemplateWatch(session, project)
    assert watch.words != ""
    found = revision.renew(session, project, {})
    session.revise(found.plan, template=found.template, shown=session.plan)
    watch.look()
    assert watch.words == ""


def test_files_that_are_the_same_are_not_read(
    work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading a template takes a while: it is read once for each time that it was written."""
    monkeypatch.setattr(template_watch, "TEMPLATE_SECONDS", 0)
    watch = template_watch.TemplateWatch(session_on(runbook("- [ ] A {#a}")), find_project())
    asked: list[object] = []
    monkeypatch.setattr(waiting_revision, "revision_waits_words", lambda *about: asked.append(about) or "waits")
    watch.look()
    assert (asked, watch.words) == ([], "")
    work.template("- [ ] A, and longer than before {#a}")
    watch.look()
    watch.look()
    assert (len(asked), watch.words) == (1, "waits")


def test_a_fault_of_ours_stays_until_a_look_succeeds(
    work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told as what it is, and the template is asked again: no fault hides that a revision waits."""
    monkeypatch.setattr(template_watch, "TEMPLATE_SECONDS", 0)
    watch = template_watch.TemplateWatch(session_on(runbook("- [ ] A {#a}")), find_project())
    work.template("- [ ] B {#b}")
    with monkeypatch.context() as broken:
        broken.setattr(waiting_revision, "revision_waits_words", lambda *_: 1 / 0)
        watch.look()
        watch.look()
        assert watch.fault == "a bug in nbrunbook: ZeroDivisionError: division by zero"
    watch.look()
    assert (watch.fault, "the template changed since" in watch.words) == ("", True)
