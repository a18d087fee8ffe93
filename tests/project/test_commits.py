"""Which commit holds a file, and what a commit holds, in real repositories of every kind."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from nbrunbook.errors import GitError
from nbrunbook.project import commits, git
from tests.making import run_git

HOSTILE = ("{away}", "../away", "a/../../away", "..", ".", "a//b", ".GIT", ".git/config", "a\\..\\away", "C:\\away")
"""Names that git itself refuses; of a file in the tree of a commit that somebody made by hand."""


def commit(root: Path, message: str = "More") -> str:
    """Commit all that is there; return the commit."""
    run_git(root, "add", "--all")
    run_git(root, "commit", "-qm", message)
    return git.head(root)


def crafted(root: Path, *entries: tuple[str, str, str]) -> str:
    """Commit a tree of modes, names and contents, whatever git thinks of them; return the commit."""
    place, tree = root.parent / "content", b""
    for mode, name, content in entries:
        place.write_text(content)
        blob = content if mode == "40000" else run_git(root, "hash-object", "-w", "--no-filters", str(place)).strip()
        tree += f"{mode} {name}".encode() + b"\0" + bytes.fromhex(blob)
    place.write_bytes(tree)
    made = run_git(root, "hash-object", "-w", "-t", "tree", "--literally", str(place)).strip()
    return run_git(root, "commit-tree", "-m", "Crafted", made).strip()


def tree_of(root: Path, commit: str) -> str:
    """Return the object of a commit's tree."""
    return run_git(root, "rev-parse", f"{commit}^{{tree}}").strip()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with three commits: the first has two files, the second edits one of them."""
    home = tmp_path / "shop"
    home.mkdir()
    run_git(home, "init", "-q")
    (home / "old.txt").write_text("1")
    (home / "ünï [1].txt").write_text("1")
    commit(home)
    (home / "old.txt").write_text("2")
    commit(home)
    (home / "third.txt").write_text("3")
    commit(home)
    return home


def uncommitted(root: Path, *names: str) -> list[str]:
    """Return the names of those files that no commit holds."""
    return [path.name for path in commits.uncommitted(root, [root / name for name in names])]


# Which commit holds a file


def test_the_commit_of_a_file_is_the_one_that_changed_it_last(root: Path) -> None:
    """It is no later one, whatever the file is called; one that git does not know has none."""
    first, second = (run_git(root, "rev-parse", f"HEAD~{number}").strip() for number in (2, 1))
    assert commits.last_change(root, "old.txt") == second
    assert commits.last_change(root, "ünï [1].txt") == first
    assert commits.last_change(root, "old.txt", first) == first
    assert commits.last_change(root, "[o]ld.txt") == ""


def test_a_shallow_clone_does_not_know_who_changed_a_file(root: Path) -> None:
    """Where its history ends each file seems to be new: nothing is said, rather than a commit that never touched it."""
    head, shallow = git.head(root), root.parent / "shallow"
    run_git(root, "clone", "-q", "--depth=1", f"file://{root}", str(shallow))
    assert commits.last_change(shallow, "old.txt") == ""
    assert uncommitted(shallow, "old.txt") == []
    (shallow / "old.txt").write_text("4")
    assert commit(shallow) == commits.last_change(shallow, "old.txt") != head
    run_git(shallow, "fetch", "-q", "--unshallow")
    assert commits.last_change(shallow, "third.txt") == head


def test_what_is_edited_new_or_ignored_is_in_no_commit(root: Path) -> None:
    """Also where it was staged, and where git was told to look away."""
    assert uncommitted(root, "old.txt", "ünï [1].txt", "third.txt") == []
    for name in ("ignored", "new", "staged"):
        (root / name).write_text(name)
    (root / ".gitignore").write_text("ignored\n")
    run_git(root, "add", "staged")
    run_git(root, "update-index", "--assume-unchanged", "old.txt")
    run_git(root, "update-index", "--skip-worktree", "third.txt")
    (root / "old.txt").write_text("edited")
    (root / "third.txt").write_text("edited")
    named = ("ignored", "new", "staged", "old.txt", "third.txt")
    assert uncommitted(root, *named, "ünï [1].txt") == list(named)


def test_a_file_that_is_tracked_no_more_is_in_no_commit(root: Path) -> None:
    """The commit that deleted it is not the one that holds it."""
    run_git(root, "rm", "-q", "--cached", "third.txt")
    (root / ".gitignore").write_text("third.txt\n")
    run_git(root, "add", ".gitignore")
    run_git(root, "commit", "-qm", "Keep it for me")
    assert uncommitted(root, "third.txt") == ["third.txt"]


def test_before_the_first_commit_nothing_is_committed(tmp_path: Path) -> None:
    """An unborn branch holds nothing, whatever is staged."""
    run_git(tmp_path, "init", "-q")
    (tmp_path / "a").write_text("")
    run_git(tmp_path, "add", "a")
    assert uncommitted(tmp_path, "a") == ["a"]
    assert (commits.last_change(tmp_path, "a"), commits.held_in(tmp_path)) == ("", [])


def test_during_a_merge_what_is_in_conflict_is_in_no_commit(root: Path) -> None:
    """A merge that is under way has not made a commit yet; what both agree on is in one."""
    run_git(root, "checkout", "-qb", "theirs", "HEAD~1")
    (root / "old.txt").write_text("theirs")
    commit(root)
    run_git(root, "checkout", "-q", "main")
    (root / "old.txt").write_text("ours")
    commit(root)
    with pytest.raises(Exception, match="non-zero exit status 1"):
        run_git(root, "merge", "theirs")
    assert uncommitted(root, "old.txt", "third.txt") == ["old.txt"]


def test_what_git_makes_of_a_file_on_the_way_in_counts(root: Path) -> None:
    """Line ends that attributes turn are no change."""
    (root / ".gitattributes").write_text("*.txt text eol=crlf\n")
    (root / "old.txt").write_bytes(b"a\r\nb\r\n")
    commit(root)
    assert run_git(root, "cat-file", "blob", "HEAD:old.txt") == "a\nb\n"
    assert uncommitted(root, "old.txt") == []
    (root / "old.txt").write_bytes(b"a\r\nc\r\n")
    assert uncommitted(root, "old.txt") == ["old.txt"]


def test_a_link_and_what_it_leads_to_are_both_in_the_commit(root: Path) -> None:
    """A link that nobody has committed is a change, as is one in place of a folder."""
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("old.txt")
    run_git(root, "add", "a")
    run_git(root, "commit", "-qm", "A link")
    assert uncommitted(root, "a") == ["a"]
    (root / "folder").symlink_to(".")
    commit(root)
    assert uncommitted(root, "a", "folder/a") == []
    (root / "a").unlink()
    (root / "a").symlink_to("third.txt")
    assert uncommitted(root, "a") == ["a"]


def test_the_commit_of_another_folder_holds_other_names(root: Path) -> None:
    """What the commit holds in a folder is told by names, a folder that is not there holds none."""
    (root / "sub").mkdir()
    (root / "sub" / "ü.md").write_text("")
    commit(root)
    (root / "sub" / "ü.md").unlink()
    assert commits.held_in(root / "sub") == ["ü.md"]
    assert commits.held_in(root / "nowhere") == []
    assert set(commits.held_in(root)) == {"old.txt", "ünï [1].txt", "third.txt", "sub"}


# What a commit holds


def test_a_commit_is_checked_out_beside_the_work_tree(root: Path) -> None:
    """What a commit holds is read without touching the work tree or its index."""
    (root / "old.txt").write_text("edited")
    with commits.checked_out(root, "main", "old.txt") as folder:
        assert (folder / "old.txt").read_text() == "2"
        assert sorted(path.name for path in folder.iterdir()) == ["old.txt"]
    assert (root / "old.txt").read_text() == "edited"
    with commits.checked_out(root, "main", "new file.txt") as folder:
        assert list(folder.iterdir()) == []
    with pytest.raises(GitError, match="single revision"), commits.checked_out(root, "nowhere", "old.txt"):
        pass


def test_links_are_followed_within_the_commit(root: Path) -> None:
    """To a file, through another link, and to a folder: what they lead to there, and not here, is what is read."""
    (root / "shared").mkdir()
    (root / "shared" / "a.md").write_text("shared")
    (root / "templates").mkdir()
    for name, target in {"1.md": "../old.txt", "2.md": "1.md", "always": "../shared"}.items():
        (root / "templates" / name).symlink_to(target)
    for name, target in {"circle": "circle", "out": "../../x", "far": "/etc", "all": ".."}.items():
        (root / "templates" / name).symlink_to(target)
    commit(root)
    (root / "old.txt").write_text("edited")
    assert commits.last_change(root, "templates/1.md") == ""
    with commits.checked_out(root, "HEAD", "templates") as tree:
        found = {path.relative_to(tree / "templates").as_posix(): path for path in (tree / "templates").rglob("*.md")}
        assert {name: path.read_text() for name, path in found.items()} == {
            "1.md": "2", "2.md": "2", "always/a.md": "shared",
        }  # fmt: skip
        assert not any(path.is_symlink() for path in tree.rglob("*"))


def test_links_do_not_multiply_without_end(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many links to one large folder are refused, and not written out."""
    monkeypatch.setattr(commits, "MOST_FILES", 5)
    (root / "many").mkdir()
    for number in range(4):
        (root / "many" / f"{number}.md").write_text("")
        (root / f"link{number}").symlink_to("many")
    commit(root)
    with pytest.raises(GitError, match="lead to more than 5 files"), commits.checked_out(root, "HEAD", ""):
        pass


def test_a_partial_clone_says_what_it_has_not(root: Path) -> None:
    """Git fetches nothing while we ask: what is not here is told, with the way to get it."""
    run_git(root, "config", "uploadpack.allowFilter", "true")
    partial = root.parent / "partial"
    run_git(root, "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{root}", str(partial))
    with pytest.raises(GitError, match=r"this clone is partial.*git fetch --refetch"):
        commits.checked_out(partial, "HEAD", "").__enter__()
    run_git(partial, "fetch", "-q", "--refetch", "--filter=blob:limit=100m")
    with commits.checked_out(partial, "HEAD", "old.txt") as tree:
        assert (tree / "old.txt").read_text() == "2"


def test_the_commit_of_a_submodule_is_named(root: Path) -> None:
    """A commit says which commit of another repository it means; of a file it says none."""
    ops = root.parent / "ops"
    run_git(root, "clone", "-q", str(root), str(ops))
    run_git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(ops), "ops")
    commit(root)
    assert commits.submodule(root, "HEAD", "ops") == git.head(ops)
    assert commits.submodule(root, "HEAD", "old.txt") == commits.submodule(root, "HEAD", "nowhere") == ""


def test_a_large_file_is_the_one_that_git_lfs_has(root: Path) -> None:
    """A pointer is read as what it points to, where this clone has that; else it is what the commit holds."""
    digest = hashlib.sha256(b"large").hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 5\n"
    (root / "a.png").write_text(pointer)
    commit(root)
    with commits.checked_out(root, "HEAD", "a.png") as tree:
        assert (tree / "a.png").read_text() == pointer
    path = root / ".git" / "lfs" / "objects" / digest[:2] / digest[2:4] / digest
    path.parent.mkdir(parents=True)
    for content in (b"large", b"other"):
        path.write_bytes(content)
        with commits.checked_out(root, "HEAD", "a.png") as tree:
            assert (tree / "a.png").read_bytes() == (b"large" if content == b"large" else pointer.encode())


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("path", ["", "templates"])
def test_no_name_in_a_commit_leads_out_of_its_folder(root: Path, name: str, path: str) -> None:
    """A path of this machine, a way up and a file of git's own are passed over; what else is there is written."""
    away = root.parent / "away"
    held = crafted(root, ("100644", name.format(away=away), "bad"), ("100644", "good.md", "good"))
    if path:
        held = crafted(root, ("40000", path, tree_of(root, held)))
    with commits.checked_out(root, held, path) as tree:
        assert [each.name for each in tree.parent.rglob("*") if each.is_file()] == [git.TREE_MARK, "good.md"]
    assert not away.exists()


@pytest.mark.parametrize("name", ["a" * 300, "a"])
def test_a_name_that_cannot_be_written_is_told(root: Path, name: str) -> None:
    """One that is too long, and one that is a file's and a folder's at once."""
    below = tree_of(root, crafted(root, ("100644", "b", "")))
    held = crafted(root, ("100644", name, ""), ("40000", name, below))
    with pytest.raises(GitError, match="of the commit cannot be written"):
        commits.checked_out(root, held, "").__enter__()


def test_nothing_is_written_out_of_the_folder(tmp_path: Path) -> None:
    """Whoever it is that names it."""
    for name in (str(tmp_path / "away"), "../away"):
        with pytest.raises(GitError, match="leads out of its folder"):
            commits._write(tmp_path / "tree", name, b"bad")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("limit", "said"), [("MOST_FILES", "more than 3 files"), ("MOST_BYTES", "more than 3e-06 MB")])
def test_no_commit_fills_the_disk(root: Path, monkeypatch: pytest.MonkeyPatch, limit: str, said: str) -> None:
    """One file under many names is refused before it is read, and nothing is written."""
    held = crafted(root, *(("100644", f"{number}.md", "x") for number in range(4)))
    monkeypatch.setattr(commits, limit, 3)
    monkeypatch.setattr(commits, "_write", None)
    with pytest.raises(GitError, match=said):
        commits.checked_out(root, held, "").__enter__()


def test_what_git_lfs_has_counts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A short pointer may stand for a large file."""
    digest = hashlib.sha256(b"large" * 100).hexdigest()
    path = root / ".git" / "lfs" / "objects" / digest[:2] / digest[2:4] / digest
    path.parent.mkdir(parents=True)
    path.write_bytes(b"large" * 100)
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 500\n"
    held = crafted(root, ("100644", "a", pointer), ("100644", "b", pointer))
    monkeypatch.setattr(commits, "MOST_BYTES", 900)
    with pytest.raises(GitError, match="more than"):
        commits.checked_out(root, held, "").__enter__()


def linked(root: Path, links: dict[str, str]) -> str:
    """Commit links, and a release in current -> releases/x."""
    (root / "releases" / "x").mkdir(parents=True)
    (root / "releases" / "x" / "1.3.md").write_text("1.3")
    (root / "templates").mkdir()
    for name, target in {"current": "releases/x", **links}.items():
        (root / name).symlink_to(target)
    return commit(root)


@pytest.mark.parametrize(
    "links",
    [
        {"templates/1.3.md": "../current/1.3.md"},
        {"templates/1.3.md": "../current/../x/1.3.md"},
        {"templates/1.3.md": ".././/templates/../again/1.3.md", "again": "current/."},
        {"templates/1.3.md": "../releases/x/2.md", "releases/x/2.md": "../../current/1.3.md"},
    ],
)
def test_links_are_followed_through_linked_folders(root: Path, links: dict[str, str]) -> None:
    """Part by part, as the file system does: `..` is what is above the folder that a link leads to."""
    held = linked(root, links)
    with commits.checked_out(root, held, "templates") as tree:
        assert (tree / "templates" / "1.3.md").read_text() == (root / "templates" / "1.3.md").read_text() == "1.3"
    assert commits.lost_links(root, held, "templates") == []


def test_links_in_a_linked_folder_are_followed(root: Path) -> None:
    """What a folder that is linked holds as a link is there; a folder in itself does not go on without end."""
    held = linked(root, {"templates/all": "../current", "releases/x/2.md": "../../old.txt", "releases/x/up": ".."})
    with commits.checked_out(root, held, "templates") as tree:
        found = sorted(path.relative_to(tree).as_posix() for path in (tree / "templates" / "all").glob("*.md"))
        assert found == ["templates/all/1.3.md", "templates/all/2.md"]
    assert commits.lost_links(root, held, "templates") == []


@pytest.mark.parametrize(
    "to",
    ["1.3.md", "../a", "../../x", "/etc/hostname", "..", "../nowhere", "../current/2.md", f"{'./' * 300}../old.txt"],
)
def test_a_link_that_leads_to_nothing_is_named(root: Path, to: str) -> None:
    """A circle, what lies out of the commit, and what it does not hold."""
    held = linked(root, {"templates/1.3.md": to, "a": "b/c", "b": "a"})
    assert commits.lost_links(root, held, "templates") == ["templates/1.3.md"]
    with commits.checked_out(root, held, "templates") as tree:
        assert list((tree / "templates").glob("*")) == [] if (tree / "templates").exists() else True


@pytest.mark.parametrize("path", ["", "templates"])
def test_a_tree_that_multiplies_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Ten folders of ten folders, ten times, are ten objects and ten thousand million files."""
    held = crafted(root, ("100644", "a.md", ""))
    for _ in range(10):
        held = crafted(root, *(("40000", f"{number}", tree_of(root, held)) for number in range(10)))
    if path:
        held = crafted(root, ("40000", path, tree_of(root, held)))
    monkeypatch.setattr(commits, "MOST_LISTED", 1_000_000)
    with pytest.raises(GitError, match="git ls-tree has more than 1 MB to say"):
        commits.checked_out(root, held, path).__enter__()
