"""nbrunbook new: start a template or a part."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from nbrunbook.commands.import_ import around, convert
from nbrunbook.commands.terminal import show, tell
from nbrunbook.documents import files, notebook
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.names import check_name
from nbrunbook.project.settings import Project, find_project
from nbrunbook.template import declarations
from nbrunbook.template import files as template_files
from nbrunbook.template.front_matter import INFO, Split
from nbrunbook.template.starter import find_starter, for_part, for_release, starters


@click.command(name="new")
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--from", "starter", metavar="STARTER", help="What to start from: release; with --next: step.")
@click.option("--next", "is_part", is_flag=True, help="A part of the release that has no name yet.")
@click.option("--list", "only_list", is_flag=True, help="Describe the starters.")
def command(name: str | None, starter: str | None, is_part: bool, only_list: bool) -> None:
    """Start a template for a release, or with --next a part of the next one.

    It is written to templates/NAME.ipynb or templates/next/NAME.ipynb, and never over a file that is there.
    A NAME that ends in .md makes a Markdown file instead of a notebook.

    \b
    Example: nbrunbook new 2026.12.0
             nbrunbook new drop-legacy-sku --next --from remove-column
    """
    if only_list:
        for each in starters():
            show(f"{each.name:14} {each.description}")
        return
    if name is None:
        raise click.UsageError("Missing argument 'NAME', or --list.")
    notebook.skip_iri_checks()
    chosen = find_starter(starter or ("step" if is_part else "release"))
    stem, suffix = _parted(name)
    project = find_project()
    _check_name(stem, is_part=is_part)
    target = (
        _free(project, project.templates / template_files.NEXT if is_part else project.templates, stem)
        / f"{stem}{suffix}"
    )
    split = for_part(chosen, stem) if is_part else for_release(chosen)
    declared = (split.parameters or "") if is_part else declarations.for_release(split.parameters or "", stem)
    try:
        files.write(target, _content(split, declared, suffix))
    except OSError as error:
        raise NbrunbookError(
            f"{project.relative(target)} cannot be written ({error.strerror})", "a folder that can be written to"
        ) from None
    show(project.relative(target))
    look = shlex.quote(project.relative(target.parent if is_part else target))
    tell(f"from the starter {chosen.name!r}: edit it, then look at it with: nbrunbook plan {look}")


def _parted(name: str) -> tuple[str, str]:
    for suffix in template_files.SUFFIXES:
        if name.endswith(suffix):
            return name.removesuffix(suffix), suffix
    return name, template_files.SUFFIXES[0]


def _check_name(stem: str, *, is_part: bool) -> None:
    check_name(stem, "part" if is_part else "release")
    if stem.lower() == "readme" or stem.startswith("_"):
        raise NbrunbookError(f"{stem!r} is passed over among templates", "another name")
    if not is_part and stem in template_files.FOLDERS:
        raise NbrunbookError(
            f"release {stem!r} is the name of a folder of parts",
            "another name",
            "'nbrunbook new NAME --next' adds a part to the next release",
        )


def _free(project: Project, folder: Path, stem: str) -> Path:
    """The folder, where nothing in it has the name; whatever has it is an error."""
    taken = template_files.taken(folder, stem)
    if taken is not None:
        raise NbrunbookError(f"{project.relative(taken)} exists", "a new name", "move it away or choose another name")
    return folder


def _content(split: Split, declared: str, suffix: str) -> bytes:
    above, below = around(split)
    if suffix == ".ipynb":
        return convert("", f"{above}\n\n{below}", declared)
    fence = f"```{INFO}\n{declared}\n```" if declared else ""
    return ("\n\n".join(filter(None, [above, fence, below.rstrip("\n")])) + "\n").encode()
