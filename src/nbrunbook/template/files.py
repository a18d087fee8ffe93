"""The files of templates: their names, which of them are parts, and how a template is found by its name."""

from __future__ import annotations

import os
import posixpath
import unicodedata
from collections.abc import Callable, Sequence
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


def is_part_in(path: Path, home: Path) -> bool:
    """Tell whether a path is in a folder of parts: a template's that lies in `home`, the project's folder of them."""
    return paths.plain(path).parent.parent.resolve() == home.resolve()


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


def release_of(path: Path) -> str:
    """Return what the template at a path is called: a file's name without its ending, a folder's whole name."""
    return path.absolute().name if path.is_dir() else path.stem


def template_named(path: Path, home: Path | None) -> Path:
    """Return the template that a person means: a path, or its name in the project's folder of templates.

    NbrunbookError, with the nearest name, for a name that nothing there has.
    """
    if home is None or path.exists() or path.name != str(path):
        return path
    found = called(home, str(path))
    if found is None and path.suffix not in SUFFIXES:
        known = [release_of(each) for each in templates_in(home)]
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


def files_of(path: Path, *, standing: bool = True) -> list[Path]:
    """Return the files of a template in the order of its runbook, on request without the standing parts.

    Those of a folder stand with the standing parts in name order; one that is a single file comes before them.
    Raises NbrunbookError for a folder that holds none.
    """
    others = parts_in(path.parent / STANDING) if standing and path.name != STANDING else []
    if not path.is_dir():
        return [path, *others]
    own = parts_in(path)
    if not own:
        raise NbrunbookError(f"{path}: a folder without parts", "notebooks (.ipynb) or Markdown files (.md) in it")
    return sorted([*own, *others], key=_order)
