"""The public names: what an author may import, each there, and loaded only when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import nbrunbook
from nbrunbook.batches import connecting, definition, keyset, throttles
from nbrunbook.project import versions
from nbrunbook.runbook import decorators, parameters, warning

PUBLIC = [
    "Secret",
    "Version",
    "__version__",
    "action",
    "batch",
    "check",
    "connect",
    "keyset",
    "replica_lag",
    "warn",
    "window",
]
LOADED = """
import sys, nbrunbook
before = [name for name in sys.modules if name.startswith("nbrunbook.")]
nbrunbook.Secret
print(before, "nbrunbook.runbook.parameters" in sys.modules)
"""


def test_every_public_name_is_there() -> None:
    """`__all__` is sorted, and names what is there; nothing else is public."""
    assert nbrunbook.__all__ == sorted(nbrunbook.__all__) == PUBLIC
    assert all(hasattr(nbrunbook, name) for name in nbrunbook.__all__)
    names = {name for name in vars(nbrunbook) if not name.startswith("_")}
    modules = {name.partition(".")[2].partition(".")[0] for name in sys.modules if name.startswith("nbrunbook.")}
    assert names - modules - {"annotations", "TYPE_CHECKING", "Any"} <= set(nbrunbook.__all__)


def test_a_secret_is_the_one_that_parameters_know() -> None:
    """What an author imports is what the parameters cell is read with."""
    assert nbrunbook.Secret is parameters.Secret


def test_a_version_is_the_one_that_releases_compare_as() -> None:
    """A parameter in a kernel is older or newer as `when` has it."""
    assert nbrunbook.Version is versions.Version


def test_the_decorators_are_those_of_automated_steps() -> None:
    """What an author writes above a function is found in whatever way it is imported."""
    assert (nbrunbook.check, nbrunbook.action) == (decorators.check, decorators.action)
    assert nbrunbook.warn is warning.warn


def test_what_a_batch_is_written_with() -> None:
    """As its author imports it."""
    assert nbrunbook.batch is definition.batch
    assert (nbrunbook.keyset, nbrunbook.connect) == (keyset.keyset, connecting.connect)
    assert (nbrunbook.window, nbrunbook.replica_lag) == (throttles.window, throttles.replica_lag)


def test_a_public_name_is_loaded_when_it_is_asked_for() -> None:
    """Importing the package loads none of its modules: the command line starts faster."""
    said = subprocess.run([sys.executable, "-c", LOADED], check=True, capture_output=True, text=True).stdout
    assert said == "[] True\n"


def test_an_unknown_name_is_an_attribute_error() -> None:
    """Whatever is not public is told as Python tells it."""
    with pytest.raises(AttributeError, match="module 'nbrunbook' has no attribute 'secret'"):
        _ = nbrunbook.secret
