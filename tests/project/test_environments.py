"""Environments as the configuration declares them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nbrunbook.errors import ConfigurationError, NbrunbookError
from nbrunbook.project.environments import Environment, declared_environments
from tests.project.test_settings import REGIONS, found


@pytest.mark.parametrize("group", ["staging", "eu", "a/b"])
def test_a_group_has_a_name_of_its_own(tmp_path: Path, group: str) -> None:
    """No environment may be called as a group is, and the name must be one."""
    with pytest.raises(NbrunbookError, match="expected"):
        found(tmp_path, REGIONS.replace("production", group))


HERE = Path("pyproject.toml")


def declared(**tables: Any) -> dict[str, Environment]:
    """Return the environments that some tables declare."""
    return declared_environments(HERE, tables)


def test_what_is_not_ours_is_a_parameters_value() -> None:
    """A table's own keys are settings of the environment; every other one is a value, as TOML gives it."""
    (eu,) = declared(eu={"group": "production", "since": "1.0", "approval": "verified", "replicas": 3}).values()
    assert eu == Environment(name="eu", group="production", since="1.0", approval="verified", values={"replicas": 3})


def test_environments_stay_in_the_order_declared() -> None:
    """Releases go from the first to the last: the order says something."""
    assert list(declared(staging={}, production={}, demo={})) == ["staging", "production", "demo"]


def test_only_verified_is_a_kind_of_approval() -> None:
    """Whoever writes another word must not believe that approvals are verified."""
    assert declared(eu={"approval": "verified"})["eu"].verified_approvals
    assert not declared(eu={})["eu"].verified_approvals
    with pytest.raises(ConfigurationError, match=r"environments\.eu\.approval = 'Verified'; expected \"verified\""):
        declared(eu={"approval": "Verified"})


def test_committed_is_no_parameter() -> None:
    """It says that only committed steps become runbooks there; without it others do, too."""
    assert declared(eu={"committed": True})["eu"] == Environment(name="eu", committed=True)
    assert not declared(eu={})["eu"].committed


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("production", r"environments\.eu = 'production'; expected a table"),
        ({"group": ["a"]}, r"environments\.eu\.group = \['a'\]; expected a string"),
        ({"since": 1.0}, r"environments\.eu\.since = 1\.0; expected a string"),
        ({"committed": "yes"}, r"environments\.eu\.committed = 'yes'; expected true or false"),
        ({"committed": 1}, r"environments\.eu\.committed = 1; expected true or false"),
        ({"approval": True}, r"environments\.eu\.approval = True; expected a string"),
        ({"release": "1.0"}, r"environments\.eu\.release = '1\.0'; expected no such key there"),
        ({"environment": "us"}, r"environments\.eu\.environment = 'us'; expected no such key there"),
    ],
)
def test_a_setting_of_another_kind_is_told(table: object, told: str) -> None:
    """What an environment cannot have is named with its place, and with what was expected there."""
    with pytest.raises(ConfigurationError, match=rf"pyproject\.toml: {told}"):
        declared(eu=table)


def test_an_environment_is_part_of_a_files_name() -> None:
    """Its runbooks stand in a folder of its name."""
    with pytest.raises(NbrunbookError, match="cannot be a file's name"):
        declared(**{"../etc": {}})
