"""Keys as people give them."""

from __future__ import annotations

import pytest

from nbrunbook.errors import RunbookError, UnknownEnvironmentError, UnknownRunbookError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import Project, find_project
from nbrunbook.work.keys import known_runbook, parse_key
from tests.conftest import Workplace
from tests.making import registered

GROUPED = """[tool.nbrunbook.environments]
staging = {}
eu = {group = "production"}
us = {group = "production"}
"""


@pytest.fixture
def grouped(work: Workplace) -> Project:
    """A project with a group of two environments."""
    with (work.root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(GROUPED)
    return find_project()


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ("staging/1.0", ("staging", "1.0", "")),
        ("staging/1.0@2", ("staging", "1.0", "@2")),
        ("staging/a@b@2", ("staging", "a", "@b@2")),
        ("staging", ("staging", "", "")),
        ("", ("", "", "")),
    ],
)
def test_a_key_has_three_parts(given: str, parts: tuple[str, str, str]) -> None:
    """Whatever is given is parted; nothing is lost."""
    key = parse_key(given)
    assert (key.place, key.release, key.number) == parts
    assert key.given == given


def test_a_group_means_each_of_its_environments(grouped: Project) -> None:
    """The second runbook of a group's deployments is that of each environment."""
    key = parse_key("production/1.0@2")
    assert key.names_group(grouped)
    assert key.in_each(grouped) == {"eu": "eu/1.0@2", "us": "us/1.0@2"}
    assert parse_key("staging/1.0").in_each(grouped) == {"staging": "staging/1.0"}


def test_a_place_that_is_not_there_is_told(grouped: Project) -> None:
    """With environments declared, another one is an error that lists them."""
    with pytest.raises(UnknownEnvironmentError, match="production"):
        parse_key("prod/1.0").in_each(grouped)


def test_a_group_is_no_runbook(grouped: Project) -> None:
    """Where one runbook is meant, the error for a group says which there are."""
    registered("- [ ] A {#a}", key="eu/1.0")
    journal = Journal.open(grouped.journal)
    assert known_runbook(journal, grouped, "eu/1.0").key == "eu/1.0"
    with pytest.raises(RunbookError, match=r"production is a group.*: eu/1\.0$"):
        known_runbook(journal, grouped, "production/1.0@2")
    with pytest.raises(RunbookError, match=r"none of eu, us has one"):
        known_runbook(journal, grouped, "production/2.0")
    with pytest.raises(UnknownRunbookError, match=r"did you mean 'eu/1\.0'"):
        known_runbook(journal, grouped, "eu/1.1")
