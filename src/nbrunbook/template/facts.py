"""Facts of a template and its plan, as JSON."""

from __future__ import annotations

from typing import Any

from nbrunbook.runbook.parameters import Secret
from nbrunbook.runbook.plan import Plan
from nbrunbook.template.template import Template


def plan_facts(template: Template, made: Plan) -> dict[str, Any]:
    """Return a template and its plan as JSON."""
    return {
        "release": made.release,
        "parameters": [
            {
                "name": each.name,
                "type": each.type.name,
                "default": None if each.required else _shown(each.default),
                "help": each.help,
            }
            for each in template.parameters
        ],
        "steps": [step.to_json() for step in made.steps],
        "problems": [
            {
                "id": each.id,
                "message": f"{each.message}{f' ({each.hint})' if each.hint else ''}",
                "cell": each.cell,
                "line": each.line,
            }
            for each in template.problems
        ],
    }


def _shown(default: Any) -> Any:
    return default.name if isinstance(default, Secret) else default
