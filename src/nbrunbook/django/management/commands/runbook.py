"""manage.py runbook: the command line, in the settings' environment."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from nbrunbook import commands


class Command(BaseCommand):
    """Hands all arguments over."""

    help = "Runbooks for the manual steps after a release."
    requires_system_checks: tuple[str, ...] = ()

    def run_from_argv(self, argv: list[str]) -> None:
        """Run one command line and exit with its status."""
        sys.exit(commands.run(argv[2:]))

    def handle(self, *arguments: Any, **_: Any) -> None:
        """Run one command line, for call_command."""
        commands.run([str(each) for each in arguments])
