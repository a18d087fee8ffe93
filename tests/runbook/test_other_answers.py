"""What other runbooks say: references as written, and what a sign-off keeps of them."""

from __future__ import annotations

import pytest

from nbrunbook.runbook import other_answers
from nbrunbook.runbook.other_answers import Once, Reference
from tests.making import event


@pytest.mark.parametrize(
    ("text", "step", "release", "place"),
    [
        ("stop@production", "stop", "", "production"),
        ("2026.11.0#stop", "stop", "2026.11.0", ""),
        ("2026.11.0#stop@production-eu", "stop", "2026.11.0", "production-eu"),
    ],
)
def test_a_reference_names_a_step_a_release_and_a_place(text: str, step: str, release: str, place: str) -> None:
    """What stands behind @ is a place, what stands before # is a release."""
    assert other_answers.reference(text) == Reference(step=step, release=release, place=place)


def test_a_mere_id_is_no_reference() -> None:
    """An id without @ and # names a step of the same runbook."""
    assert other_answers.reference("stop-the-workers") is None


def test_what_is_kept_comes_back() -> None:
    """A sign-off keeps who settled a step where, and the evidence."""
    once = {"mail": Once(runbook="eu/1.0", event=event("ticked", "mail", evidence="a link"))}
    (back,) = other_answers.from_kept(other_answers.kept(once)).values()
    assert (back.runbook, back.event.body(), back.event.data) == (
        "eu/1.0",
        once["mail"].event.body(),
        {"evidence": "a link"},
    )


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"mail": {}}', '{"mail": {"runbook": "x", "body": "{}", "data": {}}}']
)
def test_what_is_damaged_keeps_nothing(text: str) -> None:
    """A text that was redacted or edited counts as nothing kept."""
    assert other_answers.from_kept(text) == {}
