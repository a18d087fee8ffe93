"""What migrations wait for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from nbrunbook.django.runbook_steps import RunbookStep, may_wait, runbook_step, waiting
from nbrunbook.errors import NbrunbookError


def migration(name: str, step: Any = None, *replaces: str) -> Any:
    """Return what has a migration's attributes."""
    pairs = [("shop", each) for each in replaces]
    return SimpleNamespace(app_label="shop", name=name, runbook_step=step, replaces=pairs)


@pytest.mark.parametrize(
    ("text", "release", "step", "place"),
    [
        ("2026.11.0#old-code-gone", "2026.11.0", "old-code-gone", ""),
        ("2026.11.0#old-code-gone@production", "2026.11.0", "old-code-gone", "production"),
    ],
)
def test_a_step_is_named_by_its_release(text: str, release: str, step: str, place: str) -> None:
    """An environment or a group may be named behind it."""
    assert runbook_step(migration("0002", text)) == RunbookStep(release=release, step=step, place=place)


@pytest.mark.parametrize(
    "text",
    ["", "old-code-gone", "old-code-gone@eu", "1.0#", "#gone", "1.0#gone@", " 1.0#gone", "a/b#gone", 7, ["1.0#gone"]],
)
def test_what_names_no_step_is_an_error_that_shows_it(text: object) -> None:
    """A migration that should wait does not run because of a slip."""
    with pytest.raises(NbrunbookError, match=r'^shop.0002: runbook_step = .*; expected "RELEASE#STEP"'):
        list(waiting(migration("0002", text), {}))


def test_without_the_attribute_nothing_is_waited_for() -> None:
    """As all migrations are that know nothing of us."""
    plain = SimpleNamespace(app_label="shop", name="0001")
    assert (list(waiting(plain, {})), may_wait(plain)) == ([], False)
    assert may_wait(migration("0002", ""))
    assert may_wait(migration("0002", None, "0001"))


def test_a_squash_waits_for_what_it_replaces() -> None:
    """Through squashes of squashes, each step once, and not for those whose files are gone."""
    files = {
        ("shop", each.name): each
        for each in (
            migration("0002", "1.0#gone"),
            migration("0003", "1.0#gone"),
            migration("0002_squashed", None, "0002", "0003"),
            migration("0004", "2.0#gone"),
            migration("loop", "3.0#gone", "loop", "0005_deleted"),
        )
    }
    found = list(waiting(migration("0002_all", None, "0002_squashed", "0004", "loop"), files))
    assert [(each.step.release, each.said_by[1]) for each in found] == [
        ("1.0", "0002"),
        ("2.0", "0004"),
        ("3.0", "loop"),
    ]
    assert {str(each) for each in found} == {"shop.0002_all"}
