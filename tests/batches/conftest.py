"""What tests of batches get: databases with rows, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nbrunbook.batches import data as door
from tests.batches.filling import Data, place

Make = Callable[..., Data]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.database)])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """What makes databases of one kind."""
    kind = request.param
    server = request.getfixturevalue("postgres") if kind == "postgresql" else None
    yield lambda name="eu", rows=20: place(kind, tmp_path, server, name, rows=rows)
    door.dispose()


@pytest.fixture
def data(make: Make) -> Data:
    """One database with twenty rows."""
    return make()
