"""Images: what is embedded, and what cannot be."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from nbrunbook.project import author_files
from nbrunbook.template.template import read_template
from tests.conftest import template_bytes
from tests.template.conftest import ids_of, problems_of


def test_rb211_an_image_that_cannot_be_embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is missing, too large or no image, and an attachment that is not there, are findings."""
    monkeypatch.setattr(author_files, "LARGEST_IMAGE", 10)
    (tmp_path / "large.png").write_bytes(b"x" * 11)
    (tmp_path / "text.txt").write_bytes(b"x")
    for target in ("missing.png", "large.png", "text.txt", "attachment:a.png", "."):
        assert ids_of(tmp_path, f"- [ ] a {{#a}}\n\n![a]({target})") == ["RB211"]


@pytest.mark.parametrize("attachments", [["x"], {"a.png": {"image/png": 3}}, {"a.png": []}, "x"])
def test_rb211_an_attachment_that_is_none(tmp_path: Path, attachments: object) -> None:
    """An attachment of another shape than Jupyter's is a finding."""
    content = json.loads(template_bytes("- [ ] a {#a}\n\n![a](attachment:a.png)"))
    content["cells"][1]["attachments"] = attachments
    assert "RB211" in [each.id for each in problems_of(json.dumps(content).encode(), tmp_path)]


def test_rb211_an_image_that_is_embedded(tmp_path: Path) -> None:
    """A small image beside the template, and one from the network, are no findings."""
    (tmp_path / "small image.png").write_bytes(b"x")
    text = "![a](small%20image.png) ![b](https://example.com/b.png) ![c](data:image/png;base64,eA==)"
    assert ids_of(tmp_path, f"- [ ] a {{#a}}\n\n{text}") == []


def test_rb211_an_attachment_s_name_with_blanks(tmp_path: Path) -> None:
    """Written as it is, Markdown sees no image; percent-encoded it is one."""
    for name, ids in (("Screen Shot.png", ["RB211"]), ("Screen%20Shot.png", []), ("no image", [])):
        content = json.loads(template_bytes(f"- [ ] a {{#a}}\n\n![a](attachment:{name})"))
        content["cells"][1]["attachments"] = {"Screen Shot.png": {"image/png": "eA=="}}
        path = tmp_path / "1.0.ipynb"
        path.write_text(json.dumps(content))
        assert [each.id for each in read_template(path).problems] == ids


def test_rb211_two_images_of_one_name(tmp_path: Path) -> None:
    """Two cells may attach another image under one name each; a runbook could show but one of them."""
    content = json.loads(template_bytes("- [ ] a {#a}\n\n![a](attachment:i.png)", "![b](attachment:i.png)"))
    for cell, data in zip(content["cells"][1:], ("eA==", "eB=="), strict=True):
        cell["attachments"] = {"i.png": {"image/png": data}}
    assert "RB211" in [each.id for each in problems_of(json.dumps(content).encode(), tmp_path)]


def test_images_are_embedded(tmp_path: Path) -> None:
    """An image beside the template, or attached to its cell, becomes a data: URI."""
    (tmp_path / "a b.png").write_bytes(b"png")
    content = json.loads(template_bytes("- [ ] a {#a}\n\n  ![a](a%20b.png) ![b](attachment:b.gif) <img src='a b.png'>"))
    content["cells"][1]["attachments"] = {"b.gif": {"image/gif": "R0lG"}}
    path = tmp_path / "1.0.ipynb"
    path.write_text(json.dumps(content))
    encoded = base64.b64encode(b"png").decode()
    assert read_template(path).images == {
        "a%20b.png": f"data:image/png;base64,{encoded}",
        "a b.png": f"data:image/png;base64,{encoded}",
        "attachment:b.gif": "data:image/gif;base64,R0lG",
    }


def test_the_files_of_images_are_known(tmp_path: Path) -> None:
    """Those that are not there, too; what is elsewhere or attached has none, nor has what is no address."""
    path = tmp_path / "1.0.md"
    targets = ["a%20b.png", "../c.png", "attachment:d.png", "https://example.com/e.png", "{{release}}.png", "http://[f"]
    path.write_text("- [ ] a {#a}\n" + "".join(f"\n![x]({target})" for target in targets))
    assert read_template(path).image_files == (tmp_path / "../c.png", tmp_path / "a b.png")
