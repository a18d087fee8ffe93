"""Files of TOML, with limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.errors import ConfigurationError
from nbrunbook.project import toml_file


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a = ", "not TOML"),
        ("a = 1".encode("utf-16"), "UTF-16"),
        (b"a" + b".a" * 600 + b" = 1", "more than 500 dots"),
        (b"a = " + b"[" * 5000, "nested too deeply"),
        (b"a = 1" + b"0" * 4000, "too many digits"),
        (b"\xff", "not TOML"),
    ],
)
def test_what_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    """What is no TOML, and what would take for ever; the file is named."""
    path = tmp_path / "nbrunbook.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=words) as found:
        toml_file.read(path)
    assert str(path) in str(found.value)


def test_what_it_says(tmp_path: Path) -> None:
    """A mark at the beginning, as editors on Windows write it, is none of it."""
    path = tmp_path / "nbrunbook.toml"
    path.write_bytes("a = 1".encode("utf-8-sig"))
    assert toml_file.read(path) == {"a": 1}
