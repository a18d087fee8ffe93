"""Rehearsals: what is tried, where, and how each step is settled."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nbrunbook.project import git
from nbrunbook.project.settings import find_project
from nbrunbook.work import rehearsal
from tests.conftest import PARAMETERS, Workplace
from tests.making import put, run_git
from tests.template.conftest import BATCH


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


def test_a_batch_is_bound_and_not_run(work: Workplace) -> None:
    """Nothing of it is called, and no database is opened; one that the configuration does not name is told."""
    work.template("- [ ] A {#a}", parameters=f"from nbrunbook import batch\n{PARAMETERS}", code=BATCH)
    assert work.run("rehearse", "1.0") == 1
    assert "does not work" in work.out
    assert "unknown database 'eu'; name it in [tool.nbrunbook.databases] of pyproject.toml" in work.err
    (work.root / "pyproject.toml").write_text('[tool.nbrunbook.databases]\neu = "sqlite:///eu.db"\n', encoding="utf-8")
    assert work.run("rehearse", "1.0") == 0, work.err
    assert "done, batch fill in eu bound and not run" in work.out
    assert not (work.root / "eu.db").exists()


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
