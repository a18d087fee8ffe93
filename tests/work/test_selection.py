"""Which runbooks are meant."""

from __future__ import annotations

import pytest

from nbrunbook.errors import RunbookError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import Project, find_project
from nbrunbook.work import selection
from nbrunbook.work.selection import Filter
from tests.conftest import Workplace
from tests.making import registered, session_on

SETTINGS = """
[tool.nbrunbook.owners]
dba = ["ana"]
[tool.nbrunbook.environments]
staging = {}
eu = {group = "production"}
us = {group = "production"}
"""


@pytest.fixture
def project(work: Workplace) -> Project:
    """A project with three runbooks: one is for the dba, one has an overdue step, one is signed off."""
    with (work.root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(SETTINGS)
    registered('- [ ] A {#a owner="DBA"}', key="staging/1.0")
    registered("- [ ] A {#a due=0m}", key="eu/1.0")
    registered("- [ ] A {#a .optional}", key="eu/0.9")
    session_on("eu/0.9").append("signed_off")
    return find_project()


def _keys(project: Project, wanted: Filter) -> list[str]:
    journal = Journal.open(project.journal)
    return [each.key for each in selection.meant(journal, project, selection.rows(journal, project, wanted), wanted)]


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        (Filter(), ["staging/1.0", "eu/1.0", "eu/0.9"]),
        (Filter(open_only=True), ["staging/1.0", "eu/1.0"]),
        (Filter(environment="production"), ["eu/1.0", "eu/0.9"]),
        (Filter(release="1.0", environment="eu"), ["eu/1.0"]),
        (Filter(overdue=True), ["eu/1.0"]),
        (Filter(owner="dba"), ["staging/1.0"]),
        (Filter(owner="ana"), ["staging/1.0"]),
        (Filter(owner="ben"), []),
        (Filter(owner="ana", overdue=True), []),
    ],
)
def test_a_filter_lets_through_what_is_asked_for(project: Project, wanted: Filter, keys: list[str]) -> None:
    """Each of its fields narrows; a person is asked for by name or by what they act for."""
    assert _keys(project, wanted) == keys


def test_a_key_means_one_runbook_or_a_group_of_them(project: Project) -> None:
    """A group's environments are all named, also those without a runbook; where none has one, it is told."""
    journal = Journal.open(project.journal)
    found = selection.of_key(journal, project, "production/1.0")
    assert {name: row and row.key for name, row in found.items()} == {"eu": "eu/1.0", "us": None}
    assert list(selection.of_key(journal, project, "staging/1.0")) == ["staging"]
    with pytest.raises(RunbookError, match="none of eu, us has one"):
        selection.of_key(journal, project, "production/2.0")


@pytest.mark.parametrize(
    ("abandoned", "shown"),
    [([], "us/1.0@10"), (["us/1.0"], "us/1.0@10"), (["us/1.0@10"], "us/1.0@2"), (["us/1.0@2", "us/1.0@10"], "us/1.0")],
)
def test_of_a_group_s_deployments_the_latest_that_was_not_abandoned_counts(
    project: Project, abandoned: list[str], shown: str
) -> None:
    """Whichever of them were abandoned; a number in the key means that one."""
    for key in ("us/1.0", "us/1.0@2", "us/1.0@10"):
        registered("- [ ] A {#a}", key=key)
    for key in abandoned:
        session_on(key).append("abandoned", data={"reason": "wrong"})
    journal = Journal.open(project.journal)
    row = selection.of_key(journal, project, "production/1.0")["us"]
    second = selection.of_key(journal, project, "production/1.0@2")
    assert (row and row.key) == shown
    assert {name: each and each.key for name, each in second.items()} == {"eu": None, "us": "us/1.0@2"}


def test_where_all_were_abandoned_the_latest_is_shown(project: Project) -> None:
    """It says so itself, and nothing is missing."""
    for key in ("us/1.0", "us/1.0@2"):
        registered("- [ ] A {#a}", key=key)
        session_on(key).append("abandoned", data={"reason": "wrong"})
    row = selection.of_key(Journal.open(project.journal), project, "production/1.0")["us"]
    assert row
    assert row.key == "us/1.0@2"


def test_what_is_required_keeps_a_runbook_unfinished(project: Project) -> None:
    """An open runbook is unfinished while a required step is open; a closed one is not."""
    assert selection.is_unfinished(session_on("staging/1.0").progress)
    assert not selection.is_unfinished(session_on("eu/0.9").progress)
    registered("- [ ] A {#a .optional}", key="us/1.0")
    assert not selection.is_unfinished(session_on("us/1.0").progress)
