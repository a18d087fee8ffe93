"""The ledger: what is pending where, of the templates and of the journal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nbrunbook.journal.journal import Journal
from nbrunbook.project import sites
from nbrunbook.project.settings import find_project
from nbrunbook.work.ledger import Ledger, find_pending, not_made_here
from tests.conftest import WithoutExtras, Workplace
from tests.making import put, registered, session_on

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)


def _found(*environments: str) -> Ledger:
    project = find_project()
    journal = Journal(project.journal)
    return find_pending(project, environments, journal=journal if journal.exists() else None, now=NOW)


def test_each_environment_has_its_own(work: Workplace, engine: str) -> None:
    """What is signed off in one environment is pending in the other one; the oldest release comes first."""
    put(work.root, **{"templates__1.9": "- [ ] A {#a .optional}", "templates__1.10": "- [ ] A {#a}"})
    registered("- [ ] A {#a .optional}", key="staging/1.9")
    session_on("staging/1.9").sign_off(None)
    found = _found("staging", "eu").pending
    assert {name: [each.release for each in listed] for name, listed in found.items()} == {
        "staging": ["1.10"],
        "eu": ["1.9", "1.10"],
    }
    assert {each.state for each in found["eu"]} == {"not instantiated"}


def test_without_a_journal_the_templates_are_pending(work: Workplace) -> None:
    """Looking makes no journal, and counts what a runbook would have."""
    put(work.root, **{"templates__1.0": "- [ ] A {#a}\n- [ ] B {#b when=\"environment == 'eu'\"}"})
    assert [(each.release, each.total) for each in _found("eu").pending["eu"]] == [("1.0", 2)]
    assert [each.total for each in _found("us").pending["us"]] == [1]
    assert not (work.root / ".nbrunbook").exists()


@pytest.mark.parametrize(("flag", "state"), [("", "open"), (" .approval", "waiting for approval")])
def test_an_open_runbook_is_pending_without_its_template(work: Workplace, flag: str, state: str) -> None:
    """What the journal holds open is pending in the state in which it is, also where its template is gone."""
    registered(f"- [ ] A {{#a{flag}}}")
    (pending,) = _found("staging").pending["staging"]
    assert (pending.state, pending.runbook, pending.template, pending.settled) == (state, "staging/1.0", None, 0)


def test_a_notebook_is_asked_also_where_nothing_checks_notebooks(
    work: Workplace, without_extras: WithoutExtras
) -> None:
    """A server that only waits needs no Jupyter: where a notebook applies, and its steps, are read all the same."""
    work.template("- [ ] A {#a}\n- [ ] B {#b when=\"environment == 'eu'\"}")
    without_extras()
    assert [(each.release, each.total, each.reason) for each in _found("us").pending["us"]] == [("1.0", 1, "")]


def test_a_site_names_what_its_code_has_and_the_journal_not(work: Workplace) -> None:
    """Where a site says which project this is, its code is live: a release without a runbook is *not made yet*."""
    registered("- [ ] A {#a}")
    put(work.root, templates__2="- [ ] B {#b}", templates__HOWTO="Read this.")
    project = find_project()
    journal = Journal.open(project.journal)
    sites.register(lambda start: project)
    try:
        assert {each.release: each.state for each in _found("staging").pending["staging"]} == {
            "1.0": "open",
            "2": "not made yet",
        }
    finally:
        sites.register(None)
    (left,) = not_made_here(project, "staging", journal=journal, now=NOW)
    assert (left.release, left.state, left.total, left.template) == ("2", "not made yet", 1, "templates/2.md")
    assert [each.release for each in not_made_here(project, "eu", journal=None, now=NOW)] == ["2"]
