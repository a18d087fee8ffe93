"""Changes: what a review found, as data, and in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from nbrunbook.review import risks
from nbrunbook.texts import many

SUBJECTS = ("section", "step", "parameter", "code", "text", "image", "reach")


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One thing about a step, section, parameter or cell that is not as it was."""

    name: str
    """title, body, text, does, id, section, parent, order, behind, or the name of an attribute."""
    old: str | None
    """None where it was not there; empty for a flag."""
    new: str | None
    risk: str | None = None
    """A key of RISKS."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """All that changed about one thing."""

    subject: str
    """One of SUBJECTS."""
    kind: str
    """added, removed or changed."""
    id: str
    title: str
    where: str = ""
    """The title of a step's section."""
    block: str = ""
    """The attributes of what was added or removed, as they are written."""
    text: str = ""
    """The body or text of what was added or removed."""
    edits: tuple[Edit, ...] = ()
    own_risks: tuple[str, ...] = ()
    """Risks of adding or removing it."""

    @property
    def risks(self) -> tuple[str, ...]:
        """Keys of RISKS, the gravest first."""
        found = {*self.own_risks, *(edit.risk for edit in self.edits if edit.risk)}
        return tuple(risk for risk in risks.RISKS if risk in found)

    def edit(self, name: str) -> Edit | None:
        """Return the edit of one name, or None."""
        return next((edit for edit in self.edits if edit.name == name), None)


@dataclass(frozen=True, kw_only=True)
class Review:
    """What changed between two sides; riskier changes first, then in the order of the document."""

    old: str
    """What the old side is called."""
    new: str
    changes: tuple[Change, ...] = field(default=())

    @cached_property
    def riskier(self) -> tuple[Change, ...]:
        """The changes that make the release riskier."""
        return tuple(change for change in self.changes if change.risks)

    @property
    def others(self) -> tuple[Change, ...]:
        """The changes that do not."""
        return tuple(change for change in self.changes if not change.risks)

    def to_json(self) -> dict[str, Any]:
        """Return the review as `diff --format json` shows it."""
        return {
            "old": self.old,
            "new": self.new,
            "summary": summary([self]),
            "changes": [_facts(change) for change in self.changes],
        }


def _facts(change: Change) -> dict[str, Any]:
    return {
        "subject": change.subject,
        "kind": change.kind,
        "id": change.id,
        "title": change.title,
        "section": change.where,
        "attributes": change.block,
        "text": change.text,
        "risks": list(change.risks),
        "edits": [vars(edit) for edit in change.edits],
    }


def summary(reviews: Iterable[Review]) -> str:
    """Return one line such as: 2 steps added, 1 reworded; 1 change makes this release riskier."""
    changes = [change for review in reviews for change in review.changes]
    counts = Counter(what for change in changes if change.subject == "step" for what in _what(change))
    steps = [(counts[what], what) for what in WHAT if counts[what]]
    parts = [f"{number if at else many(number, 'step')} {what}" for at, (number, what) in enumerate(steps)]
    others = Counter((change.subject, change.kind) for change in changes if change.subject != "step")
    parts += [
        f"{many(others[each, kind], NOUNS[each])} {kind}" for each in NOUNS for kind in KINDS if others[each, kind]
    ]
    riskier = sum(bool(change.risks) for change in changes)
    if not parts:
        return "No step changed."
    if not riskier:
        return ", ".join(parts)
    return f"{', '.join(parts)}; {many(riskier, 'change')} make{'s' if riskier == 1 else ''} this release riskier"


WHAT = ("added", "removed", "moved", "reworded", "changed", "given a new id")
"""What can be counted of steps."""

KINDS = ("added", "removed", "changed")
"""What can become of anything else."""

NOUNS = {
    "section": "section",
    "parameter": "parameter",
    "code": "code cell",
    "text": "text",
    "image": "image",
    "reach": "reach",
}
PLACES = ("section", "parent", "order")
"""Names of edits that say that something moved."""


def _what(change: Change) -> set[str]:
    if change.kind != "changed":
        return {change.kind}
    named = {"title": "reworded", "body": "reworded", "id": "given a new id", **dict.fromkeys(PLACES, "moved")}
    found = {named.get(edit.name, "changed") for edit in change.edits if edit.name not in ("behind", "holds")}
    return found or {"changed"}
