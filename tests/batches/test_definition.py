"""What an author writes."""

from __future__ import annotations

from typing import Any

from nbrunbook.batches.definition import batch


def test_functions_are_given_to_a_batch() -> None:
    """Each is returned as it is, so that all may be called `_`; a throttle may be one or several."""
    fill = batch("fill", databases=["eu"], throttle=lambda: None)

    @fill.fetch
    def _(db: Any, cursor: Any, batch_size: int) -> None: ...

    fetch = _

    @fill.process
    def _(db: Any, rows: Any) -> None: ...

    assert (fill.fetch_function, fill.process_function, fill.left_function) == (fetch, _, None)
    assert len(fill.throttles) == 1
    assert batch("fill", databases=["eu"], throttle=[len, len]).throttles == (len, len)
