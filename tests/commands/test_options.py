"""Options that several verbs have are spelled and explained alike."""

from __future__ import annotations

import importlib

import click
import pytest

from nbrunbook.commands import VERBS

MEANINGS = {"--json": "Print JSON for a machine.", "--for": "Record it for somebody without Jupyter."}


def _command(verb: str) -> click.Command:
    module = importlib.import_module(f"nbrunbook.commands.{verb.replace('-', '_')}{'_' if verb == 'import' else ''}")
    return next(each for each in vars(module).values() if isinstance(each, click.Command) and each.name == verb)


@pytest.mark.parametrize("verb", VERBS)
def test_an_option_means_the_same_everywhere(verb: str) -> None:
    """An option that several verbs have says the same in each of them."""
    for each in _command(verb).params:
        for name in set(each.opts) & set(MEANINGS):
            assert isinstance(each, click.Option)
            assert each.help == MEANINGS[name]
