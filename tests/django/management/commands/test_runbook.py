"""manage.py runbook: the command line, in the settings' environment."""

from __future__ import annotations

from tests.django.hosts import Host


def test_it_is_the_command_line_with_its_exit_status(host: Host) -> None:
    """A verb answers as it does elsewhere; usage is 2."""
    assert host.manage("runbook", "pending").returncode == 0
    assert host.manage("runbook", "no-such-verb").returncode == 2
