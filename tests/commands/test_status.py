"""nbrunbook status."""

from __future__ import annotations

import json
from collections import defaultdict
from threading import get_ident
from typing import Any

import pytest

from nbrunbook.commands import run
from nbrunbook.journal.entries import RunbookRow
from nbrunbook.journal.journal import Journal
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.html import section_html
from nbrunbook.runbook.plain import section_text
from tests.conftest import MakeRunbook, Workplace
from tests.making import AT, HOSTILE, clock, registered, rows, session_on
from tests.terminals import on_terminal

MARKDOWN = "## Tell\n- [ ] Mail {#mail}\n- [ ] Board {#board}\n- [ ] Extra {#extra .optional}"


@pytest.fixture
def key(work: Workplace) -> str:
    """A runbook of three steps, one of them optional."""
    return registered(MARKDOWN)


def test_all_runbooks_are_listed(work: Workplace, key: str) -> None:
    """Without a key every runbook has one line: how far it is, and its state."""
    registered(MARKDOWN, key="staging/1.1")
    assert work.run("tick", key, "mail") == work.run("abandon", "staging/1.1", "--reason", "x") == 0
    assert work.run("status") == 0
    first, second = work.out.splitlines()
    assert first == "staging/1.0  1 of 3 done  open"
    assert second.startswith("staging/1.1  abandoned by ana (declared), ")


def test_one_runbook_is_shown_step_by_step(work: Workplace, key: str) -> None:
    """With a key every step has a line, with what the journal says of it below."""
    assert work.run("tick", key, "mail") == 0
    assert work.run("note", key, "ben takes over") == 0
    assert work.run("status", key) == 0
    for line in ("staging/1.0  1 of 3 done  open", "handover: ben takes over — ana (declared)", "[ ] Board  (board)"):
        assert line in work.out
    assert "[x] Mail  (mail)\n    done by ana (declared), " in work.out


def test_the_check_fails_while_something_required_is_open(work: Workplace, key: str) -> None:
    """--check exits 1 while something required is open, and 0 when only optional steps are."""
    assert work.run("status", key) == 0
    assert work.run("status", key, "--check") == work.run("status", "--check") == 1
    assert work.run("tick", key, "mail", "board") == 0
    assert work.run("status", key, "--check") == work.run("status", "--check") == 0


def test_the_check_looks_at_all_runbooks(work: Workplace, key: str) -> None:
    """One open runbook is enough for --check without a key to fail; another key's own check does not care."""
    registered("- [ ] A {#a .optional}", key="production/1.0")
    assert work.run("status", "--check") == 1
    assert work.run("status", "production/1.0", "--check") == 0


def test_the_status_for_a_machine(work: Workplace, key: str) -> None:
    """--json tells state, counts and every step with who settled it and how that is known."""
    assert work.run("skip", key, "mail", "--reason", "no") == 0
    assert work.run("status", key, "--json") == 0
    (found,) = json.loads(work.out)["runbooks"]
    assert (found["runbook"], found["state"], found["settled"], found["total"]) == (key, "open", 1, 3)
    first, second, _ = found["steps"]
    assert (first["id"], first["status"], first["by"], first["known"]) == ("mail", "skipped", "ana", "declared")
    assert (second["status"], second["by"], second["at"]) == ("open", None, None)


def test_looking_writes_nothing(work: Workplace, key: str) -> None:
    """Looking changes nothing in the journal."""
    before = rows()
    for command in (["status"], ["status", key], ["status", key, "--json"], ["journal", key]):
        assert run(command) == 0
    assert rows() == before


def test_a_key_that_is_no_text_is_unknown(work: Workplace, runbook: MakeRunbook) -> None:
    """A key with bytes that are no UTF-8 is told as unknown, like any other."""
    runbook("## A\n- [ ] a {#a}")
    assert work.run("status", "a\udcff") == 1
    assert "no runbook" in work.err


# Several


GROUPS = """[project]
name = "shop"
[tool.nbrunbook.owners]
ops = ["ana"]
[tool.nbrunbook.environments.staging]
[tool.nbrunbook.environments.production-eu]
group = "production"
[tool.nbrunbook.environments.production-us]
group = "production"
"""


@pytest.fixture
def region(work: Workplace) -> Workplace:
    """Release 1.0 in three environments: signed off in one, overdue in one, open in one."""
    (work.root / "pyproject.toml").write_text(GROUPS, encoding="utf-8")
    for each in ("staging", "production-us"):
        registered("- [ ] A {#a owner=web}\n- [ ] B {#b .optional}", key=f"{each}/1.0")
    registered("- [ ] A {#a due=0m owner=ops}\n- [ ] B {#b after=a}", key="production-eu/1.0")
    assert work.run("tick", "staging/1.0", "a") == work.run("sign-off", "staging/1.0") == 0
    return work


def test_a_group_s_check_looks_at_the_runbooks_that_count(region: Workplace) -> None:
    """Not at one that was abandoned, where there is a second one of the same release."""
    assert region.run("tick", "production-eu/1.0", "a", "b") == 0
    assert region.run("abandon", "production-us/1.0", "--reason", "wrong") == 0
    registered("- [ ] A {#a}", key="production-us/1.0@2")
    assert region.run("status", "production/1.0", "--check") == 1
    assert "production-us/1.0@2  0 of 1 done  open" in region.out
    assert "abandoned" not in region.out
    assert region.run("status", "production/1.0", "--check", "--json") == 1
    found = json.loads(region.out)["runbooks"]
    assert [each["runbook"] for each in found] == ["production-eu/1.0", "production-us/1.0@2"]


def test_releases_stand_by_environments(region: Workplace) -> None:
    """With several environments there is a matrix, and below it what is open."""
    assert region.run("status") == 0
    heads, names, row, empty, *table = region.out.splitlines()
    assert heads.split() == ["production"]
    assert names.split() == ["staging", "production-eu", "production-us"]
    day = session_on("staging/1.0").events[-1].at
    assert row.split() == ["1.0", "✓", str(day.day), f"{day:%b}", "0/2", "overdue!", "0/2"]
    assert (names.index("production-eu"), names.index("production-us")) == (row.index("0/2"), row.rindex("0/2"))
    assert heads.index("production") == names.index("production-eu")
    assert empty == ""
    assert table == ["production-us/1.0  0 of 2 done  open", "production-eu/1.0  0 of 2 done  open  1 overdue"]


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        (["--open"], ["production-us", "production-eu"]),
        (["--overdue"], ["production-eu"]),
        (["--owner", "web"], ["production-us"]),
        (["--owner", "ana"], ["production-eu"]),
        (["--owner", "eve"], []),
        (["-e", "production"], ["production-us", "production-eu"]),
        (["-e", "staging"], ["staging"]),
        (["--release", "1.0", "-e", "production-us"], ["production-us"]),
        (["--release", "1.1"], []),
    ],
)
def test_only_what_was_asked_for_is_shown(region: Workplace, asked: list[str], keys: list[str]) -> None:
    """A filter holds for what people read, for machines, and for --check."""
    assert region.run("status", *asked, "--json") == 0
    assert [each["environment"] for each in json.loads(region.out)["runbooks"]] == keys
    assert region.run("status", *asked) == 0
    assert [line.split("/")[0] for line in region.out.splitlines() if "/1.0 " in line] == keys
    assert region.run("status", *asked, "--check") == int(bool({"production-us", "production-eu"} & set(keys)))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--open", "--release", "1.1"], "no runbook is open\n"),
        (["--overdue", "-e", "staging"], "no runbook is overdue\n"),
        (["--owner", "eve"], "no runbook is open with a step for eve\n"),
    ],
)
def test_what_is_not_there_is_told_as_it_was_asked(region: Workplace, asked: list[str], told: str) -> None:
    """Where nothing is overdue it is not said that nothing is open."""
    assert region.run("status", *asked) == 0
    assert region.out == ""
    assert region.err.startswith(told)


@pytest.mark.on("sqlite")
def test_it_says_where_the_journal_is(region: Workplace, engine: str) -> None:
    """And who reaches it; not where a machine reads it."""
    assert region.run("status") == 0
    assert region.err.splitlines()[-1] == "journal: .nbrunbook/journal.db (only on this computer)"


def test_a_machine_is_told_what_is_late_and_whose_it_is(region: Workplace) -> None:
    """--json names what is overdue, what waits, and whose the open steps are."""
    assert region.run("status", "production-eu/1.0", "--json") == 0
    (found,) = json.loads(region.out)["runbooks"]
    assert (found["overdue"], found["waiting"], found["owners"]) == (["a"], ["b"], ["ops"])


def test_a_group_in_a_key_is_all_its_environments(region: Workplace) -> None:
    """A key with a group's name shows the release in all its environments, and says where it has no runbook."""
    assert region.run("status", "production/1.0") == 0
    assert [line for line in region.out.splitlines() if "/1.0" in line] == [
        "production-eu/1.0  0 of 2 done  open",
        "production-us/1.0  0 of 2 done  open",
    ]
    registered("- [ ] A {#a}", key="production-us/1.1")
    assert region.run("status", "production/1.1", "--check") == 1
    assert region.err.splitlines()[0] == "production-eu has no runbook 1.1"


def test_other_verbs_ask_which_one(region: Workplace) -> None:
    """A group's key is refused where one runbook is meant, and those of the group are listed."""
    for verb in (["tick", "production/1.0", "a"], ["verify", "production/1.0"], ["status", "production/9"]):
        assert region.run(*verb) == 1
        assert "production is a group of environments" in region.err
    assert region.run("journal", "production/1.0") == 1
    assert "production-us/1.0, production-eu/1.0" in region.err


def test_a_key_and_a_filter_are_too_much(region: Workplace) -> None:
    """With a key there is nothing left to choose."""
    assert region.run("status", "staging/1.0", "--open") == 2


def test_what_is_open_costs_only_what_is_open(region: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --json the events of a closed runbook are not read: the one that closed it says enough."""
    read: dict[int, list[str]] = defaultdict(list)  # by thread: another test's session may still follow its journal
    plain = Journal.events

    def events(self: Journal, row: RunbookRow, **more: Any) -> list[Event]:
        read[get_ident()].append(row.key)
        return plain(self, row, **more)

    monkeypatch.setattr(Journal, "events", events)
    assert region.run("status") == region.run("status", "--open") == 0
    assert set(read[get_ident()]) == {"production-us/1.0", "production-eu/1.0"}


def test_a_terminal_gets_bars(region: Workplace) -> None:
    """On a terminal there are bars and colours, aligned, and no line of words wider; NO_COLOR leaves colours out."""
    drawn = on_terminal(region.root, "status", columns=100)
    assert "░░░░░░░░░░ 0/2" in drawn
    assert "\x1b[31m\x1b[1m1 overdue" in drawn
    plain = on_terminal(region.root, "status", columns=100, NO_COLOR="1")
    assert "\x1b" not in plain
    assert [line.index("░") for line in plain.splitlines() if "░" in line] == [19, 19]
    narrow = on_terminal(region.root, "status", NO_COLOR="1", columns=40)
    _, place = narrow.split("journal:")
    assert max(len(line) for line in narrow.removesuffix(place).splitlines()) <= 40
    assert all(len(line) <= 40 or len(line.split()) == 1 for line in place.splitlines())  # an address is copied whole


def test_a_runbook_cannot_steer_the_terminal(work: Workplace) -> None:
    """What an operator wrote is shown as what it is, also among colours of ours."""
    registered(MARKDOWN)
    registered(MARKDOWN, key="staging/1.1")
    assert work.run("abandon", "staging/1.1", "--reason", "\x1b[2Jgone\nforged/1.0  9 of 9 done") == 0
    assert work.run("status", "staging/1.1") == 0
    assert "\x1b" not in work.out
    assert "\nforged" not in work.out
    assert "\x1b[2J" not in on_terminal(work.root, "status")
    assert len(on_terminal(work.root, "status", NO_COLOR="1").splitlines()) == 3


def test_a_revision_that_waits_is_said_in_the_table(work: Workplace, runbook: MakeRunbook) -> None:
    """Where the template changed since, the table of all says so, until it is revised."""
    key = runbook("- [ ] A {#a}")
    assert work.run("status") == 0
    assert "revision" not in work.out
    work.template("- [ ] A {#a}\n- [ ] B {#b}")
    assert work.run("status") == 0
    assert work.out.strip() == "staging/1.0  0 of 1 done  open  a revision waits"
    assert work.run("revise", key, "--yes") == work.run("status") == 0, work.err
    assert "a revision waits" not in work.out


def test_a_title_reads_as_it_is_written(runbook: MakeRunbook, work: Workplace) -> None:
    """A <version> that no browser knows is text in a plan, on a terminal, in a panel and in a list, never live."""
    key = runbook("## Steps <x>\n- [ ] Tag <version> & push {#tag}")
    for shown in (("plan", "templates/1.0.ipynb"), ("status", key)):
        assert work.run(*shown) == 0
        assert "Tag <version> & push" in work.out
        assert "Steps <x>" in work.out
    assert work.run("export", key) == 0
    assert "Steps \\<x>" in work.out  # a forge would take it for a tag
    progress = session_on().progress
    assert "Tag &lt;version&gt; &amp; push" in section_html(progress, "steps", str, now=AT)
    assert "Tag <version> & push" in section_text(progress, "steps", clock())


FULL = """## Tell people
Some prose.
- [ ] Mail [support](https://x.example) {#mail}
  ```sh
  send --to support \\
      --now
  ```
"""


def test_what_is_to_be_done_is_shown_in_full(work: Workplace, runbook: MakeRunbook) -> None:
    """In place under each step, code to the letter; cells of code are told of, and nothing of it without --full."""
    key = runbook(FULL, code="x = 1")
    assert work.run("status", key) == 0
    assert "send" not in work.out
    assert work.run("status", key, "--full") == 0
    assert work.out == (
        "staging/1.0  0 of 1 done  open\n\nTell people\n\nSome prose.\n\n"
        "[ ] Mail support <https://x.example>  (mail)\n\n```sh\nsend --to support \\\n    --now\n```\n"
    )
    assert "1 cell of code left out: 'nbrunbook work staging/1.0' shows them" in work.err


def test_a_machine_gets_it_in_markdown(work: Workplace, runbook: MakeRunbook) -> None:
    """What stands under each step, and the sections with their steps' ids."""
    key = runbook(FULL)
    assert work.run("status", key, "--full", "--json") == 0
    (found,) = json.loads(work.out)["runbooks"]
    assert found["steps"][0]["body"] == "```sh\nsend --to support \\\n    --now\n```"
    assert found["sections"][0]["text"].startswith("Some prose.\n- [ ] Mail [support](https://x.example) {#mail}")
    assert work.run("status", key, "--json") == 0
    assert not {"sections", "body"} & (json.loads(work.out)["runbooks"][0].keys() | found["steps"][0].keys() - {"body"})


def test_full_is_about_runbooks_that_are_named(work: Workplace) -> None:
    """All of all of them nobody reads."""
    assert work.run("status", "--full") == 2
    assert "give its KEY" in work.err


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_of_an_author_s_steers_the_terminal(work: Workplace, runbook: MakeRunbook, text: str) -> None:
    """Not in prose, titles, bodies, code or what was typed."""
    key = runbook(f"# T\n{text}\n\n## A\n{text}\n- [ ] a {text} {{#a}}\n\n  {text}\n\n  ```\n  {text}\n  ```")
    assert work.run("note", key, text, "--step", session_on(key).plan.steps[0].id) == 0, work.err
    assert work.run("status", key, "--full") == 0
    assert not {"\x1b", "\u202e", "\r"} & set(work.out)
