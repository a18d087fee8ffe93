"""Whether the code that a record shows is what its plans name."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.record import verify
from nbrunbook.runbook.program import named
from tests.making import fault_of, session_on
from tests.record.test_runs import CODE, Session, ana, finished, ran
from tests.record.test_verify import _forge, _with_facts

__all__ = ["ana"]


@pytest.fixture
def sealed(ana: Session) -> Path:
    """The record of a runbook whose check ran."""
    ran(ana, "passed")
    return finished(ana)


def test_shown_code_that_was_edited_is_found(sealed: Path) -> None:
    """Who edits what the page shows as run, and recomputes its digest, is found by the page itself."""
    _forge(sealed, "LIMIT = 3  # shards\n⋮", "LIMIT = 4  # shards\n⋮")
    assert f"the page shows other code than lines 1, 5-7 of {named(CODE)[:12]}…" in fault_of(sealed)


def test_other_lines_are_found(sealed: Path) -> None:
    """Nor may it say that they are others."""
    _forge(sealed, 'data-lines="1, 5-7"', 'data-lines="1, 5-6"')
    assert "the page shows other code than lines 1, 5-6" in fault_of(sealed)


def _edit(facts: dict[str, Any]) -> None:
    facts["code"][named(CODE)] = CODE.replace("3", "4")


def _swap(facts: dict[str, Any]) -> None:
    facts["code"][named("other")] = "other"


def _plan(facts: dict[str, Any]) -> None:
    next(iter(facts["plans"].values()))["code"] = [named("other")]


FORGERIES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "edited code": (_edit, "in the page is not the one that its plan names"),
    "other code": (_swap, "no plan in the page names the code"),
    "code left out": (lambda facts: facts["code"].pop(named(CODE)), "nothing says that it was redacted"),
    "an edited plan": (_plan, "in the page was edited"),
    "no plans": (lambda facts: facts["plans"].clear(), "that its events name is not in the page"),
    "a plan too many": (lambda facts: facts["plans"].update({"0" * 64: {}}), "no event names the plan"),
    "no code": (lambda facts: facts.pop("code"), "the code in the page cannot be read"),
    "plans of another kind": (lambda facts: facts.update(plans=[7]), "cannot be read"),
}


@pytest.mark.parametrize(("change", "words"), FORGERIES.values(), ids=FORGERIES)
def test_a_forged_plan_or_code_is_found(sealed: Path, change: Callable[[dict[str, Any]], object], words: str) -> None:
    """In the page itself, without SHA256SUMS and without the journal."""
    _with_facts(sealed, change)
    assert words in fault_of(sealed)
    assert verify.verify(sealed).held_against == ("itself",)


def test_code_that_was_redacted_since_is_told(sealed: Path) -> None:
    """The page still holds; it is said that it shows what the journal no longer does."""
    session_on().redact(named(CODE), "a password")
    verdict = verify.verify(sealed)
    assert verdict.fault is None
    still = "redacted after this page was written, which still shows it"
    assert verdict.remarks == (f"{still}: the code {named(CODE)[:12]}…",)


def test_code_that_is_said_to_be_gone_is_held_against_the_journal(sealed: Path) -> None:
    """Whoever takes code out of a page cannot say that another runbook's event did."""

    def without(facts: dict[str, Any]) -> None:
        del facts["code"][named(CODE)]
        facts["gone"] = {named(CODE): "redacted by event 2 of production/1.0"}

    _with_facts(sealed, without)
    text = sealed.read_text(encoding="utf-8")
    sealed.write_bytes(verify.seal(re.sub(r'<pre [^<>]*data-code="[^<]*</pre>', "", text).encode()))
    (sealed.parents[1] / verify.SUMS).unlink()
    assert "is gone, and the journal holds it" in fault_of(sealed)
