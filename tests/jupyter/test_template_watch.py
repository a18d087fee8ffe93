"""The template of a live runbook is looked at now and then."""

from __future__ import annotations

import pytest

from nbrunbook.jupyter import template_watch
from nbrunbook.jupyter.template_watch import TemplateWatch
from nbrunbook.project.settings import find_project
from nbrunbook.work import revision
from tests.conftest import MakeRunbook, Workplace
from tests.making import session_on

WAITS = "the template changed since: nbrunbook revise staging/1.0"


@pytest.fixture
def watch(work: Workplace, runbook: MakeRunbook) -> TemplateWatch:
    """A watch over a runbook's template."""
    return TemplateWatch(session_on(runbook("- [ ] A {#a}")), find_project())


def test_a_change_is_seen_when_it_is_time(
    watch: TemplateWatch, work: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two looks the files are left alone."""
    now = 1_000.0
    monkeypatch.setattr(template_watch.time, "monotonic", lambda: now)
    watch = TemplateWatch(watch.session, watch.project)
    watch.look()
    work.template("- [ ] Another {#another}")
    watch.look()
    assert watch.words == ""
    now += template_watch.TEMPLATE_SECONDS
    watch.look()
    assert watch.words == WAITS


def test_a_revision_that_was_brought_is_seen_at_once(watch: TemplateWatch, work: Workplace) -> None:
    """Nobody is asked for what has just been done."""
    work.template("- [ ] Another {#another}")
    waiting = TemplateWatch(watch.session, watch.project)
    assert waiting.words == WAITS
    found = revision.renew(watch.session, watch.project, {})
    watch.session.revise(found.plan, template=found.template, shown=watch.session.plan)
    waiting.look()
    assert waiting.words == ""


def test_files_that_stayed_are_not_read(watch: TemplateWatch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their times and sizes say that nothing waits, without asking what reads templates."""
    monkeypatch.setattr(template_watch, "TEMPLATE_SECONDS", 0.0)
    monkeypatch.setattr(watch, "_look_at", 0.0)
    monkeypatch.setattr("nbrunbook.work.revision.renew", None)
    watch.look()
    assert watch.words == ""
