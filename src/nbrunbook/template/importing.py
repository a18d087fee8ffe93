"""Importing: a template made of a Markdown checklist."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbrunbook.documents import files, kernelspec, notebook, source
from nbrunbook.documents.markdown.items import Item
from nbrunbook.documents.markdown.parser import normalized
from nbrunbook.documents.markdown.reading import MarkdownDocument, read_markdown
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.author_files import LARGEST_TEMPLATE
from nbrunbook.project.names import check_name
from nbrunbook.template import declarations, front_matter, limits, mending
from nbrunbook.template.files import SUFFIXES
from nbrunbook.template.front_matter import PartedFile
from nbrunbook.template.template import Template, read_template


def import_checklist(path: Path, target: Path) -> Template:
    """Write a Markdown checklist as a template in a new notebook or Markdown file, and return it.

    Raises NbrunbookError where the one cannot be read, or the other is there already or cannot be written.
    """
    if target.suffix not in SUFFIXES:
        raise NbrunbookError(f"{target} is no template's name", f"a name that ends in {' or '.join(SUFFIXES)}")
    if target.exists():
        raise NbrunbookError(f"{target} exists", "a new file", "move it away or choose another name")
    release = check_name(target.stem, "release")
    made = _converted(path, release, target.suffix)
    made = mending.pinned(target, {target: made})[target]
    try:
        files.write_new(target, made)
    except OSError as error:
        if target.exists():
            raise NbrunbookError(f"{target} exists", "a new file") from None
        raise NbrunbookError(
            f"{target} cannot be written ({error.strerror})", "a folder that can be written to"
        ) from None
    return read_template(target)


def _converted(path: Path, release: str, suffix: str) -> bytes:
    found = front_matter.split(_read_text(path))
    title, text = found.setting("title"), "\n\n".join(found.around_parameters())
    if title and any(heading.title == title for heading in read_markdown(text).headings[:1]):
        title = ""
    declared, about = declarations.for_release(found.parameters or "", release), _about(found, path)
    return convert(title, text, declared, about=about) if suffix == ".ipynb" else _markdown(title, found, declared)


def _markdown(title: str, found: PartedFile, declared: str) -> bytes:
    """A template's bytes in Markdown: front matter and text to the letter, the title as a heading in front."""
    above, below = found.around_parameters()
    matter = f"---\n{found.front_matter.rstrip()}\n---" if found.front_matter.strip() else ""
    heading = f"# {title}" if title else ""
    parts = [matter, heading, _grouped(above), front_matter.fence(declared), _grouped(below).rstrip("\n")]
    return ("\n\n".join(part for part in parts if part.strip()) + "\n").encode()


def _read_text(path: Path) -> str:
    """Return a Markdown file's text with line ends as CommonMark wants them."""
    if path.suffix == ".ipynb" or not path.is_file():
        found = "a folder" if path.is_dir() else "a notebook" if path.is_file() else "no such file"
        raise NbrunbookError(f"{path}: {found}", "a Markdown file")
    content = notebook.read_bytes(path, at_most=LARGEST_TEMPLATE)
    try:
        text = normalized(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NbrunbookError(f"{path}: not UTF-8 (byte {error.start})", "a Markdown file in UTF-8") from None
    limits.check_text(path, [text])
    return text


def _about(found: PartedFile, path: Path) -> Any:
    try:
        return found.about()
    except ValueError as error:
        raise NbrunbookError(
            f"{path}: its front matter is no YAML ({error})", "YAML between the lines of ---"
        ) from None


def convert(title: str, text: str, declared: str, *, about: Any = None, code: str = "") -> bytes:
    """Return a template's bytes: its declarations if any, one Markdown cell a heading, `.group` behind a colon; code.

    `about` becomes `metadata.nbrunbook`.
    """
    document = read_markdown(text)
    lines = _grouped(text).split("\n")
    starts = sorted({0, *(heading.line for heading in document.headings)})
    ends = [*starts[1:], len(lines)]
    cells = [notebook.code_cell("parameters", declared, {"tags": ["parameters"]})] if declared else []
    if title:
        cells.append(notebook.markdown_cell("title", f"# {title}"))
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1):
        part = "\n".join(lines[start:end]).strip("\n")
        if part.strip():
            cells.append(notebook.markdown_cell(f"part-{number}", part))
    cells += [notebook.code_cell("automation", code)] if code else []
    metadata = {**kernelspec.notebook_metadata({}), **({"nbrunbook": about} if about else {})}
    return notebook.dump(notebook.document(cells, metadata))


def _grouped(text: str) -> str:
    """Markdown with `.group` behind each box that ends in a colon and has others below it."""
    document = read_markdown(text)
    groups = [index for index, item in enumerate(document.items) if item.box and _is_group(document, item)]
    return source.pin(document, dict.fromkeys(groups, ".group"))


def _is_group(document: MarkdownDocument, item: Item) -> bool:
    unpinned = item.id is None and item.title.endswith(":")
    return unpinned and any(other.parent is item for other in document.items)
