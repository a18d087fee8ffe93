"""manage.py runbook: the command line, where the settings say which environment and which journal is meant."""

from __future__ import annotations

import argparse
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from nbrunbook import commands
from nbrunbook.commands import program
from nbrunbook.django import site
from nbrunbook.project import databases

NAME = "manage.py runbook"
NOT_HERE = {
    "init": "add the setting NBRUNBOOK instead (docs/django.md), and make the journal: 'nbrunbook journal init'",
    "textconv": "git calls the command line itself for it, which reads no settings",
}
"""Verbs that make no sense where the settings say what the project is, and what to do instead."""
ENVIRONMENT = 'NBRUNBOOK["ENVIRONMENT"]'
WORDS = {
    databases.NAME_IT: 'name it in NBRUNBOOK["DATABASES"]',
    "in [tool.nbrunbook.environments]": 'in NBRUNBOOK["ENVIRONMENTS"]',
}
PROGRAM = program.Program(
    name=NAME, instead=NOT_HERE, environment=site.environment, by_default=ENVIRONMENT, words=WORDS
)
DJANGOS_OWN = ("--settings", "--pythonpath")
"""Options with a value that manage.py has read itself, wherever they stand."""


class Command(BaseCommand):
    """Hands its arguments over to the command line."""

    help = "Runbooks for the manual steps after a release."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take all that comes, for call_command."""
        parser.add_argument("arguments", nargs=argparse.REMAINDER)

    def print_help(self, *_: object) -> None:
        """Show the command line's own help."""
        self._run(["--help"])

    def run_from_argv(self, argv: list[str]) -> None:
        """Run one command line and exit with its status: 0 fine; 1 no, or an error; 2 usage; 3 a bug of ours."""
        commands.show_all_letters()
        try:
            status = self._run(_without_djangos_own(argv[2:]))
        finally:
            connections.close_all()
        sys.exit(status)

    def handle(self, *, arguments: list[str], **_: Any) -> None:
        """Call one command line, for call_command; CommandError with its exit status unless all is fine."""
        with redirect_stdout(self.stdout), redirect_stderr(self.stderr), program.called(PROGRAM):
            status, why = commands.called(arguments)
        if status:
            raise CommandError(why or f"{NAME} {' '.join(arguments)}: the answer is no", returncode=status)

    def _run(self, arguments: list[str]) -> int:
        with program.called(PROGRAM):
            return commands.run_line(arguments)


def _without_djangos_own(arguments: list[str]) -> list[str]:
    left, ahead = [], list(arguments)
    while ahead:
        argument = ahead.pop(0)
        if argument in DJANGOS_OWN:
            ahead[:1] = []
        elif argument.partition("=")[0] not in DJANGOS_OWN:
            left.append(argument)
    return left
