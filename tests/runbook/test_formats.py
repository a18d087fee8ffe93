"""Formats: a change of one raises the version, and what is newer says what it needs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbrunbook import __version__
from nbrunbook.documents import notebook
from nbrunbook.errors import NbrunbookError
from nbrunbook.journal.postgres import Postgres
from nbrunbook.journal.sqlite import Sqlite
from nbrunbook.project import configuration
from nbrunbook.record import verify
from nbrunbook.runbook import events, formats, metadata, plan, plan_json
from tests.conftest import PARAMETERS, MakeRunbook, Workplace
from tests.making import plan_of, raw_journal, registered, session_on
from tests.template.conftest import BATCH

AUTOMATED = "@check('a')\ndef look(): ..."
KNOWN = {"0.2.0": "0556380f", "0.3.0": "41915940", "0.4.0": "f647a5e5", "0.5.0": "a5150989"}
"""By version the beginning of the sha256 of all that is written down: a change of it needs another version here."""


def _formats() -> str:
    made, automated = plan_of("- [ ] A {#a}").to_json(), plan_of("- [ ] A {#a}", code=AUTOMATED).to_json()
    batched = plan_of("- [ ] A {#a}", code=BATCH).to_json()
    does = batched["steps"][0]["automation"]
    latest = {"schema": automated["schema"], "keys": sorted(automated), "step": sorted(automated["steps"][0])}
    return events.digest(
        events.canonical(
            {
                "event": sorted(events.KEYS),
                "kinds": sorted(events.KINDS),
                "metadata": metadata.SCHEMA,
                "plan": {"schema": plan.SCHEMA, "keys": sorted(made), "step": sorted(made["steps"][0])},
                "automated": {**latest, "automation": sorted(automated["steps"][0]["automation"])},
                "batch": {"schema": batched["schema"], "automation": sorted(does), "batch": sorted(does["batch"])},
                "record": verify.FORMAT,
                "schemas": [Sqlite.schema, Postgres.schema],
                "settings": sorted(configuration.KEYS),
            }
        )
    )


def test_a_change_of_a_format_raises_the_version() -> None:
    """Who changes what is written down gives it a version of its own, and an entry here."""
    assert _formats().startswith(KNOWN[__version__]), _formats()


def test_what_needs_another_version_says_which() -> None:
    """As far as it is said; whoever wrote it may be anybody."""
    assert formats.needs({"needs": "9.1"}) == f"it needs nbrunbook 9.1 or newer, and this is {__version__}"
    assert formats.needs({"version": "9.1"}) == formats.needs({"needs": "9.1"})
    for facts in ({}, {"version": __version__}, {"needs": 5}, None, []):
        assert formats.needs(facts) == f"it needs a newer nbrunbook, and this is {__version__}"
    assert len(formats.needs({"needs": "9" * 999})) < 200


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("change", [{"kind": "confirmed"}, {"mood": "good"}])
def test_an_event_of_another_version_is_told(work: Workplace, engine: str, change: dict[str, str]) -> None:
    """With what it needs, by every reader of the journal."""
    (opened,) = session_on(registered("- [ ] A {#a .optional}")).events
    with raw_journal(without="event") as raw:
        body = events.canonical({**json.loads(opened.body()), **change})
        raw.execute("UPDATE event SET body = ?", (body,))
    with raw_journal(without="event_data") as raw:
        raw.execute("UPDATE event_data SET data = ?", (json.dumps({"needs": "9.1"}),))
    for verb in (["status", "staging/1.0"], ["journal", "staging/1.0"], ["tick", "staging/1.0", "a"]):
        assert work.run(*verb) == 1
        assert "it needs nbrunbook 9.1 or newer" in work.err or "a newer nbrunbook" in work.err, work.err
        assert "Traceback" not in work.err


@pytest.mark.parametrize("kind", ["closed"])
def test_an_event_of_a_kind_that_came_later_says_what_it_needs(
    work: Workplace, engine: str, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Whoever does not know it yet is told, and the journal is not called broken."""
    session = session_on(registered("- [ ] A {#a}\n## If so {.if-needed #if}\n- [ ] B {#b}"))
    session.open_section("if")
    assert session.close_section("if").kind == kind
    monkeypatch.setattr(events, "KINDS", tuple(set(events.KINDS) - {kind}))
    monkeypatch.setattr(formats, "__version__", "0.2.0")
    assert work.run("status", "staging/1.0") == 1
    assert f"it needs nbrunbook {events.NEEDS[kind]} or newer, and this is 0.2.0" in work.err


@pytest.mark.parametrize("change", [{"schema": 9}, {"mood": "good"}])
def test_a_plan_of_another_version_is_told(change: dict[str, object]) -> None:
    """Before anything of it is believed."""
    facts = {**plan_of("- [ ] A {#a}").to_json(), **change, "needs": "9.1"}
    with pytest.raises(NbrunbookError, match=r"it needs nbrunbook 9\.1 or newer"):
        plan_json.plan_from_json(facts)


def test_a_plan_with_automated_steps_says_what_it_needs() -> None:
    """An nbrunbook that knows the first format alone reads no further than that."""
    facts = plan_of("- [ ] A {#a}", code=AUTOMATED).to_json()
    assert (facts["schema"], formats.needs(facts)) == (
        2,
        f"it needs nbrunbook 0.4.0 or newer, and this is {__version__}",
    )
    assert facts["needs"] == plan.NEEDS[plan.WITH_CODE] == "0.4.0"
    assert plan_of("- [ ] A {#a}", code="import os").body == plan_of("- [ ] A {#a}").body


@pytest.mark.on("sqlite")
def test_a_program_of_before_says_what_a_runbook_with_automated_steps_needs(
    work: Workplace, engine: str, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In every verb that reads it, without a traceback; runbooks that use nothing new are worked on as before."""
    key = runbook("- [ ] A {#a}", code=AUTOMATED, parameters=f"from nbrunbook import check\n{PARAMETERS}")
    other = runbook("- [ ] A {#a}", name="0.9")
    monkeypatch.setattr(plan_json, "KEYS", {plan.SCHEMA: plan_json.FIRST})
    monkeypatch.setattr(formats, "__version__", "0.3.0")
    said = ["--reason", "x"]
    for verb in (["status", key], ["tick", key, "a"], ["skip", key, "a", *said], ["note", key, "x"], ["journal", key],
                 ["sign-off", key], ["abandon", key, *said], ["revise", key, "--dry-run"], ["export", key],
                 ["redact", key, "1", *said], ["diff", f"runbooks/{key}.ipynb"], ["work", key]):  # fmt: skip
        assert work.run(*verb) == 1, verb
        assert "it needs nbrunbook 0.4.0 or newer, and this is 0.3.0" in work.err, verb
    assert work.run("tick", other, "a") == work.run("status", other) == work.run("verify", "--all") == 0, work.err


@pytest.mark.parametrize("change", [{"kind": "poll"}, {"choices": ["a"]}])
def test_a_step_of_another_version_is_told(change: dict[str, object]) -> None:
    """A kind, or an attribute, that came later."""
    facts = plan_of("- [ ] A {#a}").to_json()
    facts["steps"][0] |= change
    with pytest.raises(NbrunbookError, match=r"a step .*; it needs nbrunbook 9\.1 or newer"):
        plan_json.plan_from_json({**facts, "schema": 2, "code": [], "needs": "9.1"})


def test_a_runbook_s_file_of_another_version_is_told(work: Workplace, runbook: MakeRunbook) -> None:
    """Its metadata says which wrote it."""
    runbook("- [ ] A {#a}")
    path = Path("runbooks/staging/1.0.ipynb")
    document = json.loads(path.read_bytes())
    document["metadata"]["nbrunbook"] |= {"schema": 9, "version": "9.1"}
    with pytest.raises(NbrunbookError, match=r"a runbook of format 9; .* it needs nbrunbook 9\.1 or newer"):
        metadata.read_runbook(notebook.dump(document), path)


def test_a_record_of_another_version_is_told() -> None:
    """Its page says which wrote it."""
    facts = json.dumps({"format": 9, "version": "9.1"})
    page = f'<pre id="nbrunbook-journal" data-x="nbrunbook-journal">{facts}</pre>'
    with pytest.raises(NbrunbookError, match=r"a page of format 9; .* it needs nbrunbook 9\.1 or newer"):
        verify.embedded(page.encode())
