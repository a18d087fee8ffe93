"""What the tests of reviews make: sides and reviews, from Markdown."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from nbrunbook.documents import notebook
from nbrunbook.review import snapshot
from nbrunbook.review.changes import Change, Edit, Review
from nbrunbook.review.compare import compare
from nbrunbook.review.snapshot import Snapshot
from nbrunbook.template.template import read_template
from tests.conftest import template_bytes

notebook.skip_iri_checks()


def side(*markdown: str, label: str = "1.0", images: dict[str, bytes] | None = None, **more: Any) -> Snapshot:
    """Return a template of Markdown cells as it is written."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "1.0.ipynb"
        path.write_bytes(template_bytes(*markdown, **more))
        for name, content in (images or {}).items():
            path.with_name(name).write_bytes(content)
        return snapshot.of_template(read_template(path), label)


def reviewed(old: str, new: str) -> Review:
    """Return what changed between two templates of one cell."""
    return compare(side(old), side(new))


def reviewed_code(old: str, new: str, *, steps: str = "- [ ] a {#a}\n- [ ] b {#b}") -> Review:
    """Return what changed between two templates with the same steps and other code."""
    return compare(side(steps, code=old), side(steps, code=new))


def only(found: Review) -> Change:
    """Return the one change there is."""
    assert len(found.changes) == 1, found.changes
    return found.changes[0]


def edit(old: str, new: str) -> Edit:
    """Return the one edit of the one change between two templates of one cell."""
    change = only(reviewed(old, new))
    assert len(change.edits) == 1, change.edits
    return change.edits[0]


def told(found: Review) -> set[tuple[str, str, str]]:
    """Return (subject, id, what) for all that changed: what is added, removed, or an edit's name."""
    return {
        (change.subject, change.id, what)
        for change in found.changes
        for what in ([edit.name for edit in change.edits] or [change.kind])
    }


BASE = """## Tell people {owner=ops}
Before all else:
- [ ] Mail support that the search is live {#mail}
  Use the prepared text.
- [ ] Add the dashboard {#dashboard evidence=link}

## Switch over
- [ ] Press *Promote* in the console {#promote .irreversible}
- [ ] Take the old nodes out {#drain}
  - [ ] web {#drain-web}
  - [ ] workers {#drain-workers}
"""
