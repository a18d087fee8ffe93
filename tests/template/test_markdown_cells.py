"""Markdown cells, read with the reference links of all of them."""

from __future__ import annotations

from pathlib import Path

from tests.template.conftest import template_of


def test_reference_links_work_across_cells(tmp_path: Path) -> None:
    """Links that any cell defines are the template's; of two definitions the first one counts."""
    found = template_of(
        tmp_path, "- [ ] see [notes] {#a}", "[notes]: https://e.com 'N'", "[Notes]: https://other.example"
    )
    assert found.references == {"NOTES": {"href": "https://e.com", "title": "N"}}
