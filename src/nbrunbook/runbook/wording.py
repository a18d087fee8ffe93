"""Wordings: what a step asks of the one who does it, so that a revision knows whether it asks something else.

Its title and body as they are read, the evidence it asks for, whether it needs an approval or cannot be undone,
its sub-steps, and what its function does where the machine does it.
Who owns it, when it is due and where it stands change nothing of what was done.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence

from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.html import draw
from nbrunbook.documents.markdown.items import Item
from nbrunbook.documents.markdown.reading import read_markdown
from nbrunbook.runbook.events import canonical
from nbrunbook.runbook.plan import Plan, Step

MARKER = re.compile(r"^(?:(?:[-*+>]|\d{1,9}[.)])\s+)*(?:\[[ xX]\](?:\s+|$))?")
"""What stands in front of a step's title."""
CODE = re.compile(r"(<pre.*?</pre>)", re.DOTALL)
"""Where spaces and line breaks count."""


def of_plan(plan: Plan) -> Mapping[str, str]:
    """Return the wording of every step by its id: texts to compare, not to show."""
    fill = plan.fill(plan.link_from(""))
    texts: dict[str, str] = {}
    for section in plan.sections:
        texts.update(_texts(section.text, fill))
    return {step.id: _wording(plan, step, texts.get(step.id, step.title)) for step in plan.steps}


def _wording(plan: Plan, step: Step, text: str) -> str:
    below = [child.id for child in plan.children.get(step.id, ()) if child.applies is not False]
    asks = [flag for flag in ("approval", "irreversible") if flag in step.flags]
    does = [step.kind, step.automation.fingerprint] if step.automation else []
    return canonical([text, step.evidence or "", asks, below, *does])


def _texts(text: str, fill: Fill) -> dict[str, str]:
    """What is read of each step in a section's text, without its sub-steps."""
    if not text.strip():
        return {}
    document = read_markdown(text)
    lines = document.text.split("\n")
    return {item.id: _drawn(_own_lines(item, lines, document.items), item, fill) for item in document.items if item.id}


def _own_lines(item: Item, lines: Sequence[str], items: Sequence[Item]) -> list[str]:
    inside = {number for other in items if other.parent is item for number in range(other.line, other.end)}
    return [lines[number] for number in range(item.line, item.end) if number not in inside]


def _drawn(lines: Sequence[str], item: Item, fill: Fill) -> str:
    first, *rest = lines
    body = textwrap.dedent("\n".join(rest))
    text = f"{MARKER.sub('', first.lstrip())}\n{body}".replace(item.block, "", 1)
    parts = CODE.split(draw(text, fill))
    return "".join(part if part.startswith("<pre") else " ".join(part.split()) for part in parts)
