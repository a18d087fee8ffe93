"""Plans: pure data that reads back, fills and links."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.runbook.plan_json import plan_from_json
from tests.making import kinds


def test_a_plan_reads_back() -> None:
    """Plan, JSON, plan: it is the same one, with the same digest."""
    made = kinds("# A {.gate owner=o}\n- [ ] a {#a as=b evidence=c wait=1h after=d}\n  - [ ] d {#d when=x}", "[r]: /a")
    again = plan_from_json(json.loads(made.body))
    assert (again, again.digest) == (made, made.digest)


@pytest.mark.parametrize("change", [{"schema": 99}, {"steps": [{"id": "a"}]}, {"sections": None}, {"parameters": [{}]}])
def test_a_damaged_plan_is_an_expected_error(change: dict[str, Any]) -> None:
    """A plan of another format, or one that lacks something, is an expected error."""
    facts = {**json.loads(kinds("- [ ] a {#a}").body), **change}
    with pytest.raises(NbrunbookError, match=r"a plan of format 99|a damaged plan"):
        plan_from_json(facts)


def test_evidence_that_is_not_known_stays_a_name() -> None:
    """An `as` name stands as {{name}} in the plan, and is put in once the evidence is known."""
    made = kinds("- [ ] a {#a evidence=e as=link}\n- [ ] Mail {{link}} {#b}")
    assert made.by_id["b"].title == "Mail {{link}}"
    assert made.fill(str, {"link": "https://e.com"}).values["link"] == "https://e.com"


@pytest.mark.parametrize(
    ("target", "moved"),
    [
        ("docs/a.md", "../../templates/docs/a.md"),
        ("../README.md#top", "../../README.md#top"),
        ("docs/", "../../templates/docs/"),
        ("https://e.com/a", "https://e.com/a"),
        ("mailto:a@e.com", "mailto:a@e.com"),
        ("#here", "#here"),
        ("/root", "/root"),
        ("", ""),
        ("image.png", "data:image/png;base64,eA=="),
    ],
)
def test_relative_links_are_rewritten(target: str, moved: str) -> None:
    """A link that is relative to the template is rewritten for the runbook's folder; images are embedded."""
    made = kinds("- [ ] a {#a}")
    there = dataclasses.replace(made, base="templates", images={"image.png": "data:image/png;base64,eA=="})
    assert there.link_from("runbooks/production-eu")(target) == moved
