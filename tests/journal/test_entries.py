"""Entries: a runbook's row and its facts say the same, or it is said what disagrees."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from nbrunbook.errors import JournalError
from nbrunbook.journal.entries import row_fault, row_of, sha256, stored_event, stored_row

FACTS = {
    "project": "shop",
    "key": "staging/1.0",
    "release": "1.0",
    "environment": "staging",
    "plan_digest": "d",
    "created_by": "ana",
}
ROW = row_of(FACTS)


def test_a_row_holds_its_facts() -> None:
    """The facts come back from the row, in one canonical form, and name it."""
    assert ROW.facts == FACTS
    assert row_of(dict(reversed(FACTS.items()))) == ROW
    assert row_of({**FACTS, "created_by": "eve"}).digest != ROW.digest
    assert row_fault(ROW) is None


def test_a_body_that_was_edited_gives_no_facts() -> None:
    """Whoever asks an edited row for its facts is told which command says more."""
    with pytest.raises(JournalError, match=r"row of staging/1\.0 was edited; 'nbrunbook verify staging/1\.0' says"):
        _ = replace(ROW, body=ROW.body.replace("ana", "eve")).facts


@pytest.mark.parametrize("name", ["digest", "project", "key", "release", "environment", "plan_digest"])
def test_a_column_that_was_edited_is_named(name: str) -> None:
    """Each column has to say what the body says."""
    said = f"the runbook's row was edited: its body and its {name} disagree"
    assert row_fault(replace(ROW, **{name: "other"})) == said


@pytest.mark.parametrize("body", ["", "[]", "7", "{}", '{"project": {"shop"}', "[" * 100_000])
def test_a_body_that_cannot_be_read_is_a_fault(body: str) -> None:
    """Whatever stands there is told, and breaks nothing."""
    assert str(row_fault(replace(ROW, body=body))).startswith("the runbook's row was edited: its body cannot be read")


def test_what_no_column_should_hold_is_shown_as_text() -> None:
    """SQLite keeps numbers and bytes in a column of texts: what is read is a text all the same."""
    names = {"id": 7, "kind": b"x", "body": None, "hash": "h", "salt": None, "data": 1.5, "kept": None}
    found = stored_event(SimpleNamespace(_mapping={**names, "seq": "one", "listed": 3}, seq="one"))
    assert (found.id, found.kind, found.body, found.data, found.seq) == ("7", "b'x'", None, "1.5", 0)
    columns = {"project": 1, "key": "k", "release": b"r", "environment": "e", "plan": "p", "body": "{}", "digest": "d"}
    assert (stored_row(SimpleNamespace(**columns)).project, stored_row(SimpleNamespace(**columns)).release) == (
        "1",
        "b'r'",
    )


def test_a_blob_is_called_by_its_sha256() -> None:
    """The name is what `sha256sum` prints."""
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
