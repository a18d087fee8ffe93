"""Operators: who is at work, and how we know."""

from __future__ import annotations

import getpass
import subprocess
from pathlib import Path

import pytest

from nbrunbook.project import operator
from nbrunbook.project.operator import Operator


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which all five sources name somebody else."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "config", "user.email", "git@example.org"], cwd=tmp_path, check=True)
    monkeypatch.setenv("NBRUNBOOK_OPERATOR", "env-ana")
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("GITLAB_USER_LOGIN", "ci-ana")
    monkeypatch.setenv("JUPYTERHUB_USER", "hub-ana")
    monkeypatch.setattr(getpass, "getuser", lambda: "os-ana")
    return tmp_path


def test_the_first_source_wins(named: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment comes before the CI, the CI before the hub, then git, and last the system's user."""
    found = [operator.from_machine(named, {})]
    for name in ("NBRUNBOOK_OPERATOR", "GITLAB_CI", "JUPYTERHUB_USER"):
        monkeypatch.delenv(name)
        found.append(operator.from_machine(named, {}))
    subprocess.run(["git", "config", "--unset", "user.email"], cwd=named, check=True)
    found.append(operator.from_machine(named, {}))
    assert [each.name for each in found] == ["env-ana", "ci-ana", "hub-ana", "git@example.org", "os-ana"]
    assert [each.known_by for each in found] == ["env", "ci", "hub", "git", "os"]


def test_what_a_machine_says_is_declared(named: Path) -> None:
    """Nobody vouches for what the environment, git or the system says."""
    assert operator.from_machine(named, {}).known == "declared"


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_a_blank_name_is_no_name(named: Path, monkeypatch: pytest.MonkeyPatch, blank: str) -> None:
    """A blank source is passed over."""
    monkeypatch.setenv("NBRUNBOOK_OPERATOR", blank)
    monkeypatch.setenv("GITLAB_USER_LOGIN", blank)
    assert operator.from_machine(named, {}).known_by == "hub"


def test_names_of_one_person_become_one(named: Path) -> None:
    """[tool.nbrunbook.operators] maps the names of one person; how we know stays."""
    found = operator.from_machine(named, {"env-ana": "Ana"})
    assert (found.name, found.known_by) == ("Ana", "env")


def test_without_git_the_system_is_asked(named: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without git names the system's user."""
    for name in ("NBRUNBOOK_OPERATOR", "GITLAB_CI", "JUPYTERHUB_USER"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", "")
    assert operator.from_machine(named, {}).known_by == "os"


@pytest.mark.parametrize("error", [OSError, KeyError])
def test_somebody_without_any_name_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """A container whose user has no name still gives an operator."""

    def nobody() -> str:
        raise error("no such user")

    monkeypatch.delenv("NBRUNBOOK_OPERATOR")
    monkeypatch.setattr(getpass, "getuser", nobody)
    assert operator.from_machine(tmp_path, {}) == Operator(name="unknown", known="declared", known_by="os")


def test_the_browsers_user_is_verified() -> None:
    """The username of Jupyter's identity provider is verified."""
    assert operator.from_browser(" ana ", {}) == Operator(name="ana", known="verified", known_by="jupyter")


@pytest.mark.parametrize("username", ["", "  ", "0123456789abcdef0123456789abcdef"])
def test_an_anonymous_browser_is_nobody(username: str) -> None:
    """32 hex digits are what a plain token server calls every browser: nobody."""
    assert operator.from_browser(username, {}) is None


@pytest.mark.parametrize("username", ["0123456789abcdef", "0123456789ABCDEF0123456789ABCDEF", "g" * 32, "a" * 33])
def test_what_only_looks_anonymous_is_somebody(username: str) -> None:
    """Only exactly 32 small hex digits are nobody."""
    assert operator.from_browser(username, {}) is not None


def test_a_verified_name_is_mapped_too() -> None:
    """A person's verified name becomes the one that is written down, and stays verified."""
    found = operator.from_browser("ana@example.org", {"ana@example.org": "Ana"})
    assert found == Operator(name="Ana", known="verified", known_by="jupyter")


def test_an_operator_says_how_we_know() -> None:
    """How we know stands beside the name."""
    assert str(operator.declared(" kim ", "typed")) == "kim (declared: typed)"
