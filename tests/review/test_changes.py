"""Changes: what a review found, as data and in one line."""

from __future__ import annotations

from tests.comparing import BASE, reviewed


def test_what_came_and_went_is_not_told_as_changed() -> None:
    """Sections, parameters and texts are counted by what became of them, as steps are."""
    more = BASE + "\n\n## More\n- [ ] Look {#look}\n\n## Yet more\n- [ ] Look again {#again}"
    assert reviewed(BASE, more).to_json()["summary"] == "2 steps added, 2 sections added"
    assert "2 sections removed" in reviewed(more, BASE).to_json()["summary"]


def test_a_review_as_json_holds_what_changed() -> None:
    """One shape: the sides' names, a summary, and each change with its edits and risks."""
    found = reviewed(BASE, BASE.replace(" evidence=link", "")).to_json()
    assert found["summary"] == "1 step changed; 1 change makes this release riskier"
    assert found["changes"] == [
        {
            "subject": "step",
            "kind": "changed",
            "id": "dashboard",
            "title": "Add the dashboard",
            "section": "Tell people",
            "attributes": "",
            "text": "",
            "risks": ["evidence"],
            "edits": [{"name": "evidence", "old": "link", "new": None, "risk": "evidence"}],
        }
    ]
