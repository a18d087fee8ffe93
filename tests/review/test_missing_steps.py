"""Changes that should come with a step."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.project import git
from nbrunbook.project.settings import find_project
from nbrunbook.review import missing_steps
from nbrunbook.template.problems import Problem
from tests.conftest import Workplace
from tests.making import run_git


def test_rb301_a_change_that_should_have_a_step(work: Workplace) -> None:
    """See tests/commands/test_lint.py for the whole rule: here it is only found by its id."""
    problem = Problem(id="RB301", message="3 files", path=Path("pyproject.toml"))
    assert not problem.stops


EXPECT = '[tool.nbrunbook]\nexpect = ["*/migrations/*.py"]\n'


@pytest.fixture
def repository(work: Workplace) -> Path:
    """A project that expects a step with each migration, and a branch with one."""
    (work.root / "pyproject.toml").write_text(EXPECT, encoding="utf-8")
    work.template("- [ ] A {#a}")
    run_git(work.root, "init", "-q")
    run_git(work.root, "add", ".")
    run_git(work.root, "commit", "-qm", "First")
    run_git(work.root, "switch", "-qc", "work")
    _migrate(work.root, "0001.py")
    return work.root


def _migrate(root: Path, name: str, content: str = "") -> None:
    (root / "shop" / "migrations").mkdir(parents=True, exist_ok=True)
    (root / "shop" / "migrations" / name).write_text(content, encoding="utf-8")


def _problem(root: Path) -> Problem | None:
    found = missing_steps.problems(find_project(), git.branch(root))
    assert len(found) < 2
    return found[0] if found else None


def test_a_change_without_a_step_names_its_files(repository: Path) -> None:
    """The first file is where it is found, and of the others five are named."""
    found = _problem(repository)
    assert found is not None
    assert (found.path, found.message) == (
        Path("shop/migrations/0001.py"),
        "it changed, and no template gained a step",
    )
    for number in range(2, 9):
        _migrate(repository, f"000{number}.py")
    assert "0006.py and 2 more), and no template" in str(_problem(repository))


def test_a_step_or_a_word_answers_it(repository: Path, work: Workplace) -> None:
    """A step that names it is an answer, one that was reworded is none, and neither is another file."""
    (repository / "shop" / "models.py").write_text("", encoding="utf-8")
    work.template("- [ ] A, of 0001 {#a}")
    assert _problem(repository)
    work.template("- [ ] A {#a}\n- [ ] Run 0001 {#b}")
    assert _problem(repository) is None
    work.template("- [ ] A {#a}")
    run_git(repository, "commit", "-q", "--allow-empty", "-m", "Add an index\n\n  NBRunbook: None needed, it is small")
    assert _problem(repository) is None


REMOVAL = """
class Migration(migrations.Migration):
    operations = [migrations.RemoveField("product", "legacy_sku")]
"""


def test_a_step_answers_what_it_names(repository: Path, work: Workplace) -> None:
    """Any new step was an answer once: it has to name what is removed, by its title, its text or a parameter."""
    _migrate(repository, "0001.py")
    _migrate(repository, "0002_x.py", REMOVAL)
    other = "- [ ] A {#a}\n- [ ] Run 0001 {#b}"
    work.template(f"{other}\n- [ ] Call the product team {{#c}}")
    found = _problem(repository)
    assert found is not None
    assert (found.path, found.message) == (
        Path("shop/migrations/0002_x.py"),
        "it changed, and no step that a template gained names it",
    )
    assert found.hint.startswith("add one that names legacy_sku, 0002_x, 0002_x.py and 1 more (nbrunbook new NAME")
    for step in (
        "- [ ] The legacy SKU is gone {#c}",
        "- [ ] See {#c}\n  `shop_product.legacy_sku`",
        "- [ ] x {#legacy-sku}",
    ):
        work.template(f"{other}\n{step}")
        assert _problem(repository) is None
    work.template(f"{other}\n- [ ] Drop {{{{column}}}} {{#c}}", parameters="column: str = 'legacy_sku'")
    assert _problem(repository) is None


def test_without_a_pattern_nothing_is_expected(repository: Path, work: Workplace) -> None:
    """A project that says nothing is not asked."""
    (repository / "pyproject.toml").write_text("[tool.nbrunbook]\n", encoding="utf-8")
    assert _problem(repository) is None


def test_what_cannot_be_read_may_hold_it(repository: Path) -> None:
    """A template that is broken just now is a finding by itself, and stops nobody."""
    (repository / "templates" / "9.0.ipynb").write_text("{", encoding="utf-8")
    assert _problem(repository) is None
