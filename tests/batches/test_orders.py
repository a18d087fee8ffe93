"""Orders, as a course follows them."""

from __future__ import annotations

from nbrunbook.batches.orders import Orders
from tests.batches.filling import Data, course_of, filling, to_the_end


def test_a_pause_is_followed_before_the_next_chunk(data: Data) -> None:
    """It says who, gives the claim back, and goes on where it was."""
    orders = Orders(size=5)
    course = course_of(data, filling(), orders=orders)
    course.step()
    orders.paused, orders.pause_words = True, "paused by ana"
    course.step()
    assert (course.status.state, course.status.hold, course.status.done) == ("paused", "paused by ana", 5)
    assert data.run("SELECT runner FROM nbrunbook_cursor") == [("",)]
    orders.paused = False
    assert to_the_end(course).state == "done"
    assert data.counts() == data.once


def test_a_hold_of_all_says_why(data: Data) -> None:
    """Such as a journal that cannot be read."""
    course = course_of(data, filling(), orders=Orders(hold="the journal cannot be read"))
    course.step()
    assert (course.status.state, course.status.hold) == ("holding", "the journal cannot be read")


def test_a_size_is_the_next_chunk_s(data: Data) -> None:
    """Whatever the target would have it."""
    orders = Orders(size=2)
    course = course_of(data, filling(), orders=orders)
    course.step()
    orders.size = 7
    course.step()
    assert course.row
    assert (course.row.batch_size, course.row.done) == (7, 9)
    course.leave()
