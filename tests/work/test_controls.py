"""Controls of a batch, as the journal is told of them."""

from __future__ import annotations

import pytest

from nbrunbook.errors import RefusedError
from nbrunbook.work import controls
from tests.conftest import Workplace
from tests.making import registered, session_on


@pytest.mark.parametrize("size", [0, -1, 100_001])
def test_a_size_that_is_none_is_refused(work: Workplace, size: int) -> None:
    """In words, with what may be said, and nothing is recorded."""
    registered("- [ ] A {#a}")
    with pytest.raises(RefusedError, match="from 1 to 100,000"):
        controls.resize(session_on(), "a", size)


def test_only_a_batch_is_paused(work: Workplace) -> None:
    """Any other step says that it is none."""
    registered("- [ ] A {#a}")
    with pytest.raises(RefusedError, match="cannot pause a: it is no batch"):
        controls.pause(session_on(), "a")
