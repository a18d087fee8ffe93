"""One chunk, whole: what fails leaves nothing behind."""

from __future__ import annotations

from tests.batches.filling import Data, course_of, filling, to_the_end


def test_each_row_is_changed_once(data: Data) -> None:
    """From the first chunk to the end, in as many chunks as there are."""
    course = course_of(data, filling())
    assert to_the_end(course).state == "done"
    assert data.counts() == data.once
    assert course.status.done == 20


def test_what_is_left_goes_down_with_each_chunk(data: Data) -> None:
    """`left` is asked once before the first chunk, and counted on from there."""
    course = course_of(data, filling(counts=True))
    seen = []
    while not course.is_over:
        course.step()
        seen.append(course.row.left_rows if course.row else None)
    assert seen[:5] == [20, 15, 10, 5, 0]


def test_a_failing_code_stops_with_nothing_done(data: Data) -> None:
    """What no row is to blame for is not halved: a name that is not there stops, in words."""

    def broken(db: object, number: int) -> None:
        undefined_name  # type: ignore[name-defined]  # noqa: B018, F821

    status = to_the_end(course_of(data, filling(each=broken)))
    assert status.state == "stopped"
    assert "process: NameError" in status.error
    assert data.counts() == {0: 20}
