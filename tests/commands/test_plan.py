"""nbrunbook plan."""

from __future__ import annotations

import json

from tests.conftest import PARAMETERS, Workplace
from tests.making import listing
from tests.template.conftest import BATCH

MARKDOWN = """## Tell people {owner=ops}
- [ ] Mail {#mail .approval}
- [ ] All: {#all .group}
  - [ ] Web {#web when="kind == 'major'"}
  - [ ] Board {#board evidence=link}
"""
DECLARE = f"{PARAMETERS}\nkind: str = 'minor'  # how big\n"


def test_a_plan_shows_steps_parameters_and_sections(work: Workplace) -> None:
    """Steps stand under their sections, with their attributes; parameters with type, value and comment."""
    assert work.run("plan", work.template(MARKDOWN, parameters=DECLARE), "-e", "staging") == 0
    for line in (
        "1.0 in staging",
        "  kind: str = minor   # how big",
        "Tell people  (tell-people)",
        "  [ ] Mail {#mail .approval owner=ops}",
        "    [/] Web",
        "2 steps, 0 findings",
    ):
        assert line in work.out


def test_a_plan_takes_values(work: Workplace) -> None:
    """Values from the command line decide what applies."""
    assert work.run("plan", work.template(MARKDOWN, parameters=DECLARE), "-p", "kind", "major") == 0
    assert "3 steps" in work.out


def test_a_plan_for_a_machine(work: Workplace) -> None:
    """--json gives release, parameters, steps and problems, and nothing else on stdout."""
    assert work.run("plan", work.template(MARKDOWN, parameters=DECLARE), "--json") == 0
    facts = json.loads(work.out)
    assert [step["id"] for step in facts["steps"]] == ["mail", "all", "web", "board"]
    assert facts["parameters"][-1] == {"name": "kind", "type": "str", "default": "minor", "help": "how big"}
    assert (facts["release"], facts["problems"]) == ("1.0", [])


def test_findings_are_shown(work: Workplace) -> None:
    """Advice is shown and does not stop; a finding that stops exits 1, and everything is shown all the same."""
    path = work.template("- [ ] Mail")
    assert work.run("plan", path) == 0
    assert "RB203" in work.out
    path = work.template("- [ ] Mail {#mail}\n- [ ] Board {#mail}")
    assert work.run("plan", path) == 1
    assert "RB103" in work.out
    assert "1 of the findings stops this template from" in work.err
    assert work.run("plan", path, "--json") == 1
    assert json.loads(work.out)["problems"][0]["id"] == "RB103"


def test_planning_writes_nothing(work: Workplace) -> None:
    """Nothing is run and nothing is written: no journal, no runbook."""
    path = work.template(MARKDOWN, parameters=DECLARE, code="open('effect', 'w')")
    before = listing(work.root)
    assert work.run("plan", path, "-e", "staging") == 0
    assert listing(work.root) == before


def test_a_secret_is_shown_by_its_name(work: Workplace) -> None:
    """Of a Secret only the name of its variable is shown."""
    declare = "from nbrunbook import Secret\ntoken: Secret = Secret('SHOP_TOKEN')\n"
    assert work.run("plan", work.template("- [ ] A {#a}", parameters=declare), "--json") == 0
    assert {"name": "token", "type": "Secret", "default": "SHOP_TOKEN", "help": ""} in json.loads(work.out)[
        "parameters"
    ]


def test_titles_cannot_steer_the_terminal(work: Workplace) -> None:
    """A title's control characters are shown as what they are."""
    assert work.run("plan", work.template("- [ ] \x1b[2JMail \u202e {#mail}")) == 0
    assert "␛[2JMail ⟨U+202E⟩" in work.out


def test_a_plan_needs_no_project(work: Workplace) -> None:
    """A template can be planned where there is no project."""
    path = work.template(MARKDOWN, parameters=DECLARE)
    (work.root / "pyproject.toml").unlink()
    assert work.run("plan", path, "-e", "staging") == 0


def test_the_plan_s_json_is_what_the_design_says(work: Workplace) -> None:
    """`plan --json` shows release, parameters, steps and problems."""
    path = work.template("# A\n- [ ] a {{release}} {#a as=x evidence=e}", name="2.10")
    assert work.run("plan", path, "--json") == 0
    facts = json.loads(work.out)
    assert (facts["release"], facts["steps"][0]["title"], facts["steps"][0]["as"]) == ("2.10", "a 2.10", "x")
    assert facts["problems"] == []


def test_a_plan_writes_nothing(work: Workplace) -> None:
    """Planning runs nothing and writes nothing."""
    path = work.template("- [ ] a {#a}", code="open('ran', 'w')")
    before = sorted(work.root.rglob("*"))
    assert work.run("plan", path, "-e", "staging") == 0
    assert sorted(work.root.rglob("*")) == before


def test_headings_are_shown_with_values(work: Workplace) -> None:
    """`plan` and `status` show a section's title as the runbook does; the plan keeps it as written."""
    path = work.template("## Sec {{release}} {#sec}\n- [ ] A {#a}")
    assert work.run("plan", path, "-e", "staging") == 0
    assert "\nSec 1.0  (sec)" in work.out
    assert work.run("instantiate", path, "-e", "staging") == 0
    for more in ([], ["--full"]):
        assert work.run("status", "staging/1.0", *more) == 0
        assert "\nSec 1.0\n" in work.out


def test_a_batch_is_shown_with_where_it_goes(work: Workplace) -> None:
    """Its variable, its databases and what else its author says."""
    work.template("- [ ] A {#a}", code=BATCH.replace("['eu']", "['eu', 'us'], on_error='quarantine'"))
    assert work.run("plan", "1.0") == 0, work.err
    assert '[ ] A {#a}  batch: fill databases="eu, us" on_error=quarantine\n' in work.out


def test_an_automated_step_is_shown_with_what_does_it(work: Workplace) -> None:
    """Its kind, its function and how that is run stand behind it, in JSON too."""
    code = "@check('a', attempts=3, every='30s', timeout='5m')\ndef look(): ...\n@action('b')\ndef go(): ..."
    work.template("- [ ] A {#a}\n- [ ] B {#b}\n- [ ] C {#c}", code=code)
    assert work.run("plan", "1.0", "-e", "staging") == 0, work.err
    assert "[ ] A {#a}  check: look() attempts=3 every=30s timeout=5m\n" in work.out
    assert "[ ] B {#b}  action: go()\n" in work.out
    assert "[ ] C {#c}\n" in work.out
    assert work.run("plan", "1.0", "-e", "staging", "--json") == 0
    first, _, last = json.loads(work.out)["steps"]
    said = {name: value for name, value in first["automation"].items() if name != "fingerprint"}
    assert said == {"function": "look", "attempts": 3, "every_seconds": 30, "timeout_seconds": 300}
    assert (first["kind"], last["kind"], "automation" in last) == ("check", "manual", False)
