"""Options and arguments that several verbs have."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest
from click.testing import CliRunner

from nbrunbook.commands import VERBS, cli, options


@click.command()
@options.key_argument
@options.json_option
@options.release_option
@options.for_option
def shows(**given: object) -> None:
    """Print what a verb with all of them is given."""
    click.echo(json.dumps(given))


def _parameters(command: click.Command) -> dict[str, dict[str, Any]]:
    """What is said of a verb's options and arguments, by their first names."""
    return {each.opts[0]: each.to_info_dict() for each in command.params}


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (["k"], {"key": "k", "as_json": False, "release": None, "on_behalf": None}),
        (
            ["k", "--json", "--release", "1.0", "--for", "kim"],
            {"key": "k", "as_json": True, "release": "1.0", "on_behalf": "kim"},
        ),
    ],
)
def test_a_verb_is_given_what_was_asked_for(arguments: list[str], given: dict[str, object]) -> None:
    """The names are those that verbs know them by; what was left out is none, and no empty text."""
    assert json.loads(CliRunner().invoke(shows, arguments).output) == given


def test_a_key_has_to_be_given() -> None:
    """A verb on a runbook without its key is wrong usage."""
    found = CliRunner().invoke(shows, ["--json"])
    assert found.exit_code == 2
    assert "Missing argument 'KEY'" in found.output


@pytest.mark.parametrize("name", ["--json", "--for"])
def test_an_option_is_the_same_in_each_verb(name: str) -> None:
    """No verb words one of its own: who knows it from one knows it from all."""
    with click.Context(cli) as context:
        found = [cli.get_command(context, verb) for verb in VERBS]
    uses = [said[name] for said in map(_parameters, filter(None, found)) if name in said]
    assert uses
    assert all(each == _parameters(shows)[name] for each in uses)
