"""Local state: where a project's journal and its server's files lie on this machine, out of reach of any checkout.

A file that git tracks is replaced by a checkout before anybody can refuse it, so they lie in git's own folder.
That is found by reading `.git` itself, since git may refuse to answer, as in a container:
https://git-scm.com/docs/gitrepository-layout ("gitfile", "commondir"). Without git they lie in `.nbrunbook/`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from nbrunbook.errors import JournalError, NbrunbookError
from nbrunbook.project import author_files, git

OWN = "nbrunbook"
"""Our folder in git's."""
JOURNAL = "journal.db"
NOTE_SIZE = 5_001
"""Bytes of the text that is left where a journal was; no database has so many, since it has a whole number of pages."""
LONGEST = 4096
"""Characters of a file in which git names a folder."""


class OwnJournal(str):
    """The URL of a project's own journal, made here and from nobody's setting."""

    before: Path | None = None
    """The file of an earlier version, which is read until it is moved; None for none."""


@dataclass(frozen=True, kw_only=True)
class LocalState:
    """The places. No link leads to one of them."""

    journal: Path
    """Of all work trees."""
    files: Path
    """The folder of this work tree's server: its log, its settings, its process."""
    before: Path | None
    """Where earlier versions kept the journal, here or in the first work tree; None where they would still."""
    name: str
    """What the project's folder is called, in each work tree."""


def local_state(root: Path) -> LocalState:
    """Return where a project's local state is; nothing is made.

    NbrunbookError where `.git` cannot be read, since another, empty journal would be worse, and for a link on the way.
    """
    root = root.resolve()
    top = next((folder for folder in (root, *root.parents) if git.is_repository(folder)), None)
    beside = root / f".{OWN}"
    if top is None:
        return LocalState(journal=_own(beside / JOURNAL, root), files=_own(beside, root), before=None, name=root.name)
    own, common = _git_folders(top / ".git")
    below = root.relative_to(top)
    before, is_first = (beside / JOURNAL, common.parent / below / beside.name / JOURNAL), common.name == ".git"
    return LocalState(
        journal=_own(common / OWN / below / JOURNAL, common),
        files=_own(own / OWN / below, own),
        before=before[1] if is_first and _size(before[0]) is None and _size(before[1]) is not None else before[0],
        name=root.name if root != top or common.name != ".git" else common.parent.name,
    )


def holds_journal(path: Path) -> bool:
    """Tell whether a file or a link is there that is neither empty nor the text that is left in a journal's place.

    By its size: to open and close it would take away the locks that SQLite holds on it in this process
    (https://sqlite.org/howtocorrupt.html, 2.2). JournalError where that cannot be seen.
    """
    return _size(path) not in (None, 0, NOTE_SIZE)


def _size(path: Path) -> int | None:
    """Bytes of a file, or of a link itself; None where there is none."""
    try:
        return path.lstat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        found = f"the journal {path} cannot be looked at ({error.strerror})"
        raise JournalError(found, "a file of this user's") from None


def own_journal(root: Path) -> OwnJournal:
    """Return the URL of a project's own journal; it knows that of an earlier version, too, where one lies there still.

    NbrunbookError as `local_state` and `refuse_foreign` raise it.
    """
    state = local_state(root)
    url = OwnJournal(f"sqlite:///{state.journal}")
    if state.before is not None and _size(state.before) not in (None, NOTE_SIZE):
        url.before = state.before
        refuse_foreign_journal(state.before, state.before.parent.parent)
    return url


def refuse_foreign_journal(path: Path, root: Path) -> None:
    """Raise NbrunbookError for a journal that is not ours, or one beside which lies what SQLite would put into it."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        refuse_foreign(path.with_name(f"{path.name}{suffix}"), root)


def refuse_foreign(path: Path, root: Path) -> None:
    """Raise NbrunbookError for a file in the work tree that is not ours: behind a link, or one that git tracks.

    Such a one was brought by somebody's commit; where git does not say, it is taken for that.
    `root` is a folder that itself may be a link within its repository.
    """
    _own(path, root)
    home = author_files.repository(path)
    if not root.resolve().is_relative_to(home):
        raise NbrunbookError(f"{root} leads out of its repository {home}", "a folder in it")
    in_git = path.exists() and any(map(git.is_repository, (root, *root.resolve().parents)))
    if in_git and git.ask(root, "ls-files", "--", str(path.parent.resolve() / path.name)):
        raise NbrunbookError(f"{path} is tracked by git", "a file that was made here", "take it out of the commit")


def _own(path: Path, root: Path) -> Path:
    way = (path, *path.parents)
    for each in way[: way.index(root)] if root in way else way[:1]:
        if each.is_symlink():
            raise NbrunbookError(f"{each} is a link", "a file or folder of nbrunbook's own", "take it away")
    return path


def _git_folders(place: Path) -> tuple[Path, Path]:
    """The folder of this work tree, and the one that all work trees have in common."""
    try:
        own = place
        if not place.is_dir():
            said = _said(place)
            if not said.startswith("gitdir:"):
                raise ValueError("it names no folder")
            own = place.parent / said.removeprefix("gitdir:").strip()
        if not os.path.lexists(own / "HEAD"):
            raise ValueError(f"{own} holds no HEAD")
        own = own.resolve()
        common = (own / _said(own / "commondir")).resolve() if (own / "commondir").exists() else own
        if not os.path.lexists(common / "HEAD"):
            raise ValueError(f"{common} holds no HEAD")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NbrunbookError(
            f"{place} cannot be read ({reason}), and the journal lies there",
            "a git repository, whole",
            "make it readable, or say where the journal is: NBRUNBOOK_JOURNAL",
        ) from None
    return own, common


def _said(path: Path) -> str:
    if not path.is_file():
        raise ValueError("it is no file")  # a pipe would never end
    with path.open(encoding="utf-8") as file:
        return file.read(LONGEST).strip()
