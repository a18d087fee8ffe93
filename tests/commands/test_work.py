"""nbrunbook work, as far as it needs no JupyterLab."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.runbook.metadata import facts_digest, facts_in
from tests.conftest import MakeRunbook, Workplace
from tests.making import forget, listing, registered, session_on

FILE = Path("runbooks") / "staging" / "1.0.ipynb"
COPY = Path("runbooks") / "_sessions" / "staging@1.0.ipynb"


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a terminal of JupyterLab, where `work` starts no server."""
    monkeypatch.setenv("JPY_PARENT_PID", "1")


def _edit(*, again: bool = False, **changes: Any) -> None:
    """Edit the metadata, and on request compute their digest again."""
    document = json.loads(FILE.read_bytes())
    document["metadata"]["nbrunbook"].update(changes)
    if again:
        document["metadata"]["nbrunbook"]["digest"] = facts_digest(facts_in(document["metadata"]))
    FILE.write_text(json.dumps(document), encoding="utf-8")


def test_without_a_key_what_is_open_is_listed(work: Workplace) -> None:
    """`work` without a key lists the runbooks that are open; where nobody can be asked for one, that is wrong usage."""
    registered("- [ ] A {#a}")
    registered("- [ ] A {#a}", key="production/1.0")
    assert work.run("tick", "production/1.0", "a") == work.run("sign-off", "production/1.0") == 0
    assert work.run("work") == 2
    assert work.out == "staging/1.0  0 of 1 done\n"
    assert work.err == "name the one to open: nbrunbook work KEY\n"


def test_without_a_key_and_anything_open_that_is_said(work: Workplace) -> None:
    """Where no runbook is open that is said, and nothing is on stdout."""
    registered("- [ ] A {#a .optional}")
    assert work.run("sign-off", "staging/1.0") == work.run("work") == 0
    assert (work.out, work.err) == ("", "no runbook is open, and nothing is pending\n")


def test_without_a_key_what_was_given_up_is_pending(work: Workplace, runbook: MakeRunbook) -> None:
    """An abandoned runbook leaves its deployment pending, and the list says how to make another."""
    key = runbook("- [ ] A {#a}")
    assert (work.run("abandon", key, "--reason", "x"), work.run("work")) == (0, 2)
    assert work.out == "staging/1.0  abandoned  nbrunbook instantiate templates/1.0.ipynb -e staging --again\n"


def test_without_a_key_what_is_overdue_stands_out(work: Workplace) -> None:
    """What is late is said, and what is closed is not looked at."""
    registered("- [ ] A {#a due=0m}\n- [ ] B {#b}")
    registered("- [ ] A {#a}", key="production/1.0")
    assert (work.run("abandon", "production/1.0", "--reason", "x"), work.run("work")) == (0, 2)
    assert work.out == "staging/1.0  0 of 2 done  1 overdue\n"


def test_a_runbook_needs_no_file(work: Workplace, runbook: MakeRunbook, inside: None) -> None:
    """`work` needs only the key: the journal holds the notebook, also of a second runbook."""
    key, content = runbook("- [ ] A {#a}"), FILE.read_bytes()
    assert work.run("instantiate", "templates/1.0.ipynb", "-e", "staging", "--again") == 0
    shutil.rmtree(work.root / "runbooks")
    shutil.rmtree(work.root / "templates")
    assert work.run("work", key) == work.run("work", f"{key}@2") == 0
    assert COPY.read_bytes() == content
    assert COPY.with_name("staging@1.0@2.ipynb").exists()


def test_an_unknown_key_is_told(work: Workplace) -> None:
    """A key that the journal does not hold starts nothing."""
    registered("- [ ] A {#a}")
    before = listing(work.root)
    assert work.run("work", "staging/1.1") == 1
    assert "did you mean 'staging/1.0'?" in work.err
    assert listing(work.root) == before


def test_inside_jupyter_the_copy_is_named(work: Workplace, runbook: MakeRunbook, inside: None) -> None:
    """Inside a JupyterLab that runs already `work` makes the session copy and says what to open."""
    assert work.run("work", runbook("- [ ] A {#a}")) == 0
    assert work.out == f"open {COPY.as_posix()} in this JupyterLab and choose Run > Run All Cells\n"
    assert COPY.read_bytes() == FILE.read_bytes()
    assert (COPY.parent / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_a_hub_gives_the_link(work: Workplace, runbook: MakeRunbook) -> None:
    """open_url makes the link, with the path percent-encoded."""
    setting = 'open_url = "https://hub.example.com/user-redirect/lab/tree/{path}"\n'
    config = f'[project]\nname = "shop"\n[tool.nbrunbook]\n{setting}'
    (work.root / "pyproject.toml").write_text(config, encoding="utf-8")
    assert work.run("work", runbook("- [ ] A {#a}", name="1.0 ü")) == 0
    path = "runbooks/_sessions/staging%401.0%20%C3%BC.ipynb"
    assert work.out == f"https://hub.example.com/user-redirect/lab/tree/{path}\n"
    assert "on the hub 'nbrunbook work 'staging/1.0 ü'' makes the copy" in work.err


# Adopting a file


@pytest.mark.on("sqlite")
def test_a_file_that_a_record_settles_is_not_adopted(work: Workplace, runbook: MakeRunbook, inside: None) -> None:
    """In a clone without its journal a signed-off runbook does not open again; another one does, and it is told."""
    assert work.run("sign-off", runbook("- [ ] A {#a .optional}")) == work.run("archive", "staging/1.0") == 0
    work.template("- [ ] B {#b}", name="2.0")
    assert work.run("instantiate", "2.0", "-e", "staging") == 0, work.err
    forget(work)
    before = listing(work.root)
    assert work.run("work", FILE) == 1
    assert "is of staging/1.0, which is signed off: a record says so" in work.err
    assert listing(work.root) == before
    assert work.run("work") == 2
    assert work.out.endswith("  nbrunbook work runbooks/staging/2.0.ipynb\n")
    assert work.run("work", "runbooks/staging/2.0.ipynb") == 0, work.err
    assert "journal.db is new, although there are records in records" in work.err


def test_a_file_that_the_journal_does_not_know_is_adopted(work: Workplace, runbook: MakeRunbook, inside: None) -> None:
    """A runbook that CI made with a journal of its own is taken into this one, with all its facts."""
    runbook("- [ ] A {#a}")
    facts = session_on().runbook.facts
    forget(work)
    assert work.run("work", FILE) == 0
    assert "staging/1.0 was not in the journal" in work.err
    session = session_on()
    assert session.runbook.facts == facts
    assert session.journal.blob(session.events[0].data["notebook"]) == FILE.read_bytes()
    assert work.run("tick", "staging/1.0", "a") == 0


def test_a_known_file_is_its_key(work: Workplace, runbook: MakeRunbook, inside: None) -> None:
    """A file that the journal knows is opened, and nothing is written."""
    runbook("- [ ] A {#a}")
    assert work.run("work", FILE) == work.run("work", FILE) == 0
    assert len(session_on().events) == 1


def test_another_runbook_of_the_same_key_is_told(work: Workplace, runbook: MakeRunbook, inside: None) -> None:
    """A file whose facts are not those in the journal is not mistaken for the one there."""
    runbook("- [ ] A {#a}")
    _edit(created_by="eve", again=True)
    before = listing(work.root)
    assert work.run("work", FILE) == 1
    assert "the journal knows another runbook of that key" in work.err
    assert listing(work.root) == before


def test_a_file_of_another_project_is_told(work: Workplace, runbook: MakeRunbook, inside: None) -> None:
    """A runbook of another project is not adopted."""
    runbook("- [ ] A {#a}")
    _edit(project="other", again=True)
    forget(work)
    assert work.run("work", FILE) == 1
    assert "belongs to the project 'other'" in work.err
    assert not (work.root / ".nbrunbook").exists()


@pytest.mark.on("sqlite")
@pytest.mark.parametrize(
    "changes",
    [
        {"plan": None},
        {"plan": "x"},
        {"plan_digest": "0"},
        {"schema": 9},
        {"release": None},
        {"key": None},
        {"key": 7},
        {"key": "../../../../evil"},
        {"key": "staging/../../../evil"},
        {"key": "production/1.0"},
        {"created_at": None},
        {"template": None},
        {"parameters": None},
        {"parameters": {"release": "1.0", "environment": "staging", "kind": "major"}},
        {"created_by": "eve"},
        {"created_at": "2020-01-01T00:00:00.000000Z"},
        {"project": "other"},
        {"key": "staging/1.0@2"},
        {"deployment": {"commit": "0", "pipeline": "", "deployed_by": ""}},
        {"template": {"name": "1.0", "parts": []}},
        {"version": "9"},
        {"digest": None},
        {"digest": "0" * 64},
        {"digest": 7},
    ],
)
def test_a_damaged_file_is_not_adopted(
    work: Workplace, runbook: MakeRunbook, inside: None, changes: dict[str, Any]
) -> None:
    """A file whose facts are damaged, or do not fit its key, is one clear error, and nothing is written."""
    runbook("- [ ] A {#a}")
    _edit(**changes)
    forget(work)
    before = listing(work.root)
    assert work.run("work", FILE) == 1
    assert str(FILE) in work.err
    assert listing(work.root) == before
    assert not [each for folder in work.root.parents[:3] for each in folder.glob("*evil*")]


def test_a_server_that_does_not_answer_is_told(
    work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the copy cannot be made live, that is said, and the link is printed all the same."""
    monkeypatch.setenv("JUPYTERHUB_USER", "ana")
    monkeypatch.setenv("JUPYTERHUB_ROOT_DIR", str(work.root))
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ana/")
    monkeypatch.setenv("JUPYTERHUB_SERVICE_URL", "http://127.0.0.1:9/user/ana/")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "token")
    assert work.run("work", runbook("- [ ] A {#a}")) == 0
    assert "it is not live yet: the Jupyter server at http://127.0.0.1:9/user/ana/ does not answer" in work.err
    assert work.out == "/user/ana/lab/tree/runbooks/_sessions/staging%401.0.ipynb\n"


def test_no_server_is_listed_and_none_is_ended(work: Workplace) -> None:
    """Repeating `--stop` is safe; what is about the whole project's JupyterLab stands alone."""
    for option in ("--list", "--stop"):
        assert (work.run("work", option), work.out) == (0, "")
        assert "no JupyterLab of this project runs here" in work.err
    assert work.run("work", "--list", "--stop") == 2
    assert work.run("work", "staging/1.0", "--stop") == 2
    assert "stand alone" in work.err
