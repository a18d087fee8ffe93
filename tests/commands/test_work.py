"""nbrunbook work, as far as it needs no JupyterLab."""

from __future__ import annotations

import json
import os
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
    """`work` without a key lists the runbooks that are open, and how far they are."""
    registered("- [ ] A {#a}")
    registered("- [ ] A {#a}", key="production/1.0")
    assert work.run("tick", "production/1.0", "a") == work.run("sign-off", "production/1.0") == 0
    assert work.run("work") == 0
    assert work.out == "staging/1.0  0 of 1 done\n"


def test_without_a_key_and_anything_open_that_is_said(work: Workplace) -> None:
    """Where no runbook is open that is said, and nothing is on stdout."""
    registered("- [ ] A {#a .optional}")
    assert work.run("sign-off", "staging/1.0") == work.run("work") == 0
    assert (work.out, work.err) == ("", "no runbook is open, and nothing is pending\n")


def test_without_a_key_what_was_given_up_is_pending(work: Workplace, runbook: MakeRunbook) -> None:
    """An abandoned runbook leaves its deployment pending, and the list says how to make another."""
    key = runbook("- [ ] A {#a}")
    assert work.run("abandon", key, "--reason", "x") == work.run("work") == 0
    assert work.out == "staging/1.0  abandoned  nbrunbook instantiate templates/1.0.ipynb -e staging --again\n"


def test_without_a_key_what_is_overdue_stands_out(work: Workplace) -> None:
    """What is late is said, and what is closed is not looked at."""
    registered("- [ ] A {#a due=0m}\n- [ ] B {#b}")
    registered("- [ ] A {#a}", key="production/1.0")
    assert work.run("abandon", "production/1.0", "--reason", "x") == work.run("work") == 0
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
    assert "on the hub 'nbrunbook work staging/1.0 ü' makes the copy" in work.err


def test_a_copy_that_is_there_stays(work: Workplace, runbook: MakeRunbook, inside: None) -> None:
    """An existing session copy is never written over: an operator may have it open."""
    key = runbook("- [ ] A {#a}")
    assert work.run("work", key) == 0
    content = COPY.read_bytes().replace(b"not live", b"as edited") + b"\n"
    COPY.write_bytes(content)
    assert work.run("work", key) == 0
    assert COPY.read_bytes() == content


def test_a_copy_needs_only_the_journal(work: Workplace, runbook: MakeRunbook, inside: None) -> None:
    """The session copy comes from the journal, so that the key is enough on any machine."""
    key, content = runbook("- [ ] A {#a}"), FILE.read_bytes()
    FILE.unlink()
    assert work.run("work", key) == 0
    assert COPY.read_bytes() == content


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
    assert work.run("work") == 0
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


@pytest.mark.on("sqlite")
def test_a_new_journal_beside_records_is_told(work: Workplace, runbook: MakeRunbook, inside: None) -> None:
    """A journal that adopting a file makes says that it is new, since records tell of an older one."""
    key = runbook("- [ ] A {#a .optional}")
    assert work.run("sign-off", key) == work.run("archive", key) == 0
    assert work.run("instantiate", "templates/1.0.ipynb", "-e", "production") == 0, work.err
    shutil.rmtree(work.root / ".nbrunbook", ignore_errors=True)
    assert work.run("work", "runbooks/production/1.0.ipynb") == 0, work.err
    assert "is new, although there are records in records" in work.err


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
    before = listing(work.root.parent)
    assert work.run("work", FILE) == 1
    assert str(FILE) in work.err
    assert listing(work.root.parent) == before


# Inside a hub's server


HUB = {"JUPYTERHUB_USER": "ana", "JUPYTERHUB_SERVICE_PREFIX": "/user/ana/"}


def _inside(monkeypatch: pytest.MonkeyPatch, **more: object) -> None:
    for name, value in {**HUB, **more}.items():
        monkeypatch.setenv(name, str(value))


@pytest.mark.parametrize(
    ("said", "host"),
    [
        ({}, "/user/ana/"),
        ({"JUPYTERHUB_PUBLIC_HUB_URL": "https://hub.example.com/hub/"}, "https://hub.example.com/user/ana/"),
        ({"JUPYTERHUB_PUBLIC_URL": "https://ana.hub.example.com/user/ana/"}, "https://ana.hub.example.com/user/ana/"),
    ],
)
def test_in_a_hub_the_link_opens_in_the_users_server(
    work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch, said: dict[str, str], host: str
) -> None:
    """The link leads from the folder that the server shows, below its prefix, on the hub's host where that is said."""
    _inside(monkeypatch, JUPYTERHUB_ROOT_DIR=work.root.parent, **said)
    assert work.run("work", runbook("- [ ] A {#a}")) == 0, work.err
    assert work.out == f"{host}lab/tree/{work.root.name}/runbooks/_sessions/staging%401.0.ipynb\n"
    assert work.err == "choose Run > Run All Cells\n"


def test_a_server_shows_the_home_folder_unless_it_says_otherwise(
    work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub's server shows the home folder; a terminal's JUPYTER_SERVER_ROOT goes before all else."""
    key = runbook("- [ ] A {#a}")
    _inside(monkeypatch, HOME=work.root.parent)
    assert work.run("work", key) == 0
    assert work.out.startswith(f"/user/ana/lab/tree/{work.root.name}/runbooks/")
    _inside(monkeypatch, JUPYTER_SERVER_ROOT=work.root, JUPYTERHUB_ROOT_DIR=work.root.parent)
    assert work.run("work", key) == 0
    assert work.out.startswith("/user/ana/lab/tree/runbooks/")


def test_in_a_plain_jupyterlab_the_link_is_that_servers(
    work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a kernel of a JupyterLab the server's own notes say where it is and what it shows; no token is printed."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(work.root))
    monkeypatch.setenv("JPY_PARENT_PID", str(os.getpid()))
    about = {"url": "http://127.0.0.1:9/", "token": "s3cret", "root_dir": str(work.root / "runbooks")}
    (work.root / f"jpserver-{os.getpid()}.json").write_text(json.dumps(about), encoding="utf-8")
    assert work.run("work", runbook("- [ ] A {#a}")) == 0
    assert work.out == "http://127.0.0.1:9/lab/tree/_sessions/staging%401.0.ipynb\n"
    assert "it is not live yet" in work.err
    assert "s3cret" not in work.out + work.err


def test_a_project_that_the_server_does_not_show_is_told(
    work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link that could not open is not printed."""
    _inside(monkeypatch, JUPYTERHUB_ROOT_DIR=work.root / "templates")
    assert work.run("work", runbook("- [ ] A {#a}")) == 1
    assert "lies outside of" in work.err
    assert work.out == ""


def test_a_server_that_does_not_answer_is_told(
    work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the copy cannot be made live, that is said, and the link is printed all the same."""
    _inside(
        monkeypatch,
        JUPYTERHUB_ROOT_DIR=work.root,
        JUPYTERHUB_SERVICE_URL="http://127.0.0.1:9/user/ana/",
        JUPYTERHUB_API_TOKEN="token",
    )
    assert work.run("work", runbook("- [ ] A {#a}")) == 0
    assert "it is not live yet: the Jupyter server at http://127.0.0.1:9/user/ana/ does not answer" in work.err
    assert work.out == "/user/ana/lab/tree/runbooks/_sessions/staging%401.0.ipynb\n"
