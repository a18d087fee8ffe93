"""Which project this is: what is written, else the one that the journal knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from nbrunbook.work import naming
from tests.conftest import MakeRunbook, Workplace

TOML = Path("nbrunbook.toml")


@pytest.fixture
def unnamed(work: Workplace, runbook: MakeRunbook) -> Workplace:
    """A project whose journal knows one runbook, and whose configuration says no name."""
    runbook("- [ ] A {#a}")
    Path("pyproject.toml").unlink()
    TOML.write_text("", encoding="utf-8")
    return work


def _moved(unnamed: Workplace) -> Path:
    """Move it to a folder of another name."""
    around = unnamed.root.with_name(f"{unnamed.root.name} elsewhere")
    around.mkdir()
    return unnamed.root.rename(around / "shop-bo")


def test_what_is_written_counts(unnamed: Workplace) -> None:
    """Whatever the journal knows; which is said where there is nothing else to say."""
    TOML.write_text('name = "mail"\n', encoding="utf-8")
    assert naming.project_here().name == "mail"
    assert unnamed.run("status") == 0
    assert "knows no project 'mail': it knows 'shop'" in unnamed.err
    assert unnamed.run("pending") == 0
    assert "knows no project 'mail': it knows 'shop'" in unnamed.err


def test_the_only_one_that_the_journal_knows_counts_and_is_told(
    unnamed: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clone in a folder of another name goes on with its runbooks, in every verb."""
    monkeypatch.chdir(_moved(unnamed))
    found = []
    assert naming.project_here(tell=found.append).name == "shop"
    said = "this project is 'shop', the only one that the journal knows, and not 'shop-bo'"
    assert len(found) == 1
    assert found[0].startswith(said)
    assert unnamed.run("tick", "staging/1.0", "a") == 0, unnamed.err
    assert unnamed.run("init") == 0, unnamed.err
    assert 'name = "shop"' in Path("nbrunbook.toml").read_text(encoding="utf-8")
    found.clear()
    assert (naming.project_here(tell=found.append).name, found) == ("shop", [])


def test_of_several_the_one_that_it_may_be_counts(unnamed: Workplace, runbook: MakeRunbook) -> None:
    """A team's journal holds more than one project."""
    TOML.write_text('name = "mail"\n', encoding="utf-8")
    assert unnamed.run("instantiate", "templates/1.0.ipynb", "-e", "staging", "--release", "2.0") == 0, unnamed.err
    assert "knows no project 'mail': it knows 'shop'; from now on it knows this one, too" in unnamed.err
    TOML.write_text("", encoding="utf-8")
    Path("pyproject.toml").write_text('[project]\nname = "shop"\n', encoding="utf-8")
    assert Journal.open(find_project().journal).projects() == ["mail", "shop"]
    assert naming.project_here().name == "shop"
    assert naming.unknown_to(Journal.open(find_project().journal), naming.project_here()) == ""


def test_a_journal_that_cannot_be_asked_decides_nothing(unnamed: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who needs it is told so, and no runbook gets another name; `init` goes on without."""
    Path("pyproject.toml").write_text('[project]\nname = "shop"\n', encoding="utf-8")
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", "sqlite:////nowhere/journal.db")
    assert naming.project_here().name == "shop"
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", "mysql://x")
    with pytest.raises(NbrunbookError):
        naming.project_here()
    assert naming.name_at(unnamed.root) == "shop"


def test_another_project_does_not_take_a_team_s_only_name(unnamed: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says its own name, and the journal is not its own: what it writes would be the other one's for good."""
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", find_project().journal)
    Path("pyproject.toml").write_text('[project]\nname = "billing"\n', encoding="utf-8")
    assert naming.project_here().name == "billing"
    assert unnamed.run("init") == 0
    assert 'name = "billing"' in TOML.read_text(encoding="utf-8")


def test_init_tells_whose_name_it_writes(unnamed: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is the only one that the journal knows, and not the folder's."""
    monkeypatch.chdir(_moved(unnamed))
    assert unnamed.run("init") == 0
    assert "this project is 'shop', the only one that the journal knows, and not 'shop-bo'" in unnamed.err


@pytest.mark.parametrize("name", ['""', '" a"', "5", '"a\\nb"'])
def test_what_is_no_name_is_refused(work: Workplace, name: str) -> None:
    """In words, by everything that reads the configuration."""
    Path("pyproject.toml").unlink()
    TOML.write_text(f"name = {name}\n", encoding="utf-8")
    assert work.run("pending") == 1
    assert "nbrunbook.toml: name =" in work.err
