"""What a branch brings must not pass for what nbrunbook keeps on this machine for itself."""

from __future__ import annotations

import json
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
    elsewhere = Path("../elsewhere")
    git(Path(), "worktree", "add", "-q", "-b", "evil", str(elsewhere))
    for name, content in files.items():
        (elsewhere / name).parent.mkdir(parents=True, exist_ok=True)
        (elsewhere / name).write_bytes(content)
    git(elsewhere, "add", "-f", "-A")
    git(elsewhere, "commit", "-qm", "evil")
    git(Path(), "worktree", "remove", "--force", str(elsewhere))
    git(Path(), "checkout", "-q", "evil")


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


def test_in_a_linked_work_tree_the_runbooks_are_the_same(shop: Workplace, runbook: MakeRunbook) -> None:
    """One journal, and one project, however the folder is called."""
    key = runbook("- [ ] A {#a}")
    git(shop.root, "worktree", "add", "-q", "../other-name")
    ran = subprocess.run(
        [sys.executable, "-c", "from nbrunbook.commands import main; main()", "status", key],
        cwd=shop.root.parent / "other-name",
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert str(local_state(shop.root).journal) in ran.stderr
    assert "[ ] A" in ran.stdout
