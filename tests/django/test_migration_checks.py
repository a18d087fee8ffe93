"""System checks of migrations that wait."""

from __future__ import annotations

import pytest

from tests.django.hosts import Host

DROP = "[migrations.RemoveField('Product', 'title')]"


@pytest.fixture
def checked(host: Host) -> Host:
    """A shop of two environments."""
    host.set(ENVIRONMENTS={"eu": {"group": "production"}, "us": {"group": "production"}}, ENVIRONMENT="eu")
    host.set(JOURNAL="journal.db")
    return host


def found(host: Host) -> list[str]:
    """Return what `check` finds: ids and messages."""
    script = """
    from django.core.checks import run_checks
    print(json.dumps([f"{each.id} {each.msg} {each.hint}" for each in run_checks()]))
    """
    said = host.answers(script)
    assert isinstance(said, list)
    return said


def test_right_steps_are_left_alone(checked: Host) -> None:
    """A step of this environment, and one in all of a group."""
    checked.migration("shop", "0002", DROP, extra='runbook_step = "1.0#gone"')
    checked.migration("stock", "0002", DROP, extra='runbook_step = "1.0#gone@production"')
    assert found(checked) == []


def test_e010_e011_a_step_that_cannot_be_asked_about(checked: Host) -> None:
    """A string that names no step, and an environment that nobody declared, are told before they are deployed."""
    checked.migration("shop", "0002", DROP, extra='runbook_step = "old-code-gone"')
    checked.migration("stock", "0002", DROP, extra='runbook_step = "1.0#gone@prodcution"')
    first, second = found(checked)
    assert first.startswith("nbrunbook.E010 shop.0002: runbook_step = 'old-code-gone' Expected \"RELEASE#STEP\"")
    assert second.startswith("nbrunbook.E011 stock.0002: runbook_step = '1.0#gone@prodcution': unknown environment")
    assert "production" in second
    done = checked.manage("migrate")
    assert (done.returncode, "nbrunbook.E010" in done.stderr, "Traceback" in done.stderr) == (1, True, False)


def test_w010_w011_a_step_that_is_not_asked_about(checked: Host) -> None:
    """A squash that loses it, once the files that it replaces are gone, and an app's first migration."""
    checked.migration("shop", "0002", DROP, extra='runbook_step = "1.0#gone"')
    replaces = 'replaces = [("shop", "0001_initial"), ("shop", "0002")]\ninitial = True\ndependencies = []'
    checked.migration("shop", "0001_squashed", "[]", extra=replaces)
    checked.migration("stock", "0001_initial", "[]", extra='dependencies = []\nrunbook_step = "1.0#gone"')
    lost, first = found(checked)
    assert lost.startswith("nbrunbook.W010 shop.0001_squashed replaces 0002, which waits for a step")
    assert lost.endswith("runbook_step = '1.0#gone'")
    assert first.startswith("nbrunbook.W011 stock.0001_initial has a runbook_step, and is the app's first migration")
