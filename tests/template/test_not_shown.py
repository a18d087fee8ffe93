"""What JupyterLab takes out without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.template.conftest import ids_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<svg></svg>", True),
        ("see <iframe src='https://e.com'></iframe>", True),
        ("<p>\n<style>p{}</style></p>", True),
        ("<script>go()</script>", True),
        ("[ops](slack://channel)", True),
        ("<ssh://host>", True),
        ("<video src='v.mp4'></video> <!-- <svg> --> `<svg>`", False),
        ("[a](https://e.com) [b](mailto:a@b.c) [c](tel:1) [d](#e) [e](.)", False),
    ],
)
def test_rb221_what_jupyterlab_does_not_show(tmp_path: Path, text: str, found: bool) -> None:
    """In a Markdown cell it is gone; beside steps it is told by us, and is no finding."""
    assert ids_of(tmp_path, f"# About\n{text}\n\n# Steps\n- [ ] a {{#a}}") == (["RB221"] if found else [])
    assert ids_of(tmp_path, f"# Steps\n{text}\n\n- [ ] a {{#a}}") == []
