"""What a person at the terminal sees: results on stdout, talk on stderr, JSON for machines."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from nbrunbook.errors import one_line, visible


def show(text: str = "") -> None:
    """Print a result; what would steer the terminal is shown as what it is."""
    click.echo(visible(text))


def show_line(text: str) -> None:
    """Print a result that holds what somebody wrote: its line breaks are shown, and begin no line."""
    show(one_line(text))


def tell(text: str) -> None:
    """Talk about what is going on."""
    click.echo(visible(text), err=True)


def show_json(value: Any) -> None:
    """Print a result for a machine."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def pass_by(text: str) -> None:
    """Say on a terminal how far something long is, on a line that `end_with` takes away."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[2K{visible(text)}", err=True, nl=False)


def end_with(text: str) -> None:
    """Print a result in the place of what was said on the way."""
    if sys.stderr.isatty():
        click.echo("\r\x1b[2K", err=True, nl=False)
    show(text)
