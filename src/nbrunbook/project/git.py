"""The door to git: what it knows of files, commits and branches. It is only asked, nothing is changed."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from nbrunbook.errors import GitError

TREE_MARK = ".nbrunbook-tree"
"""A file of this name stands beside the throw-away tree of a commit: nothing in it leads further."""
SECONDS = 60
"""How long git may take to answer."""

BASE_BRANCHES = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CHANGE_TARGET")
"""Where GitHub, GitLab and Jenkins say which branch a change goes to."""

MAIN_BRANCHES = ("main", "master", "trunk", "develop")
UNSHALLOW = "git fetch --unshallow"


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


def is_repository(folder: Path) -> bool:
    """Tell whether a folder holds a `.git`, without asking git; an empty one makes no repository, for git neither."""
    place = folder / ".git"
    try:
        return os.path.lexists(place) and not (place.is_dir() and not any(place.iterdir()))
    except OSError:
        return True


def ask(folder: Path, *arguments: str, stdin: str = "") -> str:
    """Return what git prints, without the last line's end; GitError where it fails."""
    said = ask_bytes(folder, arguments, stdin.encode(errors="surrogateescape"))
    return said.decode(errors="surrogateescape").rstrip("\n")


def ask_bytes(folder: Path, arguments: Sequence[str], stdin: bytes = b"") -> bytes:
    """Return what git prints, to the byte; GitError where it fails, with what git itself says to do."""
    try:
        result = subprocess.run(
            _command(arguments), cwd=folder, input=stdin, capture_output=True, timeout=SECONDS, env=_environment()
        )
    except FileNotFoundError:
        raise GitError("git is not installed") from None
    except (OSError, subprocess.SubprocessError) as error:
        raise GitError(f"git {arguments[0]} did not answer: {error}") from None
    if result.returncode:
        raise _failure(arguments[0], result.stderr.decode(errors="replace").strip().splitlines())
    return result.stdout


def ask_at_most(most: int, folder: Path, *arguments: str) -> str:
    """Return what git prints, as `ask` does; GitError where that is more than some bytes, before it is all there.

    A tree of a few objects may hold itself in any number of folders.
    """
    try:
        with (
            tempfile.TemporaryFile() as told,
            subprocess.Popen(
                _command(arguments), cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=told,
                env=_environment(),
            ) as process,
        ):  # fmt: skip
            timer = threading.Timer(SECONDS, process.kill)
            timer.start()
            try:
                said = process.stdout.read(most + 1) if process.stdout else b""
                if len(said) > most:
                    process.kill()
                code = process.wait()
            finally:
                process.kill()
                timer.cancel()
            told.seek(0)
            errors = told.read(100_000).decode(errors="replace").strip().splitlines()
    except FileNotFoundError:
        raise GitError("git is not installed") from None
    except OSError as error:
        raise GitError(f"git {arguments[0]} did not answer: {error}") from None
    if len(said) > most:
        raise GitError(f"git {arguments[0]} has more than {most / 1e6:g} MB to say", "fewer files")
    if code:
        raise _failure(arguments[0], errors)
    return said.decode(errors="surrogateescape").rstrip("\n")


def _command(arguments: Sequence[str]) -> list[str]:
    # A name such as [1].md is no pattern; check-ignore takes none, and refuses to be told so.
    literally = () if arguments[0] == "check-ignore" else ("--literal-pathspecs",)
    return ["git", *QUIETLY, *literally, *arguments]


def _environment() -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name.startswith(KEPT)}
    return {**own, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}


def _failure(verb: str, said: Sequence[str]) -> GitError:
    """What git said as an error: with its own remedy for a repository of another user's, and for a partial clone."""
    trust = next((line.strip() for line in said if "--add safe.directory" in line), "")
    if any("promisor remote" in line for line in said):
        do = "git fetch --refetch --filter=blob:limit=100m"
        return GitError("this clone is partial, and git has not fetched all that is asked for", "", do)
    return GitError(said[0] if said else f"git {verb} failed", "", trust and f"if you trust it: {trust}")


def known(folder: Path, *arguments: str, stdin: str = "") -> str:
    """Return what git prints, or an empty text where it has no answer."""
    try:
        return ask(folder, *arguments, stdin=stdin)
    except GitError:
        return ""


def head(folder: Path) -> str:
    """Return the commit that is checked out; empty where there is none, or none yet."""
    return known(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")


def commit(folder: Path, revision: str) -> str:
    """Return the commit that a branch, a tag or an abbreviation means; GitError where git knows none."""
    top(folder)  # says why git does not answer at all
    found = known(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if not found:
        do = "'git fetch --tags' brings what is newer than this clone"
        if _is_shallow(folder):
            do = f"this clone is shallow: '{UNSHALLOW}' brings its history, and {do}"
        raise GitError(f"git knows no commit {revision!r}", "a branch, a tag or a commit", do)
    return found


def repository_of(path: Path) -> Path | None:
    """Return the root of the nearest repository around a file or a folder, links followed; None outside of any.

    git is asked there, and not in a folder of somebody's branch, which may be made like a bare repository. As git does,
    it does not look in GIT_CEILING_DIRECTORIES, nor above.
    """
    real, told = path.resolve(), os.environ.get("GIT_CEILING_DIRECTORIES", "").split(os.pathsep)
    ceilings = {Path(each).resolve() for each in told if each}
    below = takewhile(lambda folder: folder not in ceilings, real.parents)
    return next((folder for folder in (real, *below) if is_repository(folder)), None)


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
    if not head(folder):
        raise GitError(f"{folder} has no commit yet", "a branch to compare with", "commit first")
    if told:
        raise GitError(
            f"no branch {told!r}, which this change goes to", "", "fetch it (actions/checkout: fetch-depth: 0)"
        )
    raise GitError("no branch to compare with", "origin/HEAD, main or master", _finding_the_default(folder))


def _finding_the_default(folder: Path) -> str:
    """What brings origin/HEAD: a clone of a single branch, as --depth makes it, has to fetch the others first."""
    fetched = known(folder, "config", "--get-all", "remote.origin.fetch")
    command = "git remote set-head origin --auto"
    if fetched and "*" not in fetched:
        fetch = UNSHALLOW if _is_shallow(folder) else "git fetch"
        command = f"git remote set-branches origin '*' && {fetch} && {command}"
    return f"'{command}' finds the first"


def _is_shallow(folder: Path) -> bool:
    return known(folder, "rev-parse", "--is-shallow-repository") == "true"


def merge_base(folder: Path) -> str:
    """Return the commit where the work left the branch that it goes to."""
    branch = target_branch(top(folder))
    found = known(folder, "merge-base", branch, "HEAD")
    if not found:
        fetch = f"'{UNSHALLOW}' brings it" if _is_shallow(folder) else "fetch it"
        raise GitError(
            f"no common commit of {branch} and HEAD",
            "the history of both",
            f"{fetch} (actions/checkout: fetch-depth: 0)",
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
