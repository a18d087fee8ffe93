"""Names that become a file's name and a part of a key."""

from __future__ import annotations

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.project.names import check_name


@pytest.mark.parametrize("name", ["2026.12.0", "production-eu", "v1.0_rc1", "große Freiheit", "日本"])
def test_a_name_that_can_be_a_file(name: str) -> None:
    """A release or an environment may be called what a file may be called."""
    assert check_name(name, "release") == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".a",
        "-a",
        "_a",
        "~a",
        "a/b",
        "a\\b",
        "a@2",
        "a#b",
        "a,b",
        "a:b",
        "a*",
        "a?",
        "a|b",
        "a ",
        "a.",
        "a\nb",
        " a",
    ],
)
def test_a_name_that_cannot_be_a_file(name: str) -> None:
    """What would leave its folder, hide, or break a key is refused."""
    with pytest.raises(NbrunbookError, match="cannot be a file's name"):
        check_name(name, "release")
