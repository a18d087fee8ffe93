"""What a branch brings must not pass for what nbrunbook keeps on this machine for itself."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nbrunbook.documents import notebook, trust
from nbrunbook.errors import NbrunbookError
from nbrunbook.jupyter import server
from nbrunbook.jupyter.session_copy import session_copy
from nbrunbook.project.local_state import local_state
from nbrunbook.project.settings import find_project
from tests.conftest import MakeRunbook, Workplace
from tests.making import session_on
from tests.project.test_local_state import git

pytestmark = pytest.mark.on("sqlite")
COPY = Path("runbooks/_sessions/staging@1.0.ipynb")
EVIL = "import os; os.system('touch /tmp/nbrunbook-was-here')"


@pytest.fixture
def shop(work: Workplace, engine: str) -> Workplace:
    """A repository with a commit, as `init` sets it up."""
    subprocess.run(["git", "init", "-q", "-b", "main"], check=True)
    assert work.run("init") == 0, work.err
    git(work.root, "add", "-A")
    git(work.root, "commit", "-qm", "one")
    return work


def _branch(files: dict[str, bytes]) -> None:
    """Bring files by a commit on a branch, as somebody else would, and check it out over what is here."""
    elsewhere = Path(f"../{Path.cwd().name}-elsewhere")
    git(Path(), "worktree", "add", "-q", "-b", "evil", str(elsewhere))
    for name, content in files.items():
        (elsewhere / name).parent.mkdir(parents=True, exist_ok=True)
        (elsewhere / name).write_bytes(content)
    git(elsewhere, "add", "-f", "-A")
    git(elsewhere, "commit", "-qm", "evil")
    git(Path(), "worktree", "remove", "--force", str(elsewhere))
    git(Path(), "checkout", "-q", "evil")


def _other(shop: Workplace) -> Path:
    """Where a linked work tree is made."""
    return shop.root.with_name(f"{shop.root.name}-other")


def test_a_committed_journal_does_not_replace_ours(shop: Workplace, runbook: MakeRunbook) -> None:
    """Git plants it in silence; it is refused by name while it is there, and afterwards ours is as it was."""
    key = runbook("- [ ] A {#a}")
    ours = local_state(shop.root).journal.read_bytes()
    _branch({".nbrunbook/journal.db": ours})
    assert shop.run("status", key) == 1
    assert ".nbrunbook/journal.db is tracked by git" in shop.err
    assert shop.run("tick", key, "a") == 1
    git(shop.root, "checkout", "-q", "main")
    assert local_state(shop.root).journal.read_bytes() == ours
    assert shop.run("tick", key, "a") == 0, shop.err


def test_no_checkout_and_no_clean_deletes_the_journal(shop: Workplace, runbook: MakeRunbook) -> None:
    """Neither of another branch, nor of everything that git does not track."""
    key = runbook("- [ ] A {#a}")
    assert shop.run("tick", key, "a") == 0, shop.err
    git(shop.root, "clean", "-fdxq")
    git(shop.root, "checkout", "-q", "-b", "other")
    assert shop.run("status", key) == 0, shop.err
    assert "[x] A" in shop.out


def test_a_committed_session_copy_is_refused_by_name(shop: Workplace, runbook: MakeRunbook) -> None:
    """It would be opened live, and its code run."""
    key = runbook("- [ ] A {#a}")
    own = json.loads(Path("runbooks/staging/1.0.ipynb").read_bytes())
    own["cells"].append(notebook.code_cell("evil", EVIL))
    _branch({str(COPY): notebook.dump(own)})
    with pytest.raises(NbrunbookError, match=r"1\.0\.ipynb is tracked by git"):
        session_copy(session_on(key), find_project())


def test_a_session_copy_that_nobody_signed_here_is_made_anew(shop: Workplace, runbook: MakeRunbook) -> None:
    """A branch that was checked out and left again, an archive that was unpacked: what it held is put aside."""
    key = runbook("- [ ] A {#a}")
    session, project = session_on(key), find_project()
    own = session_copy(session, project).read_bytes()
    assert trust.is_signed(own)
    planted = json.loads(own)
    planted["cells"].append(notebook.code_cell("evil", EVIL))
    COPY.write_bytes(notebook.dump(planted))
    assert session_copy(session, project).read_bytes() == own
    assert EVIL in COPY.with_name("staging@1.0 (not signed here).ipynb").read_text(encoding="utf-8")
    COPY.write_bytes(notebook.dump(planted | {"cells": []}))
    told: list[str] = []
    assert session_copy(session, project, told.append).read_bytes() == own
    assert "(not signed here 2).ipynb, and a new one is made" in told[0]
    assert EVIL in COPY.with_name("staging@1.0 (not signed here).ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize("link", ["runbooks/_sessions", str(COPY)])
def test_a_session_copy_behind_a_link_is_refused_by_name(
    shop: Workplace, runbook: MakeRunbook, tmp_path_factory: pytest.TempPathFactory, link: str
) -> None:
    """Nothing is written where it leads."""
    key, elsewhere = runbook("- [ ] A {#a}"), tmp_path_factory.mktemp("elsewhere")
    target = elsewhere if link.endswith("_sessions") else elsewhere / "a"
    Path(link).parent.mkdir(exist_ok=True)
    Path(link).symlink_to(target)
    with pytest.raises(NbrunbookError, match=rf"{link} is a link"):
        session_copy(session_on(key), find_project())
    assert list(elsewhere.iterdir()) == []


def test_no_settings_of_jupyters_come_from_the_work_tree(shop: Workplace) -> None:
    """A `jupyter_server_config.py` in `.nbrunbook` was run by our server."""
    _branch({".nbrunbook/jupyter/jupyter_server_config.py": EVIL.encode(), ".nbrunbook/jupyter_server_config.py": b"x"})
    found = server.private_folder(find_project())
    assert found == shop.root.resolve() / ".git" / "nbrunbook"
    assert list(found.rglob("*.py")) == []


def test_a_log_that_is_a_link_is_not_written_to(shop: Workplace, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nor is a folder of ours."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (shop.root / ".git" / "nbrunbook").symlink_to(elsewhere)
    with pytest.raises(NbrunbookError, match=r"\.git/nbrunbook is a link"):
        server.private_folder(find_project())


def test_a_linked_work_tree_sees_the_first_one_s_earlier_journal(shop: Workplace, runbook: MakeRunbook) -> None:
    """Another, empty one would be made beside it."""
    key = runbook("- [ ] A {#a}")
    Path(".nbrunbook").mkdir()
    state = local_state(shop.root)
    state.journal.rename(".nbrunbook/journal.db")
    git(shop.root, "worktree", "add", "-q", str(_other(shop)))
    other = local_state(_other(shop))
    assert (other.before, other.journal) == (state.before, state.journal)
    ran = subprocess.run(
        [sys.executable, "-c", "from nbrunbook.commands import main; main()", "tick", key, "a"],
        cwd=_other(shop),
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert shop.run("status", key) == 0, shop.err
    assert "[x] A" in shop.out


def test_in_a_linked_work_tree_the_runbooks_are_the_same(shop: Workplace, runbook: MakeRunbook) -> None:
    """One journal, and one project, however the folder is called."""
    key = runbook("- [ ] A {#a}")
    git(shop.root, "worktree", "add", "-q", str(_other(shop)))
    ran = subprocess.run(
        [sys.executable, "-c", "from nbrunbook.commands import main; main()", "status", key],
        cwd=_other(shop),
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert str(local_state(shop.root).journal) in ran.stderr
    assert "[ ] A" in ran.stdout


@pytest.mark.parametrize("suffix", ["-journal", "-wal", "-shm"])
def test_what_sqlite_would_put_into_an_earlier_journal_is_refused(
    shop: Workplace, runbook: MakeRunbook, suffix: str
) -> None:
    """A verb that only reads would let it write: the file beside the journal counts as part of it."""
    key = runbook("- [ ] A {#a}")
    state = local_state(shop.root)
    Path(".nbrunbook").mkdir()
    state.journal.rename(".nbrunbook/journal.db")
    before = Path(".nbrunbook/journal.db").read_bytes()
    _branch({f".nbrunbook/journal.db{suffix}": b"x" * 1000})
    assert shop.run("status", key) == 1
    assert f"journal.db{suffix} is tracked by git" in shop.err
    assert Path(".nbrunbook/journal.db").read_bytes() == before


def test_where_git_does_not_say_an_earlier_journal_is_not_taken(
    shop: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container, where the files are another user's: somebody's commit may have brought it."""
    key = runbook("- [ ] A {#a}")
    Path(".nbrunbook").mkdir()
    local_state(shop.root).journal.rename(".nbrunbook/journal.db")
    with monkeypatch.context() as container:
        container.setenv("GIT_CONFIG_COUNT", "1")
        container.setenv("GIT_CONFIG_KEY_0", "core.repositoryformatversion")
        container.setenv("GIT_CONFIG_VALUE_0", "99")
        monkeypatch.setenv("PATH", "/nowhere")
        assert shop.run("status", key) == 1
        assert "git" in shop.err
    monkeypatch.undo()


@pytest.mark.parametrize("setting", ["{name}", "sqlite:///{root}/{name}", "sqlite:///{name}", "link/{name}"])
def test_a_committed_journal_that_the_configuration_names_is_refused(
    shop: Workplace, runbook: MakeRunbook, setting: str
) -> None:
    """Wherever it lies in the work tree."""
    runbook("- [ ] A {#a}")
    said = setting.format(name="ops.db", root=shop.root.resolve())
    content = local_state(shop.root).journal.read_bytes()
    configuration = Path("pyproject.toml").read_text(encoding="utf-8")
    changed = configuration.replace("[tool.nbrunbook]\n", f'[tool.nbrunbook]\njournal = "{said}"\n')
    Path("link").symlink_to(".")
    _branch({"ops.db": content, "pyproject.toml": changed.encode()})
    assert shop.run("status") == 1
    assert "ops.db is tracked by git" in shop.err or "link is a link" in shop.err


@pytest.mark.parametrize("setting", ["j.db?before={other}", "sqlite:///{root}/j.db?before={other}"])
def test_no_setting_moves_another_project_s_journal(
    shop: Workplace, runbook: MakeRunbook, tmp_path_factory: pytest.TempPathFactory, setting: str
) -> None:
    """What is moved is this project's own, and nothing that a text names."""
    runbook("- [ ] A {#a}")
    other = tmp_path_factory.mktemp("other") / "journal.db"
    content = local_state(shop.root).journal.read_bytes()
    other.write_bytes(content)
    said = setting.format(other=other, root=shop.root.resolve())
    toml = Path("pyproject.toml").read_text(encoding="utf-8")
    Path("pyproject.toml").write_text(
        toml.replace("[tool.nbrunbook]\n", f'[tool.nbrunbook]\njournal = "{said}"\n'), encoding="utf-8"
    )
    shop.run("instantiate", "1.0", "-e", "qa")
    shop.run("note", "qa/1.0", "x")
    assert other.read_bytes() == content


@pytest.mark.parametrize("about", [{"key": "x"}, {"key": float("inf")}, [], "x"])
def test_a_planted_session_copy_is_no_bug_of_ours(shop: Workplace, runbook: MakeRunbook, about: object) -> None:
    """Whatever it says of itself, it is put aside with its bytes, and nothing in it runs."""
    key = runbook("- [ ] A {#a}")
    session, project = session_on(key), find_project()
    own = session_copy(session, project).read_bytes()
    planted = json.loads(own)
    planted["metadata"]["nbrunbook"] = about
    planted["nbformat_minor"] = "x"
    COPY.write_text(json.dumps(planted), encoding="utf-8")
    assert session_copy(session, project).read_bytes() == own
    assert len(list(COPY.parent.glob("*.ipynb"))) == 2


@pytest.mark.parametrize("content", [b'{"nbformat": 3, "worksheets": []}', b"{", b'{"a":' * 3000])
def test_a_planted_copy_that_we_cannot_read_is_put_aside(shop: Workplace, runbook: MakeRunbook, content: bytes) -> None:
    """JupyterLab may read it nevertheless, and run it."""
    key = runbook("- [ ] A {#a}")
    session, project = session_on(key), find_project()
    own = session_copy(session, project).read_bytes()
    COPY.write_bytes(content)
    assert session_copy(session, project).read_bytes() == own
    assert COPY.with_name("staging@1.0 (not readable).ipynb").read_bytes() == content


@pytest.mark.parametrize("link", [".gitignore", "records", "runbooks", "runbooks/_sessions/.gitignore"])
def test_nothing_is_written_through_a_link_that_leads_elsewhere(
    shop: Workplace, runbook: MakeRunbook, tmp_path_factory: pytest.TempPathFactory, link: str
) -> None:
    """Of a branch's: neither by init, nor a runbook, a record or what keeps session copies out of git."""
    elsewhere, template = tmp_path_factory.mktemp("elsewhere"), shop.template("- [ ] A {#a .optional}")
    target = elsewhere if link in ("records", "runbooks") else elsewhere / "a"
    if (shop.root / link).is_dir():
        shutil.rmtree(shop.root / link)
    (shop.root / link).unlink(missing_ok=True)
    (shop.root / link).parent.mkdir(exist_ok=True)
    (shop.root / link).symlink_to(target)
    shop.run("init")
    shop.run("instantiate", template, "-e", "staging")
    if link != "runbooks":
        session_copy(session_on("staging/1.0"), find_project())
        shop.run("sign-off", "staging/1.0")
        shop.run("archive", "staging/1.0")
    assert list(elsewhere.iterdir()) == []


def test_sums_that_are_a_link_are_neither_read_nor_written_to(
    shop: Workplace, runbook: MakeRunbook, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """`verify` would show a stranger's file line by line, and `archive` add to it."""
    secret = tmp_path_factory.mktemp("elsewhere") / "secret"
    secret.write_text("password = hunter2\n", encoding="utf-8")
    Path("records").mkdir(exist_ok=True)
    Path("records/SHA256SUMS").symlink_to(secret)
    key = runbook("- [ ] A {#a .optional}")
    assert shop.run("sign-off", key) == 0, shop.err
    assert shop.run("archive", key) == 1
    assert shop.run("verify", "--all") == 1
    assert "hunter2" not in shop.out + shop.err
    assert secret.read_text(encoding="utf-8") == "password = hunter2\n"


@pytest.mark.parametrize("name", ["markupsafe.py", "ipykernel_launcher.py", "sub/x.py"])
def test_nothing_that_a_branch_brings_lies_beside_a_session_copy(
    shop: Workplace, runbook: MakeRunbook, name: str
) -> None:
    """A kernel starts there, and would import it."""
    key = runbook("- [ ] A {#a}")
    _branch({f"runbooks/_sessions/{name}": b"raise SystemExit"})
    with pytest.raises(NbrunbookError, match=r"_sessions is tracked by git"):
        session_copy(session_on(key), find_project())


@pytest.mark.parametrize(
    ("link", "target"), [(".gitignore", ".git/hooks/pre-commit"), (".gitattributes", ".git/config")]
)
def test_init_writes_no_file_of_gits(shop: Workplace, link: str, target: str) -> None:
    """A hook would be run, and a configuration that is none ends every command of git's."""
    path = shop.root / ".git" / "hooks" / "pre-commit"
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    before = (shop.root / target).read_bytes()
    (shop.root / link).unlink()
    (shop.root / link).symlink_to(target)
    Path("pyproject.toml").write_text('[tool.nbrunbook]\nrunbooks = "x"\n', encoding="utf-8")
    assert shop.run("init") == 1
    assert "leads out of its repository" in shop.err
    assert (shop.root / target).read_bytes() == before


@pytest.mark.parametrize("folder", ["runbooks", "records"])
def test_no_folder_of_ours_leads_into_gits(shop: Workplace, folder: str) -> None:
    """A runbook among its references breaks every fetch."""
    shutil.rmtree(folder, ignore_errors=True)
    Path(folder).symlink_to(".git")
    template = shop.template("- [ ] A {#a .optional}")
    made = shop.run("instantiate", template, "-e", "heads")
    assert made == (1 if folder == "runbooks" else 0)
    if folder == "records":
        assert shop.run("sign-off", "heads/1.0") == 0, shop.err
        assert shop.run("archive", "heads/1.0") == 1
    assert not list((shop.root / ".git").glob("heads*"))
