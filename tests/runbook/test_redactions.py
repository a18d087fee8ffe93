"""Redactions: what may be blanked, what goes with it, and what still shows it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nbrunbook.runbook import redactions
from nbrunbook.runbook.events import Event, Kind
from tests.making import event

NOTED = event("noted", "mail", seq=2, note="a secret")


def _redacted(seq: int, data: dict[str, str]) -> Event:
    return replace(event("redacted", seq=seq), data=data)


@pytest.mark.parametrize(
    ("each", "said"),
    [
        (event("opened", seq=3, notebook="abc"), "it names the notebook"),
        (event("revised", seq=3, plan="abc"), "it names the plan"),
        (event("archived", seq=3, record="staging/1.0.html"), "it says which record was written"),
        (event("taken", "mail", seq=3, let_go="yes"), "taken says nothing that could be redacted"),
        (event("ticked", "mail", seq=3), "ticked says nothing that could be redacted"),
    ],
)
def test_what_a_runbook_cannot_do_without_stays(each: Event, said: str) -> None:
    """What names a notebook, a plan or a record, and what says nothing, is refused with the reason."""
    assert str(redactions.refusal([NOTED, each], 3)).startswith(said)
    assert redactions.refusal([NOTED, each], 2) is None


def test_an_event_that_is_not_there_is_told() -> None:
    """A number that no event has is refused, with the command that numbers them."""
    assert redactions.refusal([NOTED], 7) == "there is no event 7; 'nbrunbook journal KEY' numbers them"


@pytest.mark.parametrize(
    ("kind", "name"), [("ticked", "file"), ("signed_off", "notebook"), ("noted", ""), ("skipped", "")]
)
def test_a_file_goes_with_its_event(kind: Kind, name: str) -> None:
    """The file of a tick and the notebook of a sign-off are blanked with them; a note has none."""
    each = event(kind, seq=2, file="f", notebook="n", note="x")
    assert redactions.of([each], 2).blob == (each.data[name] if name else "")


def test_a_redaction_of_a_redaction_says_all_again() -> None:
    """What an earlier one had named is blanked with its own data, so that the later one names it too."""
    first = _redacted(4, redactions.of([NOTED], 2).data("typed by mistake", blobs=["b1"]))
    assert first.data == {"seq": "2", "reason": "typed by mistake", "blobs": "b1"}
    again = _redacted(5, redactions.of([NOTED, first], 4).data("the reason too", blobs=["b2"]))
    assert (again.data["seq"], again.data["blobs"]) == ("4 2", "b2 b1")
    assert redactions.named([NOTED, again]) == {4, 2}
    assert redactions.blanked([again]) == {"b1", "b2"}


def test_the_place_of_an_added_step_outlives_its_title() -> None:
    """Where a blanked step stands is said again by the redaction."""
    added = event("added", "added-x", seq=2, title="x", after="mail")
    assert redactions.of([added], 2).data("wrong")["after"] == "mail"


def test_what_is_no_number_names_no_event() -> None:
    """A `redacted` that was edited names nothing that was never redacted."""
    assert redactions.named([_redacted(4, {"seq": "two 3x", "blobs": "7"})]) == frozenset()
    assert redactions.named([replace(NOTED, data={"seq": "2"})]) == frozenset()


def test_what_still_shows_a_text_is_listed() -> None:
    """A later sign-off's notebook and records still hold it, and an added step's id; what came before does not."""
    earlier = event("signed_off", seq=1, notebook="n0")
    added = event("added", "added-secret", seq=2, title="secret")
    signed, archived = event("signed_off", seq=3, notebook="n"), event("archived", seq=4, record="staging/1.0.html")
    said = redactions.still_shown([earlier, added, signed, archived], 2)
    assert said == [
        "the step's id, added-secret: it is part of the chain and stays",
        "the notebook that was kept at sign-off 3: 'nbrunbook redact staging/1.0 3' blanks it",
        "the record staging/1.0.html: remove it, and 'nbrunbook archive staging/1.0' writes another",
        "git's history of the record staging/1.0.html, where it was committed",
    ]
    assert redactions.still_shown([earlier, NOTED, event("signed_off", seq=3)], 2) == []


@pytest.mark.parametrize("odd", ["²", "9" * 5000, "x"])
def test_an_odd_number_names_no_event(odd: str) -> None:
    """A journal may say anything."""
    assert redactions.named([_redacted(3, {"seq": f"2 {odd}"})]) == {2}
