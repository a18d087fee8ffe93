"""How a rehearsal goes through the steps."""

from __future__ import annotations

from datetime import timedelta

from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from nbrunbook.template.named import read_named
from nbrunbook.template.planning import Wanted, plan_runbook
from nbrunbook.work import rehearsal
from nbrunbook.work.settling import Clock, RehearsalLine
from tests.conftest import Workplace
from tests.making import listing


def test_the_clock_only_moves_forward() -> None:
    """A rehearsal's clock runs as the real one, from where it was moved to."""
    clock = Clock()
    later = events.now() + timedelta(days=1)
    clock.move(later)
    clock.move(later - timedelta(hours=1))
    assert clock() >= later


def test_every_step_is_told_when_it_has_happened(work: Workplace) -> None:
    """A rehearsal tells its lines in order, with owner and outcome, and leaves nothing in the project."""
    path = work.template("- [ ] A {#a owner=ops}\n- [ ] B {#b wait=2h}\n- [ ] C {#c when=\"environment == 'x'\"}")
    project, before = find_project(), listing(work.root)
    template = read_named(project, path)
    planned = plan_runbook(project, template, Wanted(environment="staging"))
    told: list[RehearsalLine] = []
    rehearsal.rehearse(planned, project, told.append)
    steps = {line.what: (line.outcome, line.owner, line.happened) for line in told if line.title}
    assert steps == {
        "a": ("done", "ops", "done"),
        "b": ("done", "", "done, after a wait of 2 h"),
        "c": ("not-applicable", "", "does not apply here: when=environment == 'x'"),
    }
    assert [line.what for line in told if not line.title] == ["instantiate", "sign-off", "archive", "verify"]
    assert listing(work.root) == before
