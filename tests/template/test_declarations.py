"""Declarations of parameters, written into the author's own lines."""

from __future__ import annotations

import pytest

from nbrunbook.template import declarations

STANDARD = 'release: str = "2.0"  # what is being shipped\nenvironment: str = "staging"  # where it goes'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", STANDARD),
        ("\n", STANDARD),
        ("replicas: int = 2", f"{STANDARD}\nreplicas: int = 2"),
        ('environment = "eu"\nrelease = "1"  # us', 'environment = "eu"\nrelease = "2.0"  # us'),
        ("environment: str\nrelease: str  # us", 'environment: str\nrelease: str = "2.0"  # us'),
        (
            'environment: str\nrelease: str = (\n  "ü"\n)  # “us”',
            'environment: str\nrelease: str = (\n  "2.0"\n)  # “us”',
        ),
        ('environment: str\nü = "ü"; release = "1"', 'environment: str\nü = "ü"; release = "2.0"'),
        ("release: = 1", "release: = 1"),
        ("import x\n\n# how many\nreplicas = 2", f"import x\n\n{STANDARD}\n# how many\nreplicas = 2"),
        ('"""Ours."""\nfrom x import (\n  y,\n)\nn = 2', f'"""Ours."""\nfrom x import (\n  y,\n)\n\n{STANDARD}\nn = 2'),
        ("import x; n = [\n]\nimport y", f"import x; n = [\n]\nimport y\n\n{STANDARD}"),
        ('import x\nrelease = "1"\nenvironment = "eu"', 'import x\nrelease = "2.0"\nenvironment = "eu"'),
    ],
)
def test_the_releases_name_stands_in_the_authors_line(before: str, after: str) -> None:
    """Only the value of `release` changes; what is missing stands behind the imports; what is not Python stays."""
    assert declarations.for_release(before, "2.0") == after


@pytest.mark.parametrize("release", ["1.0", "2.0 {rc} “ü”", "a'b", "$x", "{{release}}"])
def test_every_name_reads_back(release: str) -> None:
    """Whatever name a release has, the declaration holds exactly that."""
    read, faults = declarations.read(declarations.for_release('kind: str = "minor"', release))
    assert not faults
    assert {each.name: each.default for each in read}["release"] == release
