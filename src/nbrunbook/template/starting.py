"""Starting a template or a part from a starter: its name, its place, and what it holds."""

from __future__ import annotations

from pathlib import Path

from nbrunbook.documents import files
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.names import check_name
from nbrunbook.project.settings import Project
from nbrunbook.template import declarations, front_matter
from nbrunbook.template import files as template_files
from nbrunbook.template.front_matter import PartedFile
from nbrunbook.template.importing import convert
from nbrunbook.template.starter import Starter, code_for_part, for_part, for_release


def start_release(project: Project, name: str, starter: Starter) -> Path:
    """Write a template for a release, never over a file that is there, and return where; `name` may end in .md."""
    stem, suffix = _parted(name)
    _check_name(check_name(stem, "release"))
    if stem in template_files.FOLDERS:
        raise NbrunbookError(
            f"release {stem!r} is the name of a folder of parts",
            "another name",
            "'nbrunbook new NAME --next' adds a part to the next release",
        )
    target = _free(project, project.templates, stem) / f"{stem}{suffix}"
    split = for_release(starter)
    return _write(project, target, split, declarations.for_release(split.parameters or "", stem), starter.code)


def start_part(project: Project, name: str, starter: Starter) -> Path:
    """Write a part of the next release, never over a file that is there, and return where; `name` may end in .md."""
    stem, suffix = _parted(name)
    _check_name(check_name(stem, "part"))
    target = _free(project, project.templates / template_files.NEXT, stem) / f"{stem}{suffix}"
    split = for_part(starter, stem)
    return _write(project, target, split, split.parameters or "", code_for_part(starter, stem))


def _parted(name: str) -> tuple[str, str]:
    for suffix in template_files.SUFFIXES:
        if name.endswith(suffix):
            return name.removesuffix(suffix), suffix
    return name, template_files.SUFFIXES[0]


def _check_name(stem: str) -> None:
    if stem.lower() == "readme":
        raise NbrunbookError(f"{stem!r} is passed over among templates", "another name")


def _free(project: Project, folder: Path, stem: str) -> Path:
    """The folder, where nothing in it has the name; whatever has it is an error."""
    taken = template_files.taken(folder, stem)
    if taken is not None:
        raise NbrunbookError(f"{project.relative(taken)} exists", "a new name", "move it away or choose another name")
    return folder


def _write(project: Project, target: Path, split: PartedFile, declared: str, code: str) -> Path:
    try:
        files.write_new(target, _content(split, declared, code, target.suffix))
    except OSError as error:
        if target.exists():
            raise NbrunbookError(f"{project.relative(target)} exists", "a new name") from None
        raise NbrunbookError(
            f"{project.relative(target)} cannot be written ({error.strerror})", "a folder that can be written to"
        ) from None
    return target


def _content(split: PartedFile, declared: str, code: str, suffix: str) -> bytes:
    above, below = split.around_parameters()
    if suffix == ".ipynb":
        return convert("", f"{above}\n\n{below}", declared, code=code)
    fence = front_matter.fence(declared) if declared else ""
    return ("\n\n".join(filter(None, [above, fence, below.rstrip("\n")])) + "\n").encode()
