"""What the command line is called: nbrunbook, or manage.py runbook; its commands in what we say are named so, too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from functools import cache

import click

from nbrunbook.errors import NbrunbookError

PLAIN = "nbrunbook"


@dataclass(frozen=True, kw_only=True)
class Program:
    """How the command line was called."""

    name: str = PLAIN
    instead: Mapping[str, str] = field(default_factory=dict)
    """Verbs that it does not have, and what to do instead."""
    environment: Callable[[], str | None] = lambda: None
    """Where `-e` means where it is not given."""
    by_default: str = ""
    """What help says of that."""
    words: Mapping[str, str] = field(default_factory=dict)
    """What hints name in other words, such as a setting for a table of the configuration's file."""


_called = [Program()]


def here() -> Program:
    """Return how the command line was called."""
    return _called[-1]


def name() -> str:
    """Return how usage and examples name the command line."""
    return here().name


@contextmanager
def called(other: Program) -> Iterator[None]:
    """Have the command line called in another way meanwhile."""
    _called.append(other)
    try:
        yield
    finally:
        _called.pop()


def refuse(verb: str) -> None:
    """Raise NbrunbookError for a verb that the command line does not have as it is called here."""
    if verb in here().instead:
        raise NbrunbookError(f"{name()} has no {verb!r}", "", here().instead[verb])


def as_called(text: str) -> str:
    """Return what we say ourselves, with our commands in it as they are called here, and our settings as they are."""
    if name() == PLAIN or PLAIN not in text:
        return text
    for words, others in here().words.items():
        text = text.replace(words, others)
    return _command().sub(f"{name()} ", text)


@cache
def _command() -> re.Pattern[str]:
    from nbrunbook.commands import VERBS

    return re.compile(rf"(?<![\w./-]){PLAIN} (?=(?:VERB|{'|'.join(VERBS)})(?![\w-]))")


def renamed(command: click.Command) -> click.Command:
    """Return a command of ours whose help, and that of its own commands, names it as it is called here."""
    if name() == PLAIN:
        return command
    found = copy(command)
    found.help = as_called(command.help or "")
    if isinstance(found, click.Group):
        found.commands = {verb: renamed(each) for verb, each in found.commands.items()}
    return found
