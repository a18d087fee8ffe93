"""Markdown files parted into front matter, parameters and text."""

from __future__ import annotations

import pytest

from nbrunbook.template import front_matter

PART = """---
title: "Search"
description: Tell people.
---
# Search

```python parameters
release: str = "1.0"

replicas: int = 2
```

- [ ] Mail {#mail}
"""


def test_parameters_and_front_matter_leave_empty_lines() -> None:
    """Front matter and fence become empty lines, so that every other line keeps its number."""
    found = front_matter.split(PART)
    assert found.parameters == 'release: str = "1.0"\n\nreplicas: int = 2'
    assert found.text == "\n\n\n\n# Search\n\n\n\n\n\n\n\n- [ ] Mail {#mail}\n"
    assert found.front_matter == 'title: "Search"\ndescription: Tell people.\n'


def test_a_line_of_the_parameters_can_be_found_in_the_file() -> None:
    """Line n of the parameters is n lines below the fence's first."""
    found = front_matter.split(PART)
    assert found.parameters is not None
    assert found.parameters_line is not None
    for number, line in enumerate(found.parameters.split("\n"), 1):
        assert PART.split("\n")[found.parameters_line - 1 + number] == line


def test_a_setting_is_read_without_its_quotation_marks() -> None:
    """A value of the front matter is its text, and empty where it is missing."""
    found = front_matter.split(PART)
    assert [found.setting(name) for name in ("title", "description", "labels")] == ["Search", "Tell people.", ""]


@pytest.mark.parametrize(
    "text",
    [
        "```python\nx = 1\n```",
        "``` parameters\nx = 1\n```",
        "```python parameters=1\nx = 1\n```",
        "- a list\n  ```python parameters\n  x = 1\n  ```",
        "> ```python parameters\n> x = 1\n> ```",
        "<!--\n```python parameters\nx = 1\n```\n-->",
        "````markdown\n```python parameters\nx = 1\n```\n````",
        "    ```python parameters\n    x = 1\n    ```",
        "no parameters here",
        "",
    ],
)
def test_other_code_is_text(text: str) -> None:
    """Only a fence of the text itself with that info string holds parameters; all else stays to the letter."""
    found = front_matter.split(text)
    assert (found.parameters, found.parameters_line, found.text) == (None, None, text)


@pytest.mark.parametrize(
    "text",
    [
        "~~~python parameters\nx = 1\n~~~",
        "````python  parameters \nx = 1\n`````\n",
        "   ```python parameters\n   x = 1\n   ```",
        "```python parameters\nx = 1",
        "\ntext\n```python parameters\r\nx = 1\r\n```\r\n",
    ],
)
def test_every_fence_of_commonmark_is_one(text: str) -> None:
    """Tildes, longer fences, an indentation, a missing end and Windows' line ends make no difference."""
    found = front_matter.split(text)
    assert found.parameters == "x = 1"
    assert found.text.count("\n") == text.count("\n")
    assert "x" not in found.text.replace("text", "")


def test_only_the_first_fence_holds_parameters() -> None:
    """A second fence of that kind stays in the text."""
    found = front_matter.split("```python parameters\nx = 1\n```\n\n```python parameters\ny = 2\n```")
    assert found.parameters == "x = 1"
    assert found.text == "\n\n\n\n```python parameters\ny = 2\n```"


def test_an_empty_fence_declares_nothing() -> None:
    """A fence without lines is there, and empty."""
    assert front_matter.split("```python parameters\n```").parameters == ""


@pytest.mark.parametrize(
    "text", ["---\n- [ ] Mail\n\n---\n", "---\n\n## Tell\n- [ ] Mail\n\n---\n", "---\nno end: 1\n"]
)
def test_thematic_breaks_are_no_front_matter(text: str) -> None:
    """Steps between two lines of --- are text: nothing is dropped silently."""
    found = front_matter.split(text)
    assert (found.front_matter, found.text) == ("", text)


@pytest.mark.parametrize("yaml", ["", "# a comment\n\nname: x\nsteps:\n- a\n", "'quoted key': 1\n"])
def test_front_matter_begins_with_a_key(yaml: str) -> None:
    """YAML's comments, empty lines and lists are front matter as long as a key comes first; so is nothing at all."""
    found = front_matter.split(f"---\n{yaml}---\nText")
    assert found.front_matter == yaml
    assert found.text == "\n" * (yaml.count("\n") + 2) + "Text"
