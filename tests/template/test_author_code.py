"""The author's code: what it would do, and what it would give away."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import PARAMETERS, template_bytes
from tests.template.conftest import ids_of, problems_of


@pytest.mark.parametrize(
    "code",
    [
        "password = 'hunter2'",
        "connect(db_password='hunter2')",
        "d = {'api_key': 'abc123'}",
        "def f(token='abc123'): pass",
        "def f(*, token='abc123'): pass",
        "x.secret = 'abc123'",
        "d['token'] = 'abc123'",
        "x = 'ghp_" + "a" * 36 + "'",
        "x = 'postgresql://me:hunter2@db/shop'",
    ],
)
def test_rb212_what_looks_like_a_secret(tmp_path: Path, code: str) -> None:
    """A literal that looks like a secret, by its name or by its shape, is a finding that does not repeat it."""
    found = [each for each in problems_of(template_bytes("- [ ] a {#a}", code=code), tmp_path) if each.id == "RB212"]
    assert len(found) == 1
    assert not any(word in str(found[0]) for word in ("hunter2", "abc123", "aaaa"))


def test_rb212_in_parameters_and_text(tmp_path: Path) -> None:
    """Parameters are searched too, and text for what is a secret by its shape."""
    parameters = PARAMETERS + "\napi_token: str = 'abc123'"
    assert ids_of(tmp_path, "- [ ] a {#a}", parameters=parameters) == ["RB212"]
    assert ids_of(tmp_path, "- [ ] a {#a}\n\nAKIA" + "ABCDEFGH" * 2) == ["RB212"]


@pytest.mark.parametrize(
    "code",
    [
        "api_token: Secret = Secret('DEPLOY_API_TOKEN')",
        "password = ''",
        "token = 'DEPLOY_TOKEN'",
        "password = '<your password>'",
        "token_url = 'https://example.com/token'",
        "x = 'postgresql://{user}:{password}@db'",
        "x = 'https://example.com:8080/a@b'",
        "password = other",
    ],
)
def test_rb212_what_does_not(tmp_path: Path, code: str) -> None:
    """The name of a variable, a place holder and an address without a password are no secrets."""
    assert "RB212" not in ids_of(tmp_path, "- [ ] a {#a}", code=code)


@pytest.mark.parametrize(
    "code",
    ["purge()", "x = client.get(url)", "!rm -r /tmp/x", "%run a.py", "%%bash\nls", "x = !ls", "if True:\n    purge()",
     "with open('f') as f:\n    pass",
     "def f(x=purge()): pass", "class A:\n    x = purge()", "purge?", "await purge()", "f'{purge()}'"],
)  # fmt: skip
def test_rb213_code_that_runs_at_each_opening(tmp_path: Path, code: str) -> None:
    """A call, a magic or a command of the shell outside of a function is a finding."""
    assert ids_of(tmp_path, "- [ ] a {#a}", code=code) == ["RB213"]


@pytest.mark.parametrize(
    "code",
    ["# should we?", "x = (10\n     % 3)", "'''text?'''", "import json",
     "def f(x=1):\n    purge()", "f = lambda: purge()", "x = 1 + 2", "'{#a}'", "# purge()",
     "@dataclass(frozen=True)\nclass A:\n    def f(self): purge()", "x = Secret('TOKEN')", ""],
)  # fmt: skip
def test_rb213_code_that_does_not(tmp_path: Path, code: str) -> None:
    """Imports, definitions, decorators and plain values have no effect."""
    assert ids_of(tmp_path, "- [ ] a {#a}", code=code) == []


@pytest.mark.parametrize(
    "code",
    ["db.connect(password='hunter2secret')", "get('postgres://u:hunter2secret@h/db')", "!curl -H hunter2secret"],
)
def test_rb213_shows_no_secret(tmp_path: Path, code: str) -> None:
    """What is called is named, what it gets is not."""
    found = problems_of(template_bytes("- [ ] a {#a}", code=code), tmp_path)
    assert "RB213" in [each.id for each in found]
    assert "hunter2" not in " ".join(map(str, found))


def test_rb213_says_that_a_run_runs_it_too(tmp_path: Path) -> None:
    """Where there are automated steps: each of their runs loads all code cells."""
    code = "from nbrunbook import check\nwarm_up()\n\n@check('a')\ndef look(): ..."
    (found,) = problems_of(template_bytes("- [ ] a {#a}", code=code), tmp_path)
    assert found.message.endswith("each time that the runbook is opened, and at every run of an automated step")
