"""Facts: a template and its plan as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from nbrunbook.runbook.parameters import bind_values
from nbrunbook.template import planning
from nbrunbook.template.facts import plan_facts
from tests.conftest import PARAMETERS
from tests.template.conftest import template_of

DECLARE = f"from nbrunbook import Secret\n{PARAMETERS}\ntoken: Secret = Secret('SHOP_TOKEN')\ncount: int  # how many"


def test_a_parameter_says_its_type_default_and_help(tmp_path: Path) -> None:
    """A secret's default is the name of its variable, and what has to be given has no default."""
    template = template_of(tmp_path, "- [ ] A {#a}", parameters=DECLARE)
    values = bind_values(list(template.parameters), {}, {"count": "2", "token": "OTHER"})
    found = plan_facts(template, planning.make(template, values))
    assert found["parameters"][2:] == [
        {"name": "token", "type": "Secret", "default": "SHOP_TOKEN", "help": ""},
        {"name": "count", "type": "int", "default": None, "help": "how many"},
    ]
    assert json.loads(json.dumps(found)) == found


def test_a_finding_says_where_it_is_and_what_to_do(tmp_path: Path) -> None:
    """Message and hint are one text, beside the cell and the line."""
    template = template_of(tmp_path, "- [ ] Mail all {#a}\n- [ ] Call")
    values = bind_values(list(template.parameters), {}, {})
    (found,) = plan_facts(template, planning.make(template, values))["problems"]
    assert (found["id"], found["cell"], found["line"]) == ("RB203", 2, 2)
    assert found["message"].startswith("the id of 'Call' is not pinned (write {#call} behind its title")
