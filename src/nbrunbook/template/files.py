"""The files of templates: their names, which of them are parts, and how a template is found by its name.

A project may have several folders of templates, its homes: what they hold of one name is one template, whose place is
the first home's. In the order of its parts the homes' order breaks a tie of names.
"""

from __future__ import annotations

import os
import posixpath
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from nbrunbook.errors import NbrunbookError, nearest
from nbrunbook.project import paths

SUFFIXES = (".ipynb", ".md")

MEANT = (*SUFFIXES, ".markdown")

STANDING = "always"
"""The folder, beside the templates, of the parts of every release."""

NEXT = "next"
"""The folder of the parts of a release that has no name yet."""

FOLDERS = (NEXT, STANDING)
"""Names that no release can have."""


def is_part(path: Path) -> bool:
    """Tell whether a file can be a part: a notebook or Markdown, but no README and nothing hidden."""
    return is_name_of_part(path.name) and path.is_file()


def is_name_of_part(name: str) -> bool:
    """Tell whether a file of a name can be a part, wherever it is."""
    stem, suffix = posixpath.splitext(name)
    return suffix in SUFFIXES and not name.startswith((".", "_")) and stem.lower() != "readme"


def is_part_in(path: Path, homes: Iterable[Path]) -> bool:
    """Tell whether a path is in a folder of parts: a template's that lies in one of the project's homes."""
    around = paths.plain(path).parent.parent.resolve()
    return any(around == home.resolve() for home in homes)


def parts_in(folder: Path) -> list[Path]:
    """Return the parts in a folder, in name order; none where there is no such folder."""
    return sorted(filter(is_part, folder.iterdir()), key=_order) if folder.is_dir() else []


def _order(path: Path) -> tuple[str, str]:
    return path.stem, path.suffix


def passed_over(folder: Path) -> list[Path]:
    """Return what in a folder of parts was probably meant as one: another spelling, a dead link, a folder of parts."""
    kept = [path for path in folder.iterdir() if path.name[0] not in "._" and path.stem.lower() != "readme"]
    return sorted(path for path in kept if not is_part(path) and (path.suffix.lower() in MEANT or parts_in(path)))


def is_template(path: Path) -> bool:
    """Tell whether a path is a template: a file that can be a part, or a folder with such files."""
    return is_part(path) or (path.name[:1] not in (".", "_") and bool(parts_in(path)))


def templates_in(folder: Path) -> list[Path]:
    """Return the templates in a folder, in name order; the standing parts are one of them."""
    return sorted(filter(is_template, folder.iterdir()), key=lambda each: each.name) if folder.is_dir() else []


def templates_in_all(homes: Sequence[Path]) -> list[Path]:
    """Return the templates in some homes, in name order, each at its place in the first that has it."""
    found: list[Path] = []
    told: set[str] = set()
    for home in homes:
        own = [path for path in templates_in(home) if _together(path) not in told]
        told |= {_together(path) for path in own}
        found += own
    return sorted(found, key=lambda each: each.name)


def _together(path: Path) -> str:
    """What templates of several homes have in common that are one; no file is one with the folders of parts."""
    name = release_of(path)
    return path.name if name in FOLDERS else name


def release_of(path: Path) -> str:
    """Return what the template at a path is called: a file's name without its ending, a folder's whole name."""
    return path.absolute().name if path.is_dir() else path.stem


def template_named(path: Path, homes: Sequence[Path]) -> Path:
    """Return the template that a person means: a path, or its name in the project's folders of templates.

    NbrunbookError, with the nearest name, for a name that nothing there has; without folders only a path is meant.
    """
    if not homes or path.exists() or path.name != str(path):
        return path
    found = called_in(homes, str(path))
    if found is None and path.suffix not in SUFFIXES:
        known = [release_of(each) for each in templates_in_all(homes)]
        close = nearest(str(path), known)
        raise NbrunbookError(
            f"no template {str(path)!r}",
            f"a path, or one of: {', '.join(known)}" if known else "a path",
            f"did you mean {close!r}?" if close else "",
        )
    return as_typed(found or path)


def called(folder: Path, name: str) -> Path | None:
    """Return the template that has a name in a folder, else what else has it there; None where nothing does."""
    named = [folder / f"{name}{suffix}" for suffix in ("", *SUFFIXES)]
    there = [path for path in named if path.exists() or path.is_symlink()]
    return next(filter(is_template, there), (*there, None)[0])


def called_in(homes: Sequence[Path], name: str) -> Path | None:
    """Return what `called` does in the first of some homes that has a template of a name, else has the name."""
    there = [found for home in homes if (found := called(home, name)) is not None]
    return next(filter(is_template, there), (*there, None)[0])


def taken(folder: Path, name: str) -> Path | None:
    """Return the file, folder or link that keeps a template in a folder from having a name; None where it is free."""
    return next(iter(_alike(folder, name)), None)


def twins(path: Path, are: Callable[[Path], bool] = is_template) -> list[Path]:
    """Return the templates (or what else is asked for) of one name, itself among them; nothing for one alone.

    Names that differ in case, or in how their letters are composed, are one: macOS and Windows do not keep both.
    """
    here = path if path.name not in ("", "..") else path.absolute()
    name = release_of(here)
    found = [each for each in _alike(here.parent, name) if are(each) and _compared(release_of(each)) == _compared(name)]
    others = [each for each in found if each.name != here.name and not (here.exists() and each.samefile(here))]
    return sorted([here, *others]) if others else []


def _alike(folder: Path, name: str) -> list[Path]:
    """What has a name in a folder, with the ending of a template or without, in name order."""
    named = {_compared(f"{name}{suffix}") for suffix in ("", *SUFFIXES)}
    return sorted(each for each in folder.iterdir() if _compared(each.name) in named) if folder.is_dir() else []


def _compared(name: str) -> str:
    """A name as file systems compare it that tell neither case nor the composing of letters apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def of_parts(name: str, parts: Sequence[str]) -> str:
    """Return the template whose name and parts are known, as paths: the folder of its name, else the first file."""
    folders = [posixpath.dirname(path) for path in parts]
    return next((folder for folder in folders if posixpath.basename(folder) == name), (*parts, "")[0])


def as_typed(path: Path) -> Path:
    """Return a path as a person would type it here: from the working directory where it lies below that."""
    return Path(os.path.relpath(path)) if Path.cwd() in (path, *path.parents) else path


def places_of(path: Path, homes: Sequence[Path] = ()) -> list[Path]:
    """Return where the template lies that a path is a part of, or all: itself, or each home that has one of its name.

    The first is the template's own path, whichever of them was given.
    """
    home = _home_of(path, homes)
    if home is None:
        return [path]
    name = release_of(path)
    found = []
    for each in homes:
        other = path if each == home else called(each, name)
        if other is not None and (each == home or (is_template(other) and _together(other) == _together(path))):
            found.append(other if each == home or path.is_absolute() else as_typed(other))
    return found


def _home_of(path: Path, homes: Sequence[Path]) -> Path | None:
    """The home that a template's path is in; None for a path elsewhere, and where there is but one."""
    if len(homes) < 2:
        return None
    parent = paths.plain(path).parent
    return next((home for home in homes if parent == home), None) or next(
        (home for home in homes if parent.resolve() == home.resolve()), None
    )


def named_beside(path: Path, other: Path) -> str:
    """Return what to call a file in words about another one: by its name, unless that is the other's, too."""
    return path.name if path.name != other.name else as_typed(path).as_posix()


def files_of(path: Path, homes: Sequence[Path] = (), *, standing: bool = True) -> list[Path]:
    """Return the files of a template in the order of its runbook, on request without the standing parts.

    Those of a folder stand with the standing parts in name order; those that are single files come before them.
    Raises NbrunbookError for a folder that holds none.
    """
    places = places_of(path, homes)
    with_standing = standing and path.name != STANDING
    others = [part for each in homes_around(path, homes) for part in parts_in(each / STANDING)] if with_standing else []
    single = [each for each in places if not each.is_dir()]
    if len(single) == len(places):
        return [*single, *sorted(others, key=_order)]
    own = [part for each in places if each.is_dir() for part in parts_in(each)]
    if not own and not single:
        raise NbrunbookError(f"{path}: a folder without parts", "notebooks (.ipynb) or Markdown files (.md) in it")
    return [*single, *sorted([*own, *others], key=_order)]


def homes_around(path: Path, homes: Sequence[Path]) -> list[Path]:
    """Return the folders whose standing parts belong to a template: all homes, if it is in one, else its own folder."""
    return [_typed_like(path, each) for each in homes] if _home_of(path, homes) else [path.parent]


def _typed_like(path: Path, home: Path) -> Path:
    """A home in the way in which a path is written."""
    if paths.plain(path).parent == home:
        return path.parent
    return home if path.is_absolute() else as_typed(home)
