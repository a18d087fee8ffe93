"""Which of a deployment's runbooks decides, and which releases are asked for."""

from __future__ import annotations

import pytest

from nbrunbook.journal.entries import RunbookRow, row_of
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from nbrunbook.work.asked_for import applies_in, deciding_runbook, is_asked_for, is_since, runbook_number
from tests.conftest import Workplace
from tests.making import event

CONFIG = """[tool.nbrunbook.environments.staging]
[tool.nbrunbook.environments.production-eu]
group = "production"
[tool.nbrunbook.environments.production-us]
group = "production"
since = "2.0"
"""


def _row(key: str) -> RunbookRow:
    environment, _, release = key.partition("/")
    facts = {"project": "shop", "key": key, "release": release.partition("@")[0], "environment": environment}
    return row_of({**facts, "plan_digest": events.digest(key)})


def test_the_latest_runbook_that_was_not_abandoned_decides() -> None:
    """A later runbook replaces an earlier one; an abandoned one says nothing; ten comes after nine."""
    first, second, tenth = (_row(f"staging/1.0{more}") for more in ("", "@2", "@10"))
    abandoned = event("abandoned")
    assert deciding_runbook([first, second], {}) == second
    assert deciding_runbook([tenth, second], {}) == tenth
    assert deciding_runbook([first, second], {second.digest: abandoned}) == first
    assert deciding_runbook([first], {first.digest: event("signed_off")}) == first
    assert deciding_runbook([first], {first.digest: abandoned}) is None


def test_a_baseline_leaves_out_what_is_older() -> None:
    """`since` leaves out older releases, not itself and not names that it cannot be compared with."""
    found = {name: is_since(name, "2026.9.0") for name in ("2026.8.1", "2026.9.0", "2026.10.0", "drop-sku")}
    assert found == {"2026.8.1": False, "2026.9.0": True, "2026.10.0": True, "drop-sku": True}
    assert is_since("0.1", None)


def test_a_group_means_its_environments(work: Workplace) -> None:
    """A template that names a group applies in each of its environments, and nowhere else."""
    (work.root / "pyproject.toml").write_text(CONFIG, encoding="utf-8")
    found = find_project()
    applies = [name for name in found.environments if applies_in(["production"], name, found)]
    assert applies == ["production-eu", "production-us"]
    assert applies_in(["staging"], "staging", found)
    assert applies_in(None, "staging", found)
    assert not applies_in(["production"], "elsewhere", found)


def test_a_release_is_asked_for_where_it_applies_from_the_baseline_on(work: Workplace) -> None:
    """Both have to hold; an environment that nobody declared has no baseline."""
    (work.root / "pyproject.toml").write_text(CONFIG, encoding="utf-8")
    found = find_project()
    where = [*found.environments, "elsewhere"]
    asked = [[name for name in where if is_asked_for(found, name, "1.0", names)] for names in (None, ["production"])]
    assert asked == [["staging", "production-eu", "elsewhere"], ["production-eu"]]


@pytest.mark.parametrize(
    ("key", "number"), [("a/1", 1), ("a/1@12", 12), ("a/1@²", 1), ("a/1@x", 1), ("a/1@" + "9" * 5000, 1)]
)
def test_a_key_says_which_runbook_it_is_of(key: str, number: int) -> None:
    """The first one, where what stands behind it is no number."""
    assert runbook_number(key) == number
