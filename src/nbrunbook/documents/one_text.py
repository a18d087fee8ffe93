"""Joining: the Markdown of many cells as one text, with the same steps under the same headings."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nbrunbook.documents import tasklist
from nbrunbook.documents.attributes import Attributes
from nbrunbook.documents.markdown.items import Heading
from nbrunbook.documents.markdown.reading import MarkdownDocument, read_markdown
from nbrunbook.errors import NbrunbookError
from nbrunbook.texts import short


def joined(files: Sequence[Sequence[str]]) -> str:
    """Return the cells of some files as one text, with the same items under the same headings.

    Where a cell would run on into the next one, an empty comment stands between them.
    Raises NbrunbookError where that does not help.
    """
    texts = [[text.strip("\n") for text in file if text.strip()] for file in files]
    references = read_markdown("\n\n".join(itertools.chain(*texts))).references
    documents = [[read_markdown(text, references) for text in file] for file in texts]
    faults = []
    for between in ("\n\n", "\n\n<!-- -->\n\n"):
        whole = between.join(itertools.chain(*texts))
        try:
            _check_joined(documents, read_markdown(whole, references))
        except NbrunbookError as error:
            faults.append(error)
        else:
            return whole
    raise faults[-1]


def _check_joined(files: Sequence[Sequence[MarkdownDocument]], whole: MarkdownDocument) -> None:
    meant: list[dict[str, Any]] = []
    for document in itertools.chain(*files):
        first = len(meant)
        for each in tasklist.facts(document):
            meant.append({**each, "parent": None if each["parent"] is None else each["parent"] + first})
    tasklist.compare(meant, tasklist.facts(whole))
    above = [each for file in files for each in _headings_above(file)]
    for item, before, after in zip(whole.items, above, _headings_above([whole]), strict=True):
        if before.inherited != after.inherited or before.title not in ("", after.title):
            raise NbrunbookError(
                f"{short(item.title)!r} would come under the heading {short(after.title)!r}",
                "a heading above the steps of each part",
            )


@dataclass(frozen=True, kw_only=True)
class _Above:
    """The headings that a step stands under."""

    title: str
    inherited: tuple[Attributes, ...]


def _headings_above(file: Sequence[MarkdownDocument]) -> list[_Above]:
    opened: list[Heading] = []
    found = []
    for document in file:
        headings = list(document.headings)
        for item in document.items:
            while headings and headings[0].line < item.line:
                heading = headings.pop(0)
                opened = [each for each in opened if each.level < heading.level] + [heading]
            inherited = tuple(each.attributes for each in opened if each.attributes)
            found.append(_Above(title=opened[-1].title if opened else "", inherited=inherited))
        for heading in headings:
            opened = [each for each in opened if each.level < heading.level] + [heading]
    return found
