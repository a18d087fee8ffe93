"""Images of a template: what a runbook embeds, so that it shows them wherever it is opened."""

from __future__ import annotations

import base64
import contextlib
import mimetypes
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from nbrunbook.documents import attachments
from nbrunbook.documents.markdown.images import image_targets, spaced_targets
from nbrunbook.documents.markdown.reading import MarkdownDocument
from nbrunbook.documents.notebook import Cell
from nbrunbook.project import author_files
from nbrunbook.template.placed_cells import Place
from nbrunbook.template.problems import Problem

ELSEWHERE = re.compile(r"(?i)https?:|data:")
"""Targets that are not embedded: other sites' images, and those that are embedded already."""


def named(documents: Mapping[Place, MarkdownDocument], folder: Path) -> tuple[Path, ...]:
    """Return the files that the images of some cells are read from, also where there is no such file."""
    found: set[Path] = set()
    for target in {target for document in documents.values() for target in image_targets(document)}:
        if not (ELSEWHERE.match(target) or "{{" in target or target.startswith(attachments.SCHEME)):
            with contextlib.suppress(ValueError):  # no address, which is a finding
                found.add(_file(target, folder))
    return tuple(sorted(found))


def _file(target: str, folder: Path) -> Path:
    return folder / unquote(urlsplit(target).path)


def embedded(documents: Mapping[Place, MarkdownDocument], folder: Path) -> tuple[dict[str, str], list[Problem]]:
    """Return the images of some cells, as data: URIs by their targets, and those that cannot be embedded."""
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for place, document in documents.items():
        for target in image_targets(document):
            if ELSEWHERE.match(target) or "{{" in target:
                continue
            try:
                image = data_uri(target, place.cell, folder, named_in=place.path.parent)
                if found.get(target, image) != image:
                    message = f"the image {shown(target)!r}: another cell has another one of this name"
                    problems.append(place.problem("RB211", message, "runbooks show one of them: rename it"))
                found[target] = image
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
                problems.append(place.problem("RB211", f"the image {shown(target)!r}: {reason}"))
        for target in spaced_targets(document):
            hint = "write %20 in place of each blank"
            problems.append(place.problem("RB211", f"the image {target!r} is text, for there are blanks in it", hint))
    return found, problems


def shown(target: str) -> str:
    """Return a target as a person wrote it."""
    return unquote(target)


def data_uri(target: str, cell: Cell, folder: Path, *, named_in: Path) -> str:
    """Return an image as a data: URI: the cell's attachment, or a file from `folder`.

    `named_in` is the folder of the part that names it, which may be another one.
    ValueError where it is no image, leads out of the repository or is too large, OSError where it cannot be read.
    """
    if target.startswith(attachments.SCHEME):
        return attachments.data_uri(target, cell.get("attachments"))
    path = _file(target, folder)
    mime = mimetypes.guess_type(path.name)[0] or ""
    if not mime.startswith("image/"):
        raise ValueError("not an image")
    content = author_files.read(path, at_most=author_files.LARGEST_IMAGE, named_in=named_in)
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"
