"""What a decorator, or a batch, says: which arguments cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import PARAMETERS, template_bytes
from tests.template.conftest import BATCH, problems_of

DECLARED = f"""{PARAMETERS}
places: list[str] = ["eu"]
later: list[str]
nobody: list[str] = []
numbers: list[int] = [1]
size: int = 5
how: str = "quarantine"
again: bool = True"""


def _told(folder: Path, said: str) -> list[str]:
    code = BATCH.replace("databases=['eu']", said)
    found = problems_of(template_bytes("- [ ] a {#a}", parameters=DECLARED, code=code), folder)
    assert {each.id for each in found} <= {"RB121"}, found
    return [f"{each.message}; {each.hint}" for each in found]


@pytest.mark.parametrize(
    "said",
    [
        "databases=['eu', 'us'], target='500ms', batch_size=1, on_error='quarantine', max_errors=0, repeatable=True",
        "databases=('eu',), max_errors=None",
        "databases=places, batch_size=size, on_error=how, repeatable=again, max_errors=size",
        "databases=later",
    ],
)
def test_what_a_batch_may_say(tmp_path: Path, said: str) -> None:
    """Literals, and names of parameters whose type and default fit."""
    assert _told(tmp_path, said) == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("databases=[]", "databases=[]; expected a list of names, each once"),
        ("databases=['eu', 'eu']", "each once"),
        ("databases=['eu', 5]", "databases=['eu', 5]"),
        ("databases='eu'", "databases='eu'"),
        ("databases=['a/b']", "databases=['a/b']"),
        ("databases=['\\x1b[2J']", "databases=['\\x1b[2J']"),
        ("databases=[*places]", "databases is computed"),
        ("databases=numbers", "which is a list[int]"),
        ("databases=nobody", "which is [] by default"),
        ("databases=place", "did you mean places?"),
        ("databases=['eu'], target='5ms'", "from 10ms to 1h"),
        ("databases=['eu'], target=2", "target=2"),
        ("databases=['eu'], target='2h'", "target='2h'"),
        ("databases=['eu'], batch_size=True", "batch_size=True"),
        ("databases=['eu'], batch_size=100_001", "1 to 100,000"),
        ("databases=['eu'], on_error='skip'", "'stop' or 'quarantine'"),
        ("databases=['eu'], on_error=None", "on_error=None"),
        ("databases=['eu'], max_errors=-1", "max_errors is computed"),
        ("databases=['eu'], repeatable=1", "repeatable=1"),
        ("databases=['eu'], batchsize=3", "did you mean batch_size?"),
        ("**more", "write each argument out"),
        ("target='1s'", "batch without databases"),
    ],
)
def test_rb121_what_a_batch_may_not_say(tmp_path: Path, said: str, words: str) -> None:
    """One finding, which says what was found and what is expected."""
    (found,) = _told(tmp_path, said)
    assert words in found
