"""What panels show: JSON for a page that is live, HTML and plain text for one that is not."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest

from nbrunbook.errors import RefusedError
from nbrunbook.jupyter.live import Live
from nbrunbook.jupyter.views import Told, Views
from nbrunbook.project.operator import declared
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import words
from nbrunbook.work.archive import archive
from tests.conftest import Workplace
from tests.jupyter.conftest import Tab
from tests.making import event, plan_of, registered, run_git, session_on, with_event
from tests.running import DECLARED

TEMPLATE = {"name": "1.0", "parts": []}
TEXT = """## Tell {owner=ops}
- [ ] A {#a due=0m evidence="link" as=link}
- [ ] B {{link}} {#b after=a}
## Later
- [ ] C {#c .optional}
"""


def made(text: str = TEXT, key: str = "staging/1.0") -> Views:
    """Return what the panels of a new runbook show."""
    return Views(session_on(registered(text, key=key)), find_project())


def of(views: Views, role: str, section: str = "") -> dict[str, Any]:
    """Return what a panel shows, where nothing is told beside what the journal holds."""
    return views.view(role, section, Told())


def test_a_removed_section_says_so(work: Workplace) -> None:
    """Its panel stays where it is, without anything to click, in the saved notebook too."""
    live = Live(session_on(registered("## One\n- [ ] A {#a}\n## Two\n- [ ] B {#b}")), find_project())
    live.stop()
    panel = live.panel("checklist", "two")
    live.session.revise(plan_of("## One\n- [ ] A {#a}"), shown=live.session.plan, template=TEMPLATE)
    live.refresh()
    assert panel.view["steps"] == {}
    assert panel.view["about"] == [words.REMOVED]
    assert live.static("checklist", "two", panel.drawn)[1] == words.REMOVED


def test_a_section_of_which_nothing_applies_is_not_settled(work: Workplace) -> None:
    """It has nothing that could be done, so it says how many do not apply, and does not fold as one that is done."""
    never = "when=\"environment == 'nowhere'\""
    views = made(f"## Tell\n- [ ] A {{#a {never}}}\n## Do\n- [ ] B {{#b}}\n- [ ] C {{#c {never}}}")
    views.session.append("ticked", "b")
    assert [of(views, "checklist", section)["settled"] for section in ("tell", "do")] == [False, True]


def test_a_step_says_to_whom_it_belongs(tab: Tab) -> None:
    """The header knows whose steps there are, and a step for whom it is *mine*, whatever the case."""
    assert tab.header.view["owners"] == ["release manager"]
    assert tab.shown("a")["belongs_to"] == ["ana", "release manager"]
    assert tab.ask("take", "b", typed="Ben")["answer"] == "done"
    assert tab.shown("b")["belongs_to"] == ["ben"]


def test_a_step_that_was_settled_elsewhere_says_so(work: Workplace) -> None:
    """The browser is told, and offers no undo that the rules would refuse."""
    config = "".join(f'[tool.nbrunbook.environments.{each}]\ngroup = "production"\n' for each in ("eu", "us"))
    (work.root / "pyproject.toml").write_text(f'[project]\nname = "shop"\n{config}', encoding="utf-8")
    eu, us = (session_on(registered("- [ ] A {#a .once}", key=f"{each}/1.0")) for each in ("eu", "us"))
    eu.append("ticked", "a")
    us.refresh()
    live = Live(us, find_project())
    panel = live.panel("checklist", us.plan.sections[-1].id)
    step = panel.view["steps"]["a"]
    assert (step["status"], step["box"], [each["ask"] for each in step["offers"]]) == ("done", "", ["note"])
    assert step["held"] == "it was settled in eu/1.0, once for the whole group; undo it there"
    live.stop()


def test_a_header_says_which_runbook_it_is_and_how_far(work: Workplace) -> None:
    """Its key, how many steps are settled, what is late, and where to go on."""
    views = made()
    found = of(views, "header")
    assert (found["key"], found["release"], found["environment"]) == ("staging/1.0", "1.0", "staging")
    assert (found["settled"], found["total"], found["summary"]) == (0, 3, "0 of 3 done")
    following = {"id": "a", "title": "A", "waits": False, "owner": "ops", "belongs_to": ["ops"]}
    assert (found["overdue"], found["next"], found["owners"]) == ("“A”", following, ["ops"])
    views.session.append("ticked", "a", data={"evidence": "https://e.com"})
    found = of(views, "header")
    assert (found["settled"], found["overdue"], found["next"]["id"]) == (1, "", "b")


def test_a_header_says_what_the_steps_are_made_from(work: Workplace) -> None:
    """What was deployed only where somebody said so; what no commit holds is of the plan in force."""
    path = work.template("- [ ] A {#a}")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "One"]):
        run_git(work.root, *arguments)
    assert work.run("instantiate", path, "-e", "staging") == 0, work.err
    commit = run_git(work.root, "rev-parse", "HEAD")[:12]
    views = Views(session_on(), find_project())
    assert of(views, "header")["origin"] == {"Made from": f"commit {commit} by ana"}
    work.template("- [ ] B {#b}")
    assert work.run("revise", "staging/1.0", "--yes") == 0, work.err
    views.session.refresh()
    assert of(views, "header")["origin"]["Not committed"] == "templates/1.0.ipynb"
    assert "Not committed: templates/1.0.ipynb" in views.static("header", "", "", Told())[1]


@pytest.mark.parametrize(("environment", "red"), [("eu", True), ("demo", False), ("production-us", True)])
def test_a_header_knows_production(work: Workplace, environment: str, red: bool) -> None:
    """By the environment's name or its group's, for a live page and for a saved one."""
    config = "[tool.nbrunbook.environments]\neu = {group = 'production'}\ndemo = {}\nproduction-us = {}\n"
    (work.root / "pyproject.toml").write_text(f'[project]\nname = "shop"\n{config}', encoding="utf-8")
    views = made(key=f"{environment}/1.0")
    assert of(views, "header")["production"] is red
    assert ("nbr-production" in views.static("header", "", "", Told())[0]) is red


def test_a_header_says_where_its_journal_is(work: Workplace) -> None:
    """Who believes that others see a click has to know that nobody does; the path is that from the root."""
    assert of(made(), "header")["journal"] == ".nbrunbook/journal.db (only on this computer)"


@pytest.mark.parametrize("role", ["header", "checklist", "sign-off"])
def test_every_panel_says_that_the_journal_cannot_be_read(work: Workplace, role: str) -> None:
    """Whichever one is looked at: what it shows may be old."""
    told = Told(trouble="the journal does not answer")
    assert made().view(role, "tell" if role == "checklist" else "", told)["trouble"] == "the journal does not answer"


def test_a_section_shows_its_own_steps(work: Workplace) -> None:
    """What each waits for and asks for, and whether the section is settled, with the words of the rules."""
    views = made()
    found = of(views, "checklist", "tell")
    assert (list(found["steps"]), found["settled"], found["put_in"]) == (["a", "b"], False, {})
    assert found["steps"]["a"]["asks_for"] == "link"
    assert "A" in found["steps"]["b"]["waiting"]
    views.session.append("ticked", "a", data={"evidence": "https://e.com"})
    views.session.append("ticked", "b")
    found = of(views, "checklist", "tell")
    assert (found["settled"], found["steps"]["b"]["title"]) == (True, "B https://e.com")


def test_a_sign_off_lists_what_is_left(work: Workplace) -> None:
    """What is required keeps it from being signed off; each step comes with its section, to be gone to."""
    views = made("# One\n- [ ] A {#a}\n# Two\n- [ ] C {#c .optional}")
    found = of(views, "sign-off")
    assert found["lines"] == []
    assert found["left"] == [
        {
            "words": "Open before sign-off: 1",
            "steps": [{"id": "a", "title": "A", "section": "One", "late": False}],
            "more": 0,
        },
        {
            "words": "Optional and open: 1",
            "steps": [{"id": "c", "title": "C", "section": "Two", "late": False}],
            "more": 0,
        },
    ]
    assert "required" in found["offers"][0]["held"]
    views.session.append("ticked", "a")
    (line,) = of(views, "sign-off")["lines"]
    assert line.startswith("All that is required is settled")
    assert of(views, "sign-off")["offers"] == [
        {
            "ask": "sign-off",
            "words": "Sign off…",
            "question": "This closes staging/1.0: 1 of 2 done.\nOptional and open: C",
        }
    ]


def test_a_sign_off_ends_with_its_record(work: Workplace) -> None:
    """Once signed off the record can be written, once; then it is a link, while its file is there."""
    views = made("- [ ] C {#c .optional}")
    views.session.sign_off(None)
    found = of(views, "sign-off")
    assert (found["ended"], found["record"]) == ("Signed off by ana, 0 done, 1 left open", "")
    assert (found["lines"], found["left"]) == (["Optional and open: C"], [])
    assert [each["ask"] for each in found["offers"]] == ["archive"]
    record = archive(views.session, views.project).path
    for role in ("header", "sign-off"):
        found = of(views, role)
        assert found["record"] == "records/staging/1.0.html"
        assert found["record_link"] == "../../records/staging/1.0.html"
    assert found["offers"] == []
    record.unlink()
    assert (of(views, "header")["record"], of(views, "header")["record_link"]) == ("records/staging/1.0.html", "")


def test_only_a_record_among_the_records_is_a_link(work: Workplace) -> None:
    """Whoever writes the journal by hand must not have a click lead to another file."""
    views = made("- [ ] C {#c .optional}")
    views.session.sign_off(None)
    views.session.append("archived", data={"record": "../pyproject.toml"})
    assert of(views, "sign-off")["record_link"] == ""


def test_a_badge_goes_with_the_approval(work: Workplace) -> None:
    """What was asked for is drawn no more once it is there."""
    views = made("- [ ] A {#a .approval}", key="staging/2.0")
    assert "needs an approval" in views.drawn("steps")
    before = views.depends_on()
    views.session.append("approved", "a")
    assert views.depends_on() != before
    assert "needs an approval" not in views.drawn("steps")


def test_sections_are_drawn_anew_only_for_what_is_in_their_text(work: Workplace) -> None:
    """A tick is in the view; evidence, an added step and another plan are in the drawn text."""
    views = made()
    before = views.depends_on()
    views.session.append("ticked", "c")
    assert views.depends_on() == before
    views.session.append("ticked", "a", data={"evidence": "https://e.com"})
    given = views.depends_on()
    views.session.add("Look", after="c")
    added = views.depends_on()
    views.session.revise(plan_of("- [ ] A {#a}"), shown=views.session.plan, template=TEMPLATE)
    seen = [before, given, added, views.depends_on()]
    assert all(one != other for one, other in itertools.combinations(seen, 2))


def test_instants_are_marked_for_browsers_alone(work: Workplace) -> None:
    """What a page shows live holds marks that it tells in its own zone; what is saved, and every file, tells UTC."""
    steps = "- [ ] A {#a due=1h}\n- [ ] B {#b wait=1h}\n- [ ] C {#c .approval}"
    views = made(f"## One\n{steps}\n## Back {{.if-needed}}\n- [ ] D {{#d}}")
    session, project = views.session, find_project()
    live = Live(session, project)
    live.stop()
    session.append("noted", data={"note": "ben takes over"})
    session.append("noted", "b", data={"note": "not yet"})
    session.append("approved", "c", operator=declared("ben", "env"))
    session.append("skipped", "a", data={"reason": "x"})
    session.open_section("back")
    live.refresh()
    shown = {panel: json.dumps(of(views, *panel)) for panel in (("header", ""), ("checklist", "one"))}
    assert [text.count("\\u0000") for text in shown.values()] == [2, 10]
    with pytest.raises(RefusedError, match="it waits until \0"):
        session.append("ticked", "b")
    for role, section in (("header", ""), ("checklist", "one"), ("sign-off", "")):
        html, plain = live.static(role, section, live.drawn(section))
        assert "\0" not in html + plain
        assert re.findall(r"\d\d:\d\d(?! UTC)", re.sub(r'datetime="[^"]*"', "", html + plain)) == []
        assert "<time datetime=" in html or role == "sign-off"
    raw = b"".join(path.read_bytes() for path in work.root.rglob("*") if path.is_file() and ".git/" not in str(path))
    assert b"\\u0000" not in raw
    assert all("\0" not in event.body() + json.dumps(dict(event.data)) for event in session.events)


def test_a_check_that_fails_since_the_sign_off_is_in_sight(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The header tells it, and its section is not folded away as done; nothing is opened again."""
    monkeypatch.setenv("SHOP_TOKEN", "s3cret-token")
    template = work.template("## Look\n- [ ] A {#a}\n", parameters=DECLARED, code="@check('a')\ndef a(): ...")
    assert work.run("instantiate", template, "-e", "staging") == 0, work.err
    views = Views(session_on(), find_project())
    look = views.session.progress.plan.sections[-1].id
    for kind in ("started", "passed", "signed_off"):
        step = "" if kind == "signed_off" else "a"
        views.session.progress = with_event(
            views.session.progress, event(kind, step, seq=views.session.progress.seq + 1)
        )
    assert (of(views, "header")["failing"], of(views, "checklist", look)["settled"]) == ("", True)
    views.session.progress = with_event(views.session.progress, event("failed", "a", seq=9))
    assert "its check 'a' fails" in of(views, "header")["failing"]
    assert of(views, "checklist", look)["settled"] is False
    assert views.session.progress.state == "signed_off"
