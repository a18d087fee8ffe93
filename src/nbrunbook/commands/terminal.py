"""What a person at the terminal sees: results on stdout, talk on stderr, JSON for machines."""

from __future__ import annotations

import json
from typing import Any

import click

from nbrunbook.errors import visible


def show(text: str = "") -> None:
    """Print a result; what would steer the terminal is shown as what it is."""
    click.echo(visible(text))


def tell(text: str) -> None:
    """Talk about what is going on."""
    click.echo(visible(text), err=True)


def show_json(value: Any) -> None:
    """Print a result for a machine."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
