"""What a machine did, as a record shows it: the code that ran, each run, what it wrote; all of it as text."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from nbrunbook.journal.entries import sha256
from nbrunbook.project.settings import find_project
from nbrunbook.record import verify, written
from nbrunbook.runbook import events
from nbrunbook.runbook.events import Event, Kind
from nbrunbook.runbook.program import named
from nbrunbook.work import runs
from nbrunbook.work.archive import archive
from nbrunbook.work.session import Session
from tests.conftest import PARAMETERS, Workplace
from tests.making import fault_of, session_on
from tests.record.test_paper import WIDER, _pages, _printed
from tests.record.test_render import Page, _requests

STEPS = "- [ ] Green {#green}\n- [ ] Purge {#purge}\n- [ ] Manual {#manual}\n"
DECLARED = f"from nbrunbook import action, check\n{PARAMETERS}"
CODE = """LIMIT = 3  # shards

def other(): ...

@check("green", attempts=5, every="30s", timeout="5m")
def look():
    assert 12 > LIMIT, "</pre><script>alert(1)</script> \u202e"

@action("purge")
def purge(): ...
"""
KEY = "staging/1.0"
BIG = b"\x1b[31m<script>alert(1)</script>\x1b[0m of the log\n" * 30_000


@pytest.fixture
def ana(work: Workplace) -> Session:
    """Ana at work on a runbook with a check and an action."""
    assert work.run("instantiate", work.template(STEPS, parameters=DECLARED, code=CODE), "-e", "staging") == 0, work.err
    return session_on()


def ran(session: Session, kind: Kind, step: str = "green", *, log: bytes | None = None, **said: str) -> Event:
    """A run of a step, and its end."""
    run = events.new_id()
    begun = {name: said.pop(name) for name in ("reason", "forced", "timeout") if name in said}
    runs.begin(session, step, run=run, folder=Path("/none"), data=begun)
    found = runs.end(session, step, run, kind, {"seconds": "12.34", "attempts": "1", **said}, log=log)
    assert found
    return found


def finished(session: Session) -> Path:
    """Do by hand what is left, sign off, and return the record."""
    for step in session.progress.open_steps:
        session.append("ticked", step.id, data={"reason": "by hand"})
    session.sign_off(None)
    return archive(session, find_project()).path


def _runs(path: Path, step: str = "green") -> str:
    """What is shown of a step's runs, its blanks squeezed."""
    item = rf'id="step-{step}".*?(<div class="nbr-runs">.*?</div>\s*)</li>'
    found = re.search(item, path.read_text("utf-8"), re.DOTALL)
    assert found
    return " ".join(" ".join(Page(found[1].encode()).words).split())


def test_it_shows_what_ran_and_each_run(ana: Session) -> None:
    """Code, attempts, who pressed, when, how long, value and message; and that it verifies."""
    ran(ana, "failed", message="health is red", attempts="5", traceback="Traceback\n  red", output="a\nb\n")
    ran(ana, "passed", value="12 shards")
    path = finished(ana)
    shown = _runs(path)
    code = "Code of this check: look() , in code cells 1, 2 : show Tried up to 5 times, 30s apart. At most 5m in all."
    assert code in shown
    assert f"Code cell 2 of the plan, lines 1, 5-7; sha256 {named(CODE)} LIMIT = 3 # shards ⋮ @check" in shown
    assert "def other" not in shown
    pressed = r"failed — Run pressed by ana \(declared\), \d+ \w+ 20\d\d [\d:]{8} UTC — took 12.3 s, 5 attempts"
    assert re.search(pressed, shown)
    assert "health is red Traceback : show Traceback red Output, 2 lines : show a b" in shown
    assert "Value: 12 shards" in shown
    assert verify.verify(path).fault is None


def test_what_was_never_run_shows_its_code(ana: Session) -> None:
    """A step that was done by hand says that the machine did not run it; a manual step says nothing of all that."""
    path = finished(ana)
    assert "Code of this action: purge()" in _runs(path, "purge")
    assert "Not run by the machine." in _runs(path, "purge")
    assert "done by hand by ana (declared)" in Page(path.read_bytes()).text
    assert path.read_text("utf-8").count('class="nbr-runs"') == 2


def test_force_and_an_operators_word_stand_there(ana: Session) -> None:
    """The reason of a forced run and its time limit; the word for a run of which nobody knew."""
    ran(ana, "passed", "purge")
    ran(ana, "passed", "purge", reason="the CDN lost it", forced="yes", timeout="60")
    run = events.new_id()
    runs.begin(ana, "green", run=run, folder=Path("/none"), data={})
    said = runs.say(ana, "green", ran=False, note="the host burnt", gone=False, is_free=True)
    assert said.kind == "stopped"
    path = finished(ana)
    assert "forced, since it was done — at most 1m — took 12.3 s Reason: the CDN lost it" in _runs(path, "purge")
    assert "did not run, an operator says — Run pressed by ana" in _runs(path)
    assert "Note: the host burnt" in _runs(path)


@pytest.mark.parametrize("texts", [{"value": "{}", "message": "{}"}, {"traceback": "{}", "output": "{}"}])
def test_whatever_was_written_is_text(ana: Session, texts: Mapping[str, str]) -> None:
    """Markup, controls, directions and colours: shown as what they are, or as colours; nothing runs or loads."""
    markup = "</pre></li><script>alert(1)</script><img src=x onerror=alert(1)>"
    hostile = f"{markup} \x1b[31mred\x1b[0m \x1b]0;t\x07\x9b2J \u202e x"
    ran(ana, "failed", **{name: text.format(hostile) for name, text in texts.items()})
    path = finished(ana)
    page = Page(path.read_bytes())
    assert _requests(page) == []
    assert page.text.count(f"{markup} red  ⟨U+202E⟩ x") >= len(texts)
    assert '<span class="ansi-red-fg">red</span>' in path.read_text("utf-8")
    assert verify.verify(path).fault is None


def test_a_large_log_comes_along(ana: Session) -> None:
    """The end of it is shown, all of it can be saved, and it is what the event names, byte for byte."""
    end = ran(ana, "passed", output=BIG[-64_000:].decode(), log=BIG)
    path = finished(ana)
    assert f"Output, the last {BIG[-64_000:].count(10):,} lines of {len(BIG) / 1e6:.1f} MB : show" in _runs(path)
    link = r'data-log="(\w+)" download="green-3.log" href="data:text/plain;base64,([^"]+)"'
    saved = re.search(link, path.read_text("utf-8"))
    assert saved
    assert saved[1] == end.data["log"] == sha256(BIG)
    assert base64.b64decode(saved[2]) == BIG
    assert _requests(Page(path.read_bytes())) == ["a href=data:text/plain;base64," + saved[2]]
    path.write_bytes(verify.seal(path.read_bytes().replace(saved[2][:99].encode(), b"A" * 99)))
    assert "is not what an event names" in fault_of(path)


def test_what_there_is_no_room_for_says_so(ana: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page stays small enough to be opened: the newest runs are shown first, of the others it says where it is."""
    monkeypatch.setattr(written, "OUTPUTS", 30)
    monkeypatch.setattr(written, "LOGS", len(BIG))
    first = ran(ana, "failed", output="the first output", log=BIG)
    ran(ana, "failed", output="the second output", log=BIG[1:])
    shown = _runs(finished(ana))
    assert "the first output" not in shown
    assert "Left out, since the page would be too large; its JSON holds it." in shown
    assert "the second output" in shown
    assert f"is in the journal alone ('nbrunbook journal {KEY} --output 3'); sha256 {first.data['log']}" in shown
    assert shown.count("Save all of the output") == 1


def test_many_runs_fold(ana: Session) -> None:
    """The last ten are shown, the others counted; none is left out."""
    for number in range(14):
        ran(ana, "failed", message=f"red {number}.")
    path = finished(ana)
    assert "4 earlier runs: 4 failed" in path.read_text("utf-8")
    shown = path.read_text("utf-8").partition("The whole journal")[0]
    assert [each for each in range(14) if f"red {each}." not in shown] == []
    assert '<ol start="5">' in path.read_text("utf-8")


def test_each_plan_that_ran_shows_its_code(ana: Session, work: Workplace) -> None:
    """A revision that changed what a step does: both are there, and which was when."""
    ran(ana, "failed")
    work.template(STEPS, parameters=DECLARED, code=CODE.replace("LIMIT = 3", "LIMIT = 4"))
    assert work.run("revise", KEY, "--yes") == 0, work.err
    ana.refresh()
    ran(ana, "passed")
    path = finished(ana)
    shown = _runs(path)
    assert "Code of this check: look() , in code cells 1, 2, as it was made" in shown
    assert "since the revision of" in shown
    assert shown.index("LIMIT = 3") < shown.index("LIMIT = 4")
    assert "LIMIT = 3" not in _runs(path, "purge")
    assert verify.verify(path).fault is None


def test_a_step_that_a_revision_took_away_shows_its_runs(ana: Session, work: Workplace) -> None:
    """What was run stays told, under the steps that are gone."""
    ran(ana, "failed", message="health was red")
    work.template(STEPS.replace("- [ ] Green {#green}\n", ""), parameters=DECLARED, code=CODE[CODE.index("@action") :])
    assert work.run("revise", KEY, "--yes") == 0, work.err
    ana.refresh()
    path = finished(ana)
    gone = path.read_text("utf-8").partition("Removed in a revision")[2]
    assert "<h3>Green</h3>" in gone
    assert "health was red" in gone
    assert "LIMIT = 3" in gone
    assert verify.verify(path).fault is None


@pytest.mark.parametrize("own", [True, False])
def test_code_that_was_redacted_says_so(ana: Session, work: Workplace, own: bool) -> None:
    """By an event of this runbook, or of another one that has the same cell; the record verifies."""
    assert work.run("instantiate", "templates/1.0.ipynb", "-e", "production") == 0, work.err
    ran(ana, "passed")
    session_on(KEY if own else "production/1.0").redact(named(CODE), "a password")
    ana.refresh()
    path = finished(ana)
    where = f"redacted by event {4 if own else '2 of production/1.0'}"
    assert f"Code cell 2 of the plan: {where}; sha256 {named(CODE)}" in _runs(path)
    assert "LIMIT = 3" not in _runs(path)
    assert ("Code redacted" in Page(path.read_bytes()).text) == own
    assert verify.verify(path).fault is None


def test_the_journals_rows_tell_runs_in_words(ana: Session) -> None:
    """What somebody reads, beside the step's title; no keys, no needs."""
    ran(ana, "warned", value="12", message="slow", output="x")
    table = finished(ana).read_text("utf-8").partition("The whole journal")[2].partition("Made from")[0]
    rows = [" ".join(" ".join(Page(each.encode()).words).split()) for each in table.split("<tr>")]
    assert rows[3].endswith("started Green green")
    assert rows[4].endswith("warned Green green — value: 12; message: slow; took: 12.3 s; output: 1 character")


def test_nothing_new_means_nothing_else(work: Workplace) -> None:
    """A record of manual steps alone has the format, the keys and the style sheet that it had."""
    assert work.run("instantiate", work.template("- [ ] Mail {#mail}"), "-e", "staging") == 0, work.err
    path = finished(session_on())
    facts = verify.embedded(path.read_bytes())
    assert sorted(facts) == ["draft", "events", "format", "head", "made_at", "runbook", "version"]
    assert facts["format"] == 1
    assert "nbr-runs" not in path.read_text("utf-8")


@pytest.fixture
def lengthy(ana: Session) -> Path:
    """A record of a run that said and wrote more than fits into a line, or on a page."""
    word = "Donaudampfschifffahrtsgesellschaft" * 20
    ran(ana, "passed", value=word, message=f"{word}\n{word}", output=f"{word}\n" * 500, traceback=word)
    return finished(ana)


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_of_a_run_reaches_out_of_the_page(lengthy: Path, browser: Browser, width: int) -> None:
    """Long words of values, messages, outputs and code stay within the page, with all that folds unfolded."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(lengthy.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert page.evaluate(WIDER) == []
    page.close()


def test_paper_has_the_end_of_an_output(lengthy: Path, browser: Browser) -> None:
    """Its last lines are printed, and how many are not is said; on the screen it is the other way round."""
    page = browser.new_page()
    page.goto(lengthy.as_uri())
    page.locator("summary", has_text="Output").first.click()
    expect(page.locator(".nbr-screen")).to_be_visible()
    expect(page.locator(".nbr-paper")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".nbr-screen")).to_be_hidden()
    expect(page.locator(".nbr-paper")).to_have_text(
        "[461 lines before these are not printed: the page itself shows them]\n"
    )
    page.close()
    assert _pages(_printed(browser, lengthy)) <= 20
