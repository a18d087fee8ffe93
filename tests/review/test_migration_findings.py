"""What is wrong with the migrations that a branch changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.project import git
from nbrunbook.project.settings import find_project
from nbrunbook.review import migration_findings, revisions
from tests.conftest import Workplace
from tests.making import run_git
from tests.review.test_app_history import FIELDS, write

STEP = "    runbook_step = '1.0#old-code-gone'\n"
GONE = "migrations.RemoveField('product', 'sku')"
DROP = "migrations.RunSQL('DROP TABLE old')"


@pytest.fixture
def repository(work: Workplace) -> Path:
    """A project with a template and migrations, and a branch."""
    work.template("- [ ] A {#a}")
    write(work.root, "0001_initial", f"migrations.CreateModel('Product', fields={FIELDS})")
    write(work.root, "0002_guarded", DROP, "0001_initial", STEP)
    run_git(work.root, "init", "-q", "-b", "main")
    run_git(work.root, "add", ".")
    run_git(work.root, "commit", "-qm", "First")
    run_git(work.root, "switch", "-qc", "work")
    return work.root


def _found(root: Path) -> list[tuple[str, str, int | None]]:
    found = migration_findings.problems(find_project(), git.branch(root))
    return [(each.id, each.path.stem, each.line) for each in found]


def test_rb302_a_removal_in_one_phase(repository: Path) -> None:
    """It is at its line, with the two migrations to write, numbered behind all that are there."""
    path = write(repository, "0003_gone", GONE, "0002_guarded")
    write(repository, "0004_more", GONE.replace("sku", "note"), "0003_gone")
    first, second = migration_findings.problems(find_project(), git.branch(repository))
    assert (first.id, first.path, first.line) == ("RB302", path.relative_to(repository), 7)
    assert first.message.startswith("product.sku: removed from the models and the database at once")
    assert "/0005_drop_sku.py" in first.code
    assert ('("shop", "0004_more")' in first.code, 'runbook_step = "1.0#old-code-gone"' in first.code) == (True, True)
    assert "/0006_drop_note.py" in second.code
    assert '("shop", "0005_drop_sku")' in second.code
    assert not first.stops


def test_rb303_a_drop_that_waits_for_no_step(repository: Path, work: Workplace) -> None:
    """Without a step, and with one that no template here has, nobody knows that the old code is gone."""
    write(repository, "0003_drop", DROP, "0002_guarded")
    (found,) = migration_findings.problems(find_project(), git.branch(repository))
    assert (found.id, found.message) == ("RB303", "old: dropped, and no step says that the old code is gone")
    assert found.code.startswith('# in its class Migration:\nrunbook_step = "1.0#old-code-gone"\n')
    write(repository, "0003_drop", DROP, "0002_guarded", STEP)
    (found,) = migration_findings.problems(find_project(), git.branch(repository))
    assert found.message == "old: dropped, and waits for 1.0#old-code-gone, which is in no template here"
    work.template("- [ ] B {#old-code-gone}")
    assert _found(repository) == []


def test_a_step_of_a_release_without_a_name(repository: Path) -> None:
    """The parts of the next release have the step before it is cut; a step of standing parts is in every release."""
    write(repository, "0003_drop", DROP, "0002_guarded", STEP.replace("1.0", "2.0@production"))
    write(repository, "0004_drop", DROP, "0003_drop", "    runbook_step = f'{x}#y'\n")
    assert _found(repository) == [("RB303", "0003_drop", 7)]
    for folder in ("next", "always"):
        (repository / "templates" / folder).mkdir(exist_ok=True)
    (repository / "templates" / "next" / "a.md").write_text("- [ ] B {#b}")
    (repository / "templates" / "always" / "z.md").write_text("- [ ] C {#old-code-gone}")
    assert _found(repository) == []
    (repository / "templates" / "next" / "a.md").write_text("- [ ] B {#b}\n- [ ] B {#b}")
    assert _found(repository) == []


def test_rb304_a_field_that_is_forgotten_by_hand(repository: Path) -> None:
    """A NOT NULL column of which the models know nothing refuses every new row."""
    write(repository, "0003_it", f"migrations.SeparateDatabaseAndState(state_operations=[{GONE}])", "0002_guarded")
    (found,) = migration_findings.problems(find_project(), git.branch(repository))
    assert (found.id, found.message) == (
        "RB304",
        "product.sku: forgotten, and the database still asks for a value in each new row",
    )
    assert 'RemoveFieldFromState("product", "sku")' in found.hint


def test_rb305_a_squash_that_loses_a_step(repository: Path) -> None:
    """It has to carry the last step of what it replaces, while the files are there and when they are gone."""
    replaces = "    replaces = [('shop', '0001_initial'), ('shop', '0002_guarded')]\n"
    path = write(repository, "0001_squashed", GONE, more=replaces)
    assert _found(repository) == [("RB305", "0001_squashed", None)]
    write(repository, "0001_squashed", GONE, more=replaces + STEP)
    assert _found(repository) == []
    write(repository, "0001_squashed", GONE, more=replaces)
    run_git(repository, "add", ".")
    run_git(repository, "commit", "-qm", "Squash")
    run_git(repository, "branch", "-f", "main")
    assert _found(repository) == []
    for name in ("0001_initial", "0002_guarded"):
        (path.parent / f"{name}.py").unlink()
    (found,) = migration_findings.problems(find_project(), git.branch(repository))
    assert found.message == "it replaces 0002_guarded, and does not wait for 1.0#old-code-gone"
    write(repository, "0001_squashed", GONE)
    assert _found(repository) == [("RB305", "0001_squashed", None)]


def test_a_commit_message_answers_it(repository: Path) -> None:
    """Who stops everything for a release may remove at once, and says so."""
    write(repository, "0003_gone", GONE, "0002_guarded")
    run_git(repository, "add", ".")
    run_git(repository, "commit", "-qm", "Remove it\n\nnbrunbook: none needed, we stop for an hour")
    assert _found(repository) == []


def test_what_was_there_and_what_is_elsewhere_is_left_alone(repository: Path) -> None:
    """A deleted migration, one that is as it was, another project's, and a file that cannot be read."""
    assert _found(repository) == []
    (repository / "shop" / "migrations" / "0002_guarded.py").unlink()
    (repository / "shop" / "migrations" / "broken.py").write_bytes(b"class Migration(\xff")
    (repository / "shop" / "migrations" / "link.py").symlink_to("/dev/zero")
    assert _found(repository) == []


def test_the_command_prints_what_to_write(repository: Path, work: Workplace) -> None:
    """Its lines begin where a line begins, so that they can be copied; JSON has them, and GitHub's annotation."""
    write(repository, "0003_gone", GONE, "0002_guarded")
    assert work.run("lint", "--changed") == 1
    assert "\nRB302 " in f"\n{work.out}"
    assert "\nclass Migration(migrations.Migration):\n    dependencies" in work.out
    work.run("lint", "--changed", "--format", "json")
    assert "class Migration(migrations.Migration):\\n" in work.out
    work.run("lint", "--changed", "--format", "github")
    assert "::warning file=shop/migrations/0003_gone.py,line=7,title=RB302::" in work.out
    assert "%0A%0A# shop/migrations/0003_gone.py, for this" in work.out


def test_what_is_computed_is_told_without_a_name(repository: Path) -> None:
    """A model whose name stands elsewhere is removed as well; there is no migration to copy then."""
    operations = (
        "migrations.DeleteModel(NAME), migrations.RemoveField(**GIVEN), migrations.RunSQL(), migrations.AddField()"
    )
    write(repository, "0003_gone", operations, "0002_guarded")
    (found,) = migration_findings.problems(find_project(), git.branch(repository))
    assert (found.id, found.code) == ("RB302", "")


def test_a_loop_of_links_is_passed_over(repository: Path) -> None:
    """What a branch adds may be a link to itself."""
    (repository / "loop.py").symlink_to("loop.py")
    run_git(repository, "add", ".")
    run_git(repository, "commit", "-qm", "Loop")
    assert revisions.changed_among(find_project(), git.branch(repository), []) == []
