"""Reach: in which environments a template applies, as its metadata says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nbrunbook.errors import nearest
from nbrunbook.template.files import STANDING, named_beside
from nbrunbook.template.problems import Problem
from nbrunbook.texts import short

if TYPE_CHECKING:
    from nbrunbook.template.placed_cells import File

KEY = "environments"
"""What `metadata.nbrunbook` of a template, or `nbrunbook` in a part's front matter, may hold."""

EXAMPLE = 'such as {"environments": ["production"]}'


def read_environments(
    files: Sequence[File], declared: Collection[str] = ()
) -> tuple[tuple[str, ...] | None, list[Problem]]:
    """Return the environments and groups that a template's files name, and what is wrong there.

    None where it applies everywhere, and where what is named cannot be used: then nothing is left out by mistake.
    `declared` holds the names that there are; empty where none is declared.
    """
    problems: list[Problem] = []
    named: list[tuple[File, tuple[str, ...]]] = []
    for file in files:
        faults = list(_faults(file, declared))
        problems += [Problem(id="RB116", message=message, hint=hint, path=file.part.path) for message, hint in faults]
        if file.about and not faults:
            named.append((file, tuple(dict.fromkeys(file.about[KEY]))))
    for file, names in named[1:]:
        first, others = named[0]
        if set(names) != set(others):
            other = named_beside(first.part.path, file.part.path)
            message = f"it applies in {', '.join(names)}, and {other} in {', '.join(others)}"
            hint = "let all parts that say it say the same; a single step can have a `when`"
            problems.append(Problem(id="RB116", message=message, hint=hint, path=file.part.path))
    return (named[0][1] if named and not problems else None), problems


def _faults(file: File, declared: Collection[str]) -> Iterator[tuple[str, str]]:
    if not file.about:
        return
    if not isinstance(file.about, dict):
        yield f"nbrunbook in its metadata is {short(repr(file.about), 40)}", EXAMPLE
        return
    for name in file.about:
        if name != KEY:
            close = nearest(str(name), [KEY])
            yield (
                f"unknown key {name!r} under nbrunbook in its metadata",
                f"did you mean {close!r}?" if close else EXAMPLE,
            )
    if KEY in file.about:
        yield from _wrong_names(file, file.about[KEY], declared)


def _wrong_names(file: File, names: Any, declared: Collection[str]) -> Iterator[tuple[str, str]]:
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name.strip() for name in names):
        yield f"{KEY} is {short(repr(names), 40)}", "a list of names of environments or groups"
        return
    if file.part.path.parent.name == STANDING:
        yield f"a standing part names {KEY}", "it is a part of every release: give its heading a `when`"
    for name in names if declared else ():
        if name not in declared:
            close = nearest(name, declared)
            hint = f"did you mean {close!r}?" if close else f"there are {', '.join(sorted(declared))}"
            yield f"{KEY} names no environment and no group: {name!r}", hint
