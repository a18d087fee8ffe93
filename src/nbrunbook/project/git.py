"""The door to git: what it knows of files, commits and branches. It is only asked, nothing is changed."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbrunbook.errors import GitError

SECONDS = 60
"""How long git may take to answer."""

BASE_BRANCHES = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CHANGE_TARGET")
"""Where GitHub, GitLab and Jenkins say which branch a change goes to."""

MAIN_BRANCHES = ("main", "master", "trunk", "develop")


def ask(folder: Path, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None) -> str:
    """Return what git prints, without the last line's end; GitError where it fails."""
    try:
        result = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            input=stdin.encode(errors="surrogateescape"),
            capture_output=True,
            timeout=SECONDS,
            env={**os.environ, **(env or {})},
        )
    except FileNotFoundError:
        raise GitError("git is not installed") from None
    except (OSError, subprocess.SubprocessError) as error:
        raise GitError(f"git {arguments[0]} did not answer: {error}") from None
    if result.returncode:
        said = result.stderr.decode(errors="replace").strip().splitlines()
        raise GitError(said[0] if said else f"git {arguments[0]} failed")
    return result.stdout.decode(errors="surrogateescape").rstrip("\n")


def known(folder: Path, *arguments: str) -> str:
    """Return what git prints, or an empty text where it has no answer."""
    try:
        return ask(folder, *arguments)
    except GitError:
        return ""


def commit_of(path: Path) -> str | None:
    """Return the commit that last changed a file, or None where git does not know it or it is edited."""
    try:
        changed = ask(path.parent, "status", "--porcelain", "--", path.name)
    except GitError:
        return None
    return None if changed else known(path.parent, "log", "-1", "--format=%H", "--", path.name) or None


def head(folder: Path) -> str:
    """Return the commit that is checked out; empty where there is none."""
    return known(folder, "rev-parse", "--verify", "--quiet", "HEAD")


def commit(folder: Path, revision: str) -> str:
    """Return the commit that a branch, a tag or an abbreviation means; GitError where git knows none."""
    found = known(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if not found:
        raise GitError(f"git knows no commit {revision!r}", "a branch, a tag or a commit")
    return found


def email(folder: Path) -> str:
    """Return the user's e-mail address as configured; empty where there is none."""
    return known(folder, "config", "user.email")


def top(folder: Path) -> Path:
    """Return the work tree's root; GitError outside of one."""
    return Path(ask(folder, "rev-parse", "--show-toplevel"))


def target_branch(folder: Path) -> str:
    """Return the branch that a change goes to: as the CI says, else the remote's default, else main or master."""
    told = next(filter(None, (os.environ.get(name) for name in BASE_BRANCHES)), None)
    remote = known(folder, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    usual = [remote, *(f"origin/{name}" for name in MAIN_BRANCHES), *MAIN_BRANCHES]
    for name in filter(None, [f"origin/{told}", told] if told else usual):
        if known(folder, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"):
            return name
    if told:
        raise GitError(
            f"no branch {told!r}, which this change goes to", "", "fetch it (actions/checkout: fetch-depth: 0)"
        )
    do = "'git remote set-head origin --auto' finds the first"
    raise GitError("no branch to compare with", "origin/HEAD, main or master", do)


def merge_base(folder: Path) -> str:
    """Return the commit where the work left the branch that it goes to."""
    branch = target_branch(top(folder))
    found = known(folder, "merge-base", branch, "HEAD")
    if not found:
        raise GitError(
            f"no common commit of {branch} and HEAD",
            "the history of both",
            "fetch it (actions/checkout: fetch-depth: 0)",
        )
    return found


def changed(folder: Path, since: str) -> list[str]:
    """Return the files, from the work tree's root, that differ from a commit; new ones too, unless ignored."""
    root = top(folder)
    differing = ask(root, "diff", "--name-only", "--no-renames", "-z", since, "--")
    new = ask(root, "ls-files", "--others", "--exclude-standard", "-z")
    return sorted({name for name in (differing + "\0" + new).split("\0") if name})


@dataclass(frozen=True, kw_only=True)
class Branch:
    """What the work has changed since it left the branch that it goes to."""

    top: Path
    """The work tree's root."""
    base: str
    """The commit where it left."""
    files: tuple[str, ...]
    """From the root: see `changed`."""


def branch(folder: Path) -> Branch:
    """Return what the work in a folder's repository has changed; GitError where git cannot say."""
    root = top(folder)
    base = merge_base(root)
    return Branch(top=root, base=base, files=tuple(changed(root, base)))


def messages(folder: Path, since: str) -> str:
    """Return the messages of all commits after one."""
    return ask(folder, "log", "--format=%B", f"{since}..HEAD", "--")


@contextmanager
def checked_out(folder: Path, revision: str, path: str) -> Iterator[Path]:
    """Yield a throw-away folder with what a commit holds at and below a path (from the work tree's root).

    GitError where the commit is not known; an empty folder where it holds nothing there.
    """
    root = top(folder)
    commit = ask(root, "rev-parse", "--verify", f"{revision}^{{commit}}")
    with tempfile.TemporaryDirectory(prefix="nbrunbook-") as temporary:
        env = {"GIT_INDEX_FILE": str(Path(temporary, ".index"))}
        ask(root, "read-tree", commit, env=env)
        names = ask(root, "ls-files", "-z", "--", path, env=env)
        out = Path(temporary, "tree")
        out.mkdir()
        ask(root, "checkout-index", "-z", "--stdin", f"--prefix={out}/", stdin=names, env=env)
        yield out
