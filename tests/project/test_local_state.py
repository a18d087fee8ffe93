"""Local state: where a project's journal and server files lie, found without asking git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.project.local_state import local_state, own_journal, refuse_foreign


def git(folder: Path, *arguments: str) -> None:
    """Run git as somebody."""
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository with a commit, in which a project is one folder of several."""
    top = tmp_path / "shop"
    (top / "services" / "mail").mkdir(parents=True)
    (top / "services" / "mail" / "nbrunbook.toml").touch()
    git(top, "init", "-q")
    git(top, "add", "-A")
    git(top, "commit", "-qm", "one")
    return top


def test_without_git_it_lies_beside_the_project(tmp_path: Path) -> None:
    """As ever, and an empty `.git` makes no repository."""
    (tmp_path / ".git").mkdir()
    found = local_state(tmp_path)
    assert (found.journal, found.files) == (tmp_path / ".nbrunbook/journal.db", tmp_path / ".nbrunbook")
    assert (found.before, found.name) == (None, tmp_path.name)


def test_in_a_repository_it_lies_in_gits_folder(shop: Path) -> None:
    """By the project's folder from the top."""
    own = shop / ".git" / "nbrunbook"
    found = local_state(shop)
    assert (found.journal, found.files, found.name) == (own / "journal.db", own, "shop")
    assert found.before == shop / ".nbrunbook" / "journal.db"
    assert local_state(shop / "services" / "mail").journal == own / "services/mail/journal.db"
    assert local_state(shop / "services" / "mail").name == "mail"


def test_work_trees_share_the_journal_and_not_the_server(shop: Path, tmp_path: Path) -> None:
    """Each has a folder of its own in git's; all are called as the first one."""
    git(shop, "worktree", "add", "-q", "../other")
    main, other = local_state(shop), local_state(tmp_path / "other")
    assert other.journal == main.journal
    assert other.files == shop / ".git/worktrees/other/nbrunbook"
    assert other.name == "shop"


def test_a_submodule_has_its_own(shop: Path, tmp_path: Path) -> None:
    """Its folder of git's lies in the outer one's."""
    git(tmp_path, "init", "-q", "outer")
    git(tmp_path / "outer", "submodule", "--quiet", "add", str(shop), "shop")
    assert local_state(tmp_path / "outer/shop").journal == tmp_path / "outer/.git/modules/shop/nbrunbook/journal.db"


def test_where_git_refuses_to_answer_it_is_the_same(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container the repository is another user's, and a caller's variables name another one."""
    before = local_state(shop)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("PATH", "/nowhere")
    assert local_state(shop) == before


@pytest.mark.parametrize("broken", ["gitdir: /nowhere\n", "nothing\n", "", b"\xff\xfe", "a folder without HEAD"])
def test_a_git_that_cannot_be_read_is_an_error(tmp_path: Path, broken: str | bytes) -> None:
    """Another, empty journal would say that nothing was done."""
    place = tmp_path / ".git"
    if broken == "a folder without HEAD":
        (place / "objects").mkdir(parents=True)
    else:
        place.write_bytes(broken.encode() if isinstance(broken, str) else broken)
    with pytest.raises(NbrunbookError, match=r"\.git cannot be read .*NBRUNBOOK_JOURNAL"):
        own_journal(tmp_path)


@pytest.mark.parametrize("link", [".git/nbrunbook", ".git/nbrunbook/journal.db", ".nbrunbook", ".nbrunbook/journal.db"])
def test_a_link_on_the_way_is_refused_by_name(shop: Path, tmp_path: Path, link: str) -> None:
    """To a folder or a file, there or not."""
    (shop / link).parent.mkdir(exist_ok=True)
    (tmp_path / "elsewhere").mkdir()
    (shop / link).symlink_to(tmp_path / "elsewhere")
    if link == ".nbrunbook":
        (tmp_path / "elsewhere" / "journal.db").touch()
    with pytest.raises(NbrunbookError, match=rf"{link} is a link"):
        own_journal(shop)


def test_an_earlier_journal_is_named_beside_the_new_one(shop: Path) -> None:
    """Until it is moved; one that a commit has brought is refused."""
    assert own_journal(shop) == f"sqlite:///{shop}/.git/nbrunbook/journal.db"
    (shop / ".nbrunbook").mkdir()
    (shop / ".nbrunbook" / "journal.db").touch()
    assert own_journal(shop) == f"sqlite:///{shop}/.git/nbrunbook/journal.db"
    assert own_journal(shop).before == shop / ".nbrunbook" / "journal.db"
    git(shop, "add", "-f", ".nbrunbook/journal.db")
    with pytest.raises(NbrunbookError, match=r"journal\.db is tracked by git"):
        own_journal(shop)


def test_a_file_behind_a_link_that_leads_elsewhere_is_not_ours(shop: Path, tmp_path: Path) -> None:
    """The folder that is configured may be a link within the repository, and no other."""
    for name, target in (("inside", "services"), ("outside", tmp_path)):
        (shop / name).symlink_to(target)
    refuse_foreign(shop / "inside" / "_sessions" / "a", shop / "inside")
    with pytest.raises(NbrunbookError, match="leads out of its repository"):
        refuse_foreign(shop / "outside" / "_sessions" / "a", shop / "outside")


def test_nothing_is_made(shop: Path) -> None:
    """Looking makes no folder."""
    before = sorted((shop / ".git").iterdir())
    local_state(shop)
    own_journal(shop)
    assert sorted((shop / ".git").iterdir()) == before
