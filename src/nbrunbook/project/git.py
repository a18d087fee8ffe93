"""The door to git: what it knows of files, commits and branches. It is only asked, nothing is changed."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nbrunbook.errors import GitError

TREE_MARK = ".nbrunbook-tree"
"""A file of this name stands beside the throw-away tree of a commit: nothing in it leads further."""
SECONDS = 60
"""How long git may take to answer."""

BASE_BRANCHES = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CHANGE_TARGET")
"""Where GitHub, GitLab and Jenkins say which branch a change goes to."""

MAIN_BRANCHES = ("main", "master", "trunk", "develop")


QUIETLY = (
    "--no-pager", "-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
    "-c", "log.showSignature=false", "-c", "protocol.allow=never",
)  # fmt: skip
"""What keeps git from running a program that a folder's own settings name, and from fetching.

A folder that somebody's branch brings may be made like a bare repository: git then would take its settings.
"""
KEPT = ("GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM")  # fmt: skip
"""How the variables begin that git is left with: those that say where a repository lies are a caller's, as a hook's."""
LARGEST_FILE = 20_000_000
"""Bytes; a file of a commit that is larger is passed over."""


def is_repository(folder: Path) -> bool:
    """Tell whether a folder holds a `.git`, without asking git; an empty one makes no repository, for git neither."""
    place = folder / ".git"
    try:
        return os.path.lexists(place) and not (place.is_dir() and not any(place.iterdir()))
    except OSError:
        return True


def ask(folder: Path, *arguments: str, stdin: str = "") -> str:
    """Return what git prints, without the last line's end; GitError where it fails."""
    said = _ask(folder, arguments, stdin.encode(errors="surrogateescape"))
    return said.decode(errors="surrogateescape").rstrip("\n")


def _ask(folder: Path, arguments: Sequence[str], stdin: bytes) -> bytes:
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name.startswith(KEPT)}
    try:
        result = subprocess.run(
            ["git", *QUIETLY, *arguments],
            cwd=folder,
            input=stdin,
            capture_output=True,
            timeout=SECONDS,
            env={**own, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"},
        )
    except FileNotFoundError:
        raise GitError("git is not installed") from None
    except (OSError, subprocess.SubprocessError) as error:
        raise GitError(f"git {arguments[0]} did not answer: {error}") from None
    if result.returncode:
        lines = result.stderr.decode(errors="replace").strip().splitlines()
        raise GitError(lines[0] if lines else f"git {arguments[0]} failed")
    return result.stdout


def known(folder: Path, *arguments: str) -> str:
    """Return what git prints, or an empty text where it has no answer."""
    try:
        return ask(folder, *arguments)
    except GitError:
        return ""


def commit_of(root: Path, path: Path) -> str | None:
    """Return the commit that last changed a file, or None where git does not know it or it is edited.

    git is asked in `root`, the project's: the file's own folder may be somebody's who sent a branch.
    """
    name = str(path.absolute().parent.resolve() / path.name)  # git looks behind no link
    try:
        changed = ask(root, "status", "--porcelain", "--", name)
    except GitError:
        return None
    return None if changed else known(root, "log", "-1", "--format=%H", "--", name) or None


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
    differing = ask(root, "diff", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv", "-z", since, "--")
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
    commit = ask(root, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    with tempfile.TemporaryDirectory(prefix="nbrunbook-") as temporary:
        out = Path(temporary, "tree")
        out.mkdir()
        Path(temporary, TREE_MARK).touch()
        names = _files_in(root, commit, path)
        for name, content in zip(names, _contents(root, list(names.values())), strict=True):
            target = out / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        yield out


def _files_in(root: Path, commit: str, path: str) -> dict[str, str]:
    """The regular files of a commit at and below a path, by their objects: neither links nor what leads out of it."""
    below = ["--", path] if path not in ("", ".") else []
    found: dict[str, str] = {}
    for entry in filter(None, ask(root, "ls-tree", "-r", "-l", "-z", "--full-tree", commit, *below).split("\0")):
        about, _, name = entry.partition("\t")
        mode, kind, digest, size = about.split()
        parts = PurePosixPath(name).parts
        if mode.startswith("100") and kind == "blob" and int(size) <= LARGEST_FILE and not {"..", ".git"} & set(parts):
            found[name] = digest
    return found


def _contents(root: Path, digests: Sequence[str]) -> Iterator[bytes]:
    """Yield what some objects hold, to the byte: no filter that attributes name is run."""
    said = _ask(root, ["cat-file", "--batch"], "".join(f"{digest}\n" for digest in digests).encode())
    at = 0
    for digest in digests:
        line = said.index(b"\n", at)
        fields = said[at:line].split()
        if len(fields) != 3:
            raise GitError(f"git has lost the object {digest[:12]}…")
        at = line + 1 + int(fields[2]) + 1
        yield said[line + 1 : at - 1]
