"""Databases of batches that the configuration does not name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import PARAMETERS, Workplace
from tests.template.conftest import BATCH

CONFIGURATION = """
[tool.nbrunbook.databases]
asia = "sqlite:///asia.db"

[tool.nbrunbook.environments.production]
places = ["asia", "mars"]
"""


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("['asia']", ""),
        ("['asia', 'mars', 'moon']", "the configuration names no database 'mars', 'moon'; it names asia"),
        ("['asi']", "did you mean 'asia'?"),
        ("places", "the configuration names no database 'mars' (places in production)"),
        ("others", "the configuration names no database 'us', the default of others"),
        ("given", ""),
    ],
)
def test_rb223_a_database_that_is_not_named(work: Workplace, said: str, words: str) -> None:
    """In the code, in a parameter's default, and in what environments give it: advice, which stops nothing."""
    Path("pyproject.toml").write_text(CONFIGURATION)
    declared = f"{PARAMETERS}\nplaces: list[str] = ['asia']\nothers: list[str] = ['us']\ngiven: list[str]"
    work.template("- [ ] a {#a}", parameters=declared, code=BATCH.replace("['eu']", said))
    assert work.run("lint") == bool(words), work.err
    assert ("RB223" in work.out) == bool(words)
    assert words in " ".join(work.out.split()).replace("(it names", "; it names").replace(" ;", ";")
