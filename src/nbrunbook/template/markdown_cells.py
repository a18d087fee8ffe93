"""The Markdown of a template's cells, read with the reference links of all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nbrunbook.documents.markdown.reading import MarkdownDocument, link_definitions, read_markdown
from nbrunbook.template.placed_cells import File, Place


@dataclass(frozen=True, kw_only=True)
class MarkdownCells:
    """All Markdown cells of a template as read."""

    documents: Mapping[Place, MarkdownDocument]
    """In the order of the files."""
    references: Mapping[str, Mapping[str, str]]
    """Reference links that are defined anywhere in it: label -> title, href. The first one of a label counts."""

    @property
    def pinned(self) -> set[str]:
        """The ids that authors wrote behind their steps."""
        return {item.id for document in self.documents.values() for item in document.items if item.id is not None}


def read_markdown_cells(files: Sequence[File]) -> MarkdownCells:
    """Return the Markdown cells of some files; a link may be defined in another cell than the one that uses it."""
    places = [place for file in files for place in file.places if place.cell["cell_type"] == "markdown"]
    references: dict[str, dict[str, str]] = {}
    for place in places:
        for label, link in link_definitions(place.cell["source"]).items():
            references.setdefault(label, {"href": str(link["href"]), "title": str(link["title"])})
    documents = {place: read_markdown(place.cell["source"], references) for place in places}
    return MarkdownCells(documents=documents, references=references)
