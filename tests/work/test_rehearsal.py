"""Rehearsals: what is tried, where, and how each step is settled."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from nbrunbook.project import git
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from nbrunbook.template.named import read_named
from nbrunbook.template.planning import Wanted, plan_runbook
from nbrunbook.work import rehearsal
from nbrunbook.work.rehearsal import Clock, RehearsalLine
from tests.conftest import PARAMETERS, Workplace
from tests.making import listing, put, run_git


def test_the_clock_only_moves_forward() -> None:
    """A rehearsal's clock runs as the real one, from where it was moved to."""
    clock = Clock()
    later = events.now() + timedelta(days=1)
    clock.move(later)
    clock.move(later - timedelta(hours=1))
    assert clock() >= later


@pytest.fixture
def repository(work: Workplace) -> Path:
    """A branch that has changed nothing yet."""
    put(work.root / "templates", **{"1.0": "- [ ] A {#a}", "next__n": "- [ ] N {#n}", "always__z": "- [ ] Z {#z}"})
    for line in ("init -q", "add .", "commit -qm Begin", "switch -qc work"):
        run_git(work.root, *line.split())
    return work.root


def _to_try(root: Path) -> list[str]:
    return [path.as_posix() for path in rehearsal.templates_to_try(find_project(), git.branch(root))]


def test_standing_parts_are_tried_with_the_next_release(repository: Path) -> None:
    """They are no template of their own while there is a next release, which is then tried once."""
    assert _to_try(repository) == []
    put(repository / "templates", always__z="- [ ] Z, otherwise {#z}")
    assert _to_try(repository) == ["templates/next"]
    put(repository / "templates", next__n="- [ ] N, otherwise {#n}")
    assert _to_try(repository) == ["templates/next"]
    shutil.rmtree(repository / "templates" / "next")
    assert _to_try(repository) == ["templates/always"]


def test_a_rehearsal_happens_where_a_template_applies(work: Workplace) -> None:
    """In the first declared environment in which it does; where none is declared it is called a rehearsal."""
    path = Path("templates/1.0.md")
    put(work.root, **{"templates__1.0": "---\nnbrunbook:\n  environments: [eu]\n---\n- [ ] A {#a}"})
    assert rehearsal.where_to_try(find_project(), path) == "rehearsal"
    settings = "[tool.nbrunbook.environments.staging]\n[tool.nbrunbook.environments.eu]\n"
    (work.root / "pyproject.toml").write_text(settings, encoding="utf-8")
    assert rehearsal.where_to_try(find_project(), path) == "eu"


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


def test_automated_steps_are_bound_and_not_run(work: Workplace) -> None:
    """The code is there as a run would load it; nothing of it is called but what the cells call themselves."""
    code = (
        "from pathlib import Path\n@check('a')\ndef look():\n    Path('ran').touch()\n"
        "@action('b')\ndef go():\n    Path('ran').touch()"
    )
    declared = f"from nbrunbook import action, check\n{PARAMETERS}"
    work.template("- [ ] A {#a}\n- [ ] B {#b .approval}\n- [ ] C {#c}", parameters=declared, code=code)
    assert work.run("rehearse", "1.0") == 0, work.err
    assert "done, check look() bound and not run" in work.out
    assert "done, approved by a second operator, action go() bound and not run" in work.out
    assert not (work.root / "ran").exists()
