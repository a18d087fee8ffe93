"""Environments: what may be declared of one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.errors import ConfigurationError, NbrunbookError
from nbrunbook.project.environments import declared_environments
from tests.project.conftest import REGIONS, found


@pytest.mark.parametrize("group", ["staging", "eu", "a/b"])
def test_a_group_has_a_name_of_its_own(tmp_path: Path, group: str) -> None:
    """No environment may be called as a group is, and the name must be one."""
    with pytest.raises(NbrunbookError, match="expected"):
        found(tmp_path, REGIONS.replace("production", group))


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"eu": 7}, "environments.eu = 7; expected a table"),
        ({"eu": {"since": 2026.1}}, "environments.eu.since = 2026.1; expected a string"),
        ({"eu": {"approval": "any"}}, "environments.eu.approval = 'any'; expected \"verified\""),
        ({"eu": {"release": "1.0"}}, "environments.eu.release = '1.0'; expected no such key there"),
        ({"eu": {"environment": "us"}}, "environments.eu.environment = 'us'; expected no such key there"),
    ],
)
def test_what_is_not_known_is_told_with_its_key(tables: dict[str, Any], said: str) -> None:
    """The file and the whole key are named, with what is expected there."""
    with pytest.raises(ConfigurationError, match=re.escape(f"a.toml: {said}")):
        declared_environments(Path("a.toml"), tables)


def test_every_other_key_is_a_value() -> None:
    """What is not ours goes to the templates as TOML gives it."""
    table = {"group": "production", "since": "1.0", "approval": "verified", "url": "https://e.com", "count": 2}
    found = declared_environments(Path("a.toml"), {"eu": table, "us": {}})
    assert (found["eu"].group, found["eu"].since, found["eu"].verified_approvals) == ("production", "1.0", True)
    assert found["eu"].values == {"url": "https://e.com", "count": 2}
    assert (found["us"].group, found["us"].verified_approvals, found["us"].values) == (None, False, {})
