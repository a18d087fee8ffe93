"""Commits: which of them holds a file as it is, and what one holds at a path, read without touching the work tree."""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import tempfile
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from nbrunbook.errors import GitError
from nbrunbook.project import author_files, git

LARGEST_FILE = 20_000_000
"""Bytes; a file of a commit that is larger is passed over."""
MOST_FILES = 20_000
"""Files that are taken out of a commit, and that its links may lead to."""
MOST_BYTES = author_files.LARGEST
"""Bytes of all of them: one file of a commit may stand under any number of names."""
MOST_LISTED = 50_000_000
"""Bytes of the list of what a commit holds: some 500,000 names."""
LONGEST_CHAIN, LONGEST_WAY = 8, 200
"""Links that lead to each other, and folders on their way."""
LINK, SUBMODULE = "120000", "160000"
"""The modes of a symbolic link, and of the commit of another repository."""


@dataclass(frozen=True)
class Entry:
    """What a commit holds under a name."""

    mode: str
    digest: str
    size: int
    """Bytes; 0 for what is no file."""

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file that is not too large to be read."""
        return self.mode.startswith("100") and self.size <= LARGEST_FILE


# Which commit holds a file


def uncommitted(repository: Path, paths: Iterable[Path]) -> list[Path]:
    """Return which of some files the commit that is checked out does not hold as they are on disk, links followed.

    A link on the way has to be in it, too. What counts is the content: the index may look away (assume-unchanged), and
    a file that is ignored is in no list of changes. Raises GitError where git does not answer.
    """
    git.top(repository)
    real = repository.resolve()
    wanted = {path: _on_disk(real, path) for path in paths}
    names = sorted({name for found in wanted.values() for name in found})
    held = _entries(real, "HEAD", names) if names and git.head(real) else {}
    known = {entry.digest: entry for entry in held.values() if entry.mode != SUBMODULE}
    content = dict(zip(known, _contents(real, list(known.values())), strict=True))

    def is_held(name: str, there: bytes | None) -> bool:
        entry = held.get(name)
        if entry is None or (entry.mode == LINK) != (there is None):
            return False
        if there is None:
            return content.get(entry.digest) == os.fsencode(os.readlink(real / name))  # noqa: PTH115 (to the letter)
        # What attributes and core.autocrlf make of it on the way in is git's to say.
        return content.get(entry.digest) == there or git.ask(real, "hash-object", "--", name) == entry.digest

    return [path for path, found in wanted.items() if not found or not all(is_held(*each) for each in found.items())]


def _on_disk(repository: Path, path: Path) -> dict[str, bytes | None]:
    """A file's bytes by its name in a repository, and the links on the way to it; nothing for one that is elsewhere."""
    real = path.resolve()
    if not real.is_relative_to(repository):
        return {}
    links = {link.relative_to(repository).as_posix(): None for link in _links(path, repository)}
    return {**links, real.relative_to(repository).as_posix(): author_files.read(path)}


def _links(path: Path, repository: Path) -> Iterator[Path]:
    way = path.absolute()
    for each in (way, *way.parents):
        if each.is_symlink():
            place = each.parent.resolve() / each.name
            if place.is_relative_to(repository):
                yield place
                yield from _links(place.parent / place.readlink(), repository)


def last_change(repository: Path, name: str, commit: str = "HEAD") -> str:
    """Return the commit that last changed a file, which is named from the root; empty where git cannot say.

    So it is at the end of a shallow clone's history: there every file seems to be new, and was changed by any commit
    before. (A commit's own text names parents, which git passes over there.) A link says nothing of what it leads to.
    """
    held = None
    with suppress(GitError):
        held = _entries(repository, commit, [name]).get(name)
    if held is None or not held.mode.startswith("100"):
        return ""
    found = git.known(repository, "log", "-1", "--format=%H %P", commit, "--", name).split()
    if len(found) == 1 and "\nparent " in git.known(repository, "cat-file", "commit", found[0]).partition("\n\n")[0]:
        return ""
    return found[0] if found else ""


def held_in(folder: Path) -> list[str]:
    """Return the names in a folder that the commit that is checked out holds; GitError where git does not answer."""
    repository = git.repository_of(folder)
    if repository is None or not git.head(repository):
        return []
    within = folder.resolve().relative_to(repository).as_posix()
    below = ["--", f"{within}/"] if within != "." else []
    said = git.ask(repository, "ls-tree", "-z", "--name-only", "--full-tree", "HEAD", *below)
    return [posixpath.basename(name) for name in said.split("\0") if name]


# What a commit holds


def submodule(repository: Path, commit: str, name: str) -> str:
    """Return the commit of the submodule that a commit holds under a name; empty where it holds none."""
    entry = _entries(repository, commit, [name]).get(name)
    return entry.digest if entry and entry.mode == SUBMODULE else ""


@contextmanager
def checked_out(folder: Path, revision: str, path: str, *, below: str = "") -> Iterator[Path]:
    """Yield a throw-away folder with what a commit holds at and below a path (from the work tree's root).

    `below` is the folder in it where the work tree's root is, as that of a submodule is in another one.
    GitError where the commit is not known; an empty folder where it holds nothing there.
    """
    root = git.top(folder)
    commit = git.ask(root, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    with tempfile.TemporaryDirectory(prefix="nbrunbook-") as temporary:
        out = Path(temporary).resolve() / "tree"
        (out / below).mkdir(parents=True)
        Path(temporary, git.TREE_MARK).touch()
        write_out(root, commit, [path], out / below)
        yield out


def write_out(root: Path, commit: str, paths: Sequence[str], out: Path, *, below: bool = True) -> None:
    """Write what a commit holds at some paths, and below them, into a folder, as regular files."""
    names = _files_in(root, commit, paths, below=below)
    if len(names) > MOST_FILES:
        raise _too_much(f"more than {MOST_FILES:,} files")
    total = 0
    for name, content in zip(names, _contents(root, list(names.values())), strict=True):
        written = _large_file(root, content) or content
        total += len(written)
        if total > MOST_BYTES:
            raise _too_much(f"more than {MOST_BYTES / 1e6:g} MB")
        _write(out, name, written)


def _too_much(found: str) -> GitError:
    return GitError(f"a commit holds {found} where it is read", "fewer", "keep templates in a folder of their own")


def _write(out: Path, name: str, content: bytes) -> None:
    try:
        target = (out / name).resolve()
        if not target.is_relative_to(out.resolve()):
            raise GitError(f"the commit holds {name!r}, which leads out of its folder", "a name within it")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    except OSError as error:  # a name that is too long, or that of a file and of a folder
        raise GitError(f"{name[:200]!r} of the commit cannot be written ({error.strerror})") from None


def _large_file(root: Path, content: bytes) -> bytes:
    """What git-lfs has in this clone for a pointer of its own; nothing for any other content, and where it has nothing.

    (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: "The Pointer", "Intercepting Git")
    """
    pointer = re.fullmatch(
        rb"version https://git-lfs[^\n]*\n(?:[^\n]*\n)*?oid sha256:([0-9a-f]{64})\n.*", content[:1024], re.S
    )
    if pointer is None:
        return b""
    digest, folder = pointer[1].decode(), root / git.ask(root, "rev-parse", "--git-common-dir")
    path = folder / "lfs" / "objects" / digest[:2] / digest[2:4] / digest
    found = path.read_bytes() if path.is_file() and path.stat().st_size <= LARGEST_FILE else b""
    return found if hashlib.sha256(found).hexdigest() == digest else b""


def _files_in(root: Path, commit: str, paths: Sequence[str], *, below: bool) -> dict[str, Entry]:
    """The regular files of a commit at some paths; links are followed within the commit."""
    listed = _entries(root, commit, [path for path in paths if path not in ("", ".")], recursive=below)
    if not below:  # of a folder that is named, too, git lists what is in it
        listed = {name: listed[name] for name in paths if name in listed}
    found = {name: entry for name, entry in listed.items() if entry.is_file}
    links = [name for name, entry in listed.items() if entry.mode == LINK]
    return {**_led_to_by(root, commit, links, below=below)[0], **found} if links else found


def lost_links(repository: Path, commit: str, path: str) -> list[str]:
    """Return the links at and below a path that lead to nothing that the commit holds: out of it, or in a circle."""
    listed = _entries(repository, commit, [path] if path not in ("", ".") else [], recursive=True)
    links = [name for name, entry in listed.items() if entry.mode == LINK]
    return sorted(_led_to_by(repository, commit, links, below=True)[1]) if links else []


def _led_to_by(root: Path, commit: str, links: Iterable[str], *, below: bool) -> tuple[dict[str, Entry], list[str]]:
    """The regular files that links lead to, through others too, by how they are called there; and links that do not."""
    everything = _entries(root, commit, [], recursive=True)
    names, texts = sorted(everything), _texts(root, everything)
    found: dict[str, Entry] = {}
    lost, looked_at = [], 0
    ahead: list[tuple[str, str, tuple[str, ...]]] = [(link, link, ()) for link in links]
    while ahead:
        shown, link, way = ahead.pop()
        target = _led_to(link, texts)
        there = list(_at_and_below(names, target)) if below else [target] if target in everything else []
        looked_at += 1 + len(there)
        if not there or len(way) == LONGEST_CHAIN:
            lost.append(shown)
        elif target not in way:  # a folder in itself shows nothing more
            for name in there:
                as_shown, entry = f"{shown}{name[len(target) :]}", everything[name]
                if entry.is_file:
                    found[as_shown] = entry
                elif entry.mode == LINK:
                    ahead.append((as_shown, name, (*way, target)))
        if looked_at > MOST_FILES:
            raise GitError(f"the links of commit {commit[:12]} lead to more than {MOST_FILES:,} files", "fewer")
    return found, lost


def _entries(root: Path, commit: str, names: Sequence[str], *, recursive: bool = False) -> dict[str, Entry]:
    below, deep = ["--", *names] if names else [], ["-r"] if recursive else []
    found: dict[str, Entry] = {}
    said = git.ask_at_most(MOST_LISTED, root, "ls-tree", *deep, "-l", "-z", "--full-tree", commit, *below)
    for line in filter(None, said.split("\0")):
        about, _, name = line.partition("\t")
        mode, _, digest, size = about.split()
        if _is_name(name):
            found[name] = Entry(mode, digest, int(size) if size.isdecimal() else 0)
    return found


def _is_name(name: str) -> bool:
    """Whether a name leads to a file below the root; git makes no other ones, but somebody may have, by hand."""
    return "\\" not in name and not any(part.casefold() in ("", ".", "..", ".git") for part in name.split("/"))


def _texts(root: Path, entries: Mapping[str, Entry]) -> dict[str, str]:
    """What the links of a commit say."""
    links = {name: entry for name, entry in entries.items() if entry.mode == LINK and entry.size < 4096}
    return dict(zip(links, map(os.fsdecode, _contents(root, list(links.values()))), strict=True))


def _led_to(name: str, texts: Mapping[str, str]) -> str:
    """Where a path leads within its commit, part by part; empty for one that leads out of it, or in a circle."""
    ahead, way, followed = name.split("/")[::-1], [""], 0
    while ahead:
        part = ahead.pop()
        if part == "..":
            way.pop()
        elif part not in ("", "."):
            way.append(part)
        text = texts.get("/".join(way[1:]))
        if text is not None:
            way.pop()
            ahead += text.split("/")[::-1]
            followed += 1
        if not way or followed > LONGEST_CHAIN or len(ahead) > LONGEST_WAY or (text or "").startswith("/"):
            return ""
    return "/".join(way[1:])


def _at_and_below(names: Sequence[str], path: str) -> Iterator[str]:
    """Those of some names, in order, that are a path or lie below it; of no path none."""
    for begins, ends in ((path, f"{path}\0"), (f"{path}/", f"{path}0")) if path else ():  # 0 comes behind /
        yield from names[bisect_left(names, begins) : bisect_left(names, ends)]


def _contents(root: Path, entries: Sequence[Entry]) -> Iterator[bytes]:
    """Yield what some entries hold, to the byte: no filter that attributes name is run."""
    if sum(entry.size for entry in entries) > MOST_BYTES:
        raise _too_much(f"more than {MOST_BYTES / 1e6:g} MB")
    digests = [entry.digest for entry in entries]
    said = git.ask_bytes(root, ["cat-file", "--batch"], "".join(f"{digest}\n" for digest in digests).encode())
    at = 0
    for digest in digests:
        line = said.index(b"\n", at)
        fields = said[at:line].split()
        if len(fields) != 3:
            raise GitError(f"git has lost the object {digest[:12]}…")
        at = line + 1 + int(fields[2]) + 1
        yield said[line + 1 : at - 1]
