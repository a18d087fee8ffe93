"""The screen: every attribute by clicks, the keyboard alone, small windows, dark themes, readers, hostile texts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog, Page

from nbrunbook.errors import visible
from tests.clicking import choose
from tests.conftest import template_bytes
from tests.system.conftest import CHECKLIST, OpenScreen, Screen, Site, wait_for

pytestmark = pytest.mark.system

REGISTER_AT = """\
import sys
from datetime import datetime
from nbrunbook.runbook import events
at = datetime.fromisoformat(sys.argv.pop())
events.now = lambda: at
from nbrunbook.commands import main
main()
"""
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
SET_THEME = """async (name) => {
  const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
  const id = "@jupyterlab/apputils-extension:themes";
  const body = JSON.stringify({ raw: JSON.stringify({ theme: name }) });
  const headers = { Authorization: `token ${config.token}`, "Content-Type": "application/json" };
  return (await fetch(`${config.baseUrl}lab/api/settings/${id}`, { method: "PUT", headers, body })).status;
}"""
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000"
    "050001a5f645400000000049454e44ae426082"
)


class Desk:
    """One JupyterLab for all tests of this module; each works on a runbook of its own."""

    def __init__(self, site: Site, screen: OpenScreen) -> None:
        self.site, self._screen, self.key = site, screen, ""

    def make(self, *markdown: str, at: str = "", environment: str = "staging", **given: str) -> str:
        """Make a runbook, on request at an instant of the past; return its key."""
        site = self.site
        name = f"1.{len(list((site.root / 'templates').glob('*')))}"
        path = f"templates/{name}.ipynb"
        declared = f'release: str = "{name}"\nenvironment: str = "staging"'
        declared += "".join(f'\n{each}: str = ""' for each in given)
        (site.root / path).write_bytes(template_bytes(*markdown, parameters=declared))
        values = [word for each, value in given.items() for word in ("-p", each, value)]
        arguments = ["instantiate", path, "-e", environment, *values]
        if at:
            process = site.start("-c", REGISTER_AT, *arguments, at)
            assert process.wait() == 0, process.stdout and process.stdout.read()
        else:
            site.command(*arguments)
        self.key = f"{environment}/{name}"
        return self.key

    def open(self, *markdown: str, **more: str) -> Screen:
        """Make a runbook and show it live."""
        self.make(*markdown, **more)
        return self.look()

    def look(self, zone: str | None = None) -> Screen:
        """Open another browser on the runbook, on request in another zone."""
        address = self.site.command("work", self.key, "--no-browser").stdout.strip()
        shown = self._screen(f"{address}&reset", zone)
        shown.wait_live()
        return shown

    def say(self, *arguments: str, by: str = "ben") -> None:
        """Do something on the command line, as somebody else."""
        self.site.command(arguments[0], self.key, *arguments[1:], NBRUNBOOK_OPERATOR=by)

    def said(self) -> list[tuple[str, str]]:
        """Return the kinds and steps of the events since the runbook was made."""
        return [(event["kind"], event["step"]) for event in self.site.events(self.key)[1:]]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A project with a running JupyterLab."""
    root = tmp_path_factory.mktemp("screen") / "shop"
    root.mkdir()
    made = Site(root)
    made.environment = {
        name: value for name, value in made.environment.items() if not name.startswith(("NBRUNBOOK_", "GITHUB_", "CI"))
    } | {"NBRUNBOOK_OPERATOR": "ana", "GIT_CONFIG_NOSYSTEM": "1"}
    with (root / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write('[tool.nbrunbook.owners]\n"release manager" = ["ana"]\n')
    made.work(made.instantiate("# First\n- [ ] start {#start}", name="0.9"))
    yield made
    made.close()


@pytest.fixture
def desk(office: Site, screen: OpenScreen) -> Desk:
    """What one test works with."""
    return Desk(office, screen)


RARE = ("Skip…", "Note…", "Add…", "Undo…")


def press(shown: Screen, step: str, name: str) -> None:
    """Click one of a step's buttons, by what is written on it, or choose that from its menu."""
    if name in RARE:
        choose(shown.row(step), name)
    else:
        shown.row(step).locator("button", has_text=name).first.click()


def answer(shown: Screen, step: str, words: str) -> None:
    """Wait until a step's row answers with some words."""
    shown.wait_words(f'[data-step="{step}"] .nbr-answer', words)


EVIDENCE = """\
# Evidence
- [ ] Ask the owner {#agreed evidence="who agreed"}
- [ ] Add the dashboard {#board evidence="link to the board" as=board}
- [ ] Export the orders {#export evidence="file with the export"}

# Further down
- [ ] Look at {{board}} {#look}
"""


def test_evidence_by_clicks(desk: Desk) -> None:
    """A text and a link are asked for and kept; what is no link is refused in words; `as` is put in further down."""
    shown = desk.open(EVIDENCE)
    assert "Look at (from Add the dashboard)" in shown.row("look").inner_text()
    shown.check("agreed").click()
    press(shown, "agreed", "Record as done")
    answer(shown, "agreed", "it asks for evidence: who agreed")
    shown.row("agreed").locator("input[type=text]").fill("Kim & Li")
    press(shown, "agreed", "Record as done")
    shown.wait_status("agreed", "done")
    shown.wait_words('[data-step="agreed"] .nbr-evidence', "Evidence: Kim & Li")

    shown.check("board").click()
    shown.row("board").locator("input[type=text]").fill("javascript:window.pwned=1")
    press(shown, "board", "Record as done")
    answer(shown, "board", "is no link: a link looks like https://host/path")
    assert desk.said() == [("ticked", "agreed")]
    shown.row("board").locator("input[type=text]").fill("https://boards.example.com/7?a=1&b=2")
    press(shown, "board", "Record as done")
    shown.wait_status("board", "done")
    link = shown.row("board").locator(".nbr-evidence a")
    assert link.get_attribute("href") == "https://boards.example.com/7?a=1&b=2"
    assert link.get_attribute("rel") == "noopener noreferrer"
    shown.wait_words('[data-step="look"]', "Look at https://boards.example.com/7?a=1&b=2")


def test_file_as_evidence(desk: Desk) -> None:
    """A file that is too large is never sent; a small one is kept, and saved again byte by byte."""
    shown = desk.open(EVIDENCE)
    content = bytes(range(256)) * 40
    shown.check("export").click()
    chosen = shown.row("export").locator("input[type=file]")
    chosen.set_input_files({"name": "big.csv", "mimeType": "text/csv", "buffer": b"x" * 6_000_000})
    press(shown, "export", "Record as done")
    answer(shown, "export", "Not sent: big.csv has 6.0 MB, and at most 5.0 MB are kept.")
    assert desk.said() == []
    chosen.set_input_files({"name": "small.csv", "mimeType": "text/csv", "buffer": content})
    press(shown, "export", "Record as done")
    shown.wait_status("export", "done")
    with shown.page.expect_download() as download:
        press(shown, "export", "Save small.csv (10 kB)")
    assert download.value.suggested_filename == "small.csv"
    assert Path(download.value.path()).read_bytes() == content


def test_approval_by_clicks(desk: Desk) -> None:
    """Who approves a step cannot do it; somebody else can."""
    shown = desk.open("# Steps\n- [ ] Press Promote {#promote .approval}")
    assert shown.check("promote").is_disabled()
    press(shown, "promote", "Approve")
    shown.wait_words('[data-step="promote"] .nbr-line', "approved by ana (declared)")
    shown.check("promote").click()
    answer(shown, "promote", "ana approved it, so somebody else has to do it")
    shown.page.get_by_role("button", name="Somebody else").click()
    shown.find(".nbr-header .nbr-form input").fill("ben")
    shown.page.keyboard.press("Enter")
    shown.wait_words(".nbr-header", "ben (declared: typed)")
    shown.tick("promote")
    assert "done by ben (declared)" in shown.said("promote")
    assert desk.said() == [("approved", "promote"), ("ticked", "promote")]


def test_irreversible_by_clicks(desk: Desk) -> None:
    """An irreversible step asks again by its name, cannot be undone, and still takes a note."""
    shown = desk.open("# Steps\n- [ ] Drop the old index {#drop .irreversible}\n- [ ] Tidy {#tidy .optional}")
    shown.check("drop").click()
    assert "This cannot be undone." in shown.row("drop").inner_text()
    assert desk.said() == []
    press(shown, "drop", "Yes, “Drop the old index” was done")
    shown.wait_status("drop", "done")
    assert shown.check("drop").is_disabled()
    assert shown.row("drop").get_by_role("button", name="Undo").count() == 0
    press(shown, "drop", "Note…")
    shown.row("drop").locator("input[type=text]").fill("it was the wrong one")
    press(shown, "drop", "Add note")
    shown.row("drop").get_by_role("button", name="1 note").click()
    shown.wait_words('[data-step="drop"] .nbr-note', "it was the wrong one — ana (declared)")
    assert "optional" in shown.row("tidy").inner_text()
    shown.wait_words(".nbr-sign-off .nbr-left", "Tidy")
    assert shown.page.get_by_role("button", name="Sign off").is_enabled()


ORDER = """\
# Before
- [ ] Dump the database {#dump}
- [ ] Check the dump {#checked .gate}
- [ ] Stop the workers {#stop}
- [ ] Start them again {#start after=stop wait=1h}

## Switch over {.gate}
- [ ] Press Promote {#promote}
"""


def test_order_by_clicks(desk: Desk) -> None:
    """Gates, `after` and `wait` say what is missing and disable the box; the time that is left counts down."""
    shown = desk.open(ORDER)
    for step in ("stop", "start", "promote"):
        assert shown.check(step).is_disabled()
    gate = "Gate: nothing from here on until all that is required above is settled. First: “Dump the database”"
    assert shown.find(".nbr-about", has_text=gate).count() == 1
    for step, sentence in (("promote", "“Dump the database” and 3 more"), ("stop", "“Check the dump”")):
        lock = shown.row(step).locator(".nbr-waiting")
        assert lock.inner_text() == "behind the gate"
        assert lock.get_attribute("title") == f"Not yet: behind a gate: first settle {sentence}"
    shown.tick("checked")
    shown.find('[data-step="stop"] input:enabled').wait_for()
    lock = shown.row("start").locator(".nbr-waiting")  # alone: the badge beside it says the rest
    assert (lock.inner_text(), lock.get_attribute("title")) == ("", "Not yet: it comes after “Stop the workers”")
    assert "waits 1 h after “Stop the workers”" in shown.row("start").inner_text()
    shown.tick("stop")
    shown.wait_words('[data-step="start"] .nbr-waiting', "waits 59 min ")
    before = shown.row("start").locator(".nbr-waiting").inner_text()
    wait_for(lambda: shown.row("start").locator(".nbr-waiting").inner_text() != before)
    assert shown.check("start").is_disabled()
    assert desk.said() == [("ticked", "checked"), ("ticked", "stop")]


def test_each_browser_tells_its_own_zone(desk: Desk) -> None:
    """Two browsers on one kernel tell what was done each in its zone, and say which; what is saved tells UTC."""
    desk.make("# Steps\n- [ ] A {#a}\n- [ ] B {#b wait=1h}")
    said = {"America/New_York": "America/New_York (UTC-", "Asia/Kathmandu": "(UTC+5:45)"}
    zones = {zone: desk.look(zone) for zone in said}
    first = next(iter(zones.values()))
    first.tick("a")
    at = datetime.fromisoformat(desk.site.events(desk.key)[-1]["at"])
    for zone, shown in zones.items():
        here = at.astimezone(ZoneInfo(zone))
        shown.wait_words('[data-step="a"] .nbr-line', f"{here.day} {here:%b %H:%M}")
        assert shown.row("a").locator("time").get_attribute("datetime") == desk.site.events(desk.key)[-1]["at"]
        ready = here + timedelta(hours=1)
        shown.wait_words('[data-step="b"] .nbr-waiting', f"until {ready.day} {ready:%b %H:%M}")
        whole = shown.row("b").locator(".nbr-waiting").get_attribute("title")
        assert whole.startswith(f"Not yet: it waits until {ready.day} {ready:%b %H:%M} (another ")
        shown.find(".nbr-more summary").click()
        assert said[zone] in shown.find(".nbr-more").inner_text()
    copy = desk.site.root / "runbooks" / "_sessions" / f"{desk.key.replace('/', '@')}.ipynb"
    saved = copy.stat().st_mtime_ns
    first.choose("File", "Save Notebook")
    wait_for(lambda: copy.stat().st_mtime_ns != saved)
    assert "\\u0000" not in copy.read_text(encoding="utf-8")


def test_overdue_stands_out(desk: Desk) -> None:
    """A step that should have been done stands out in its row and in the header; a wait that is over is over."""
    steps = "- [ ] Tell people {#tell due=1m}\n- [ ] Remove the index {#index wait=1h due=3650d}"
    desk.make(f"# Steps\n- [ ] Begin {{#begin}}\n{steps}", at="2026-01-02T03:04:05+00:00")
    shown = desk.look()
    shown.wait_words('[data-step="tell"] .nbr-overdue', "overdue by")
    assert re.search("due 2 Jan (2026 )?03:05", shown.row("tell").inner_text())
    assert shown.find(".nbr-header .nbr-overdue").inner_text() == "Overdue: “Tell people”"
    assert re.search(r"due \d+ \w+ 20\d\d \d\d:\d\d, in \d+ d", shown.row("index").inner_text())
    red = shown.find(".nbr").first.evaluate(
        "(each) => { each.style.outlineColor = 'var(--nbr-bad)'; return getComputedStyle(each).outlineColor; }"
    )
    style = "(each) => [getComputedStyle(each).fontWeight, getComputedStyle(each).color]"
    assert shown.find('[data-step="tell"] .nbr-overdue').evaluate(style) == ["700", red]
    shown.tick("tell")
    shown.find(".nbr-header .nbr-overdue").wait_for(state="hidden")


def test_if_needed_by_clicks(desk: Desk) -> None:
    """A section that may be needed is closed and not counted until a click opens it."""
    shown = desk.open("# Steps\n- [ ] Promote {#promote}\n\n# If it goes wrong {.if-needed}\n- [ ] Switch back {#back}")
    shown.wait_words(".nbr-header", "0 of 1 done")
    assert shown.check("back").is_disabled()
    shown.page.get_by_role("button", name="Open this section").click()
    shown.wait_words(".nbr-header", "0 of 2 done")
    shown.tick("back")
    assert shown.find("button", has_text="Open this section").count() == 0
    opened, ticked = desk.site.events(desk.key)[1:]
    assert (opened["kind"], opened["operator"], ticked["step"]) == ("opened", "ana", "back")


OWNERS = """\
# Steps {owner="Release Manager"}
- [ ] Mail support {#mail}
- [ ] Drain the pool {#drain owner=ops}
- [ ] Ask the owner {#ask owner=ana}
- [ ] Renew the certificate {#renew owner=security}
"""


def test_filter_by_owner(desk: Desk) -> None:
    """Show: mine are those that I own, that my role owns and that I am on; the rest is counted, not lost."""
    shown = desk.open(OWNERS)
    press(shown, "renew", "I am on it")
    shown.wait_words('[data-step="renew"]', "ana (declared) is on it")

    def shown_steps() -> list[str]:
        return [step for step in shown.statuses() if shown.row(step).is_visible()]

    chosen = shown.find(".nbr-header select")
    chosen.select_option(label="mine")
    assert shown_steps() == ["mail", "ask", "renew"]
    assert "1 of somebody else's not shown here" in shown.find(".nbr-hides").inner_text()
    chosen.select_option(label="those of ops")
    assert shown_steps() == ["drain"]
    chosen.select_option(label="everybody's steps")
    assert shown_steps() == ["mail", "drain", "ask", "renew"]


def test_ready_reasons_and_an_added_step(desk: Desk) -> None:
    """Skip and Undo are one click with a ready reason; a step added in place is ticked and stands in the record."""
    shown = desk.open("# Steps\n- [ ] Mail support {#mail}\n- [ ] Tidy {#tidy}\n\n# More\n- [ ] Rest {#rest .optional}")
    press(shown, "mail", "Skip…")
    press(shown, "mail", "already done")
    shown.wait_status("mail", "skipped")
    press(shown, "mail", "Undo…")
    press(shown, "mail", "clicked by mistake")
    shown.wait_status("mail", "open")
    press(shown, "mail", "Add…")
    shown.row("mail").locator("input[type=text]").fill("Warm the cache")
    press(shown, "mail", "Add this step")
    shown.find('[data-step="mail"] [data-step="added-warm-the-cache"]').wait_for()
    assert "added by ana (declared)" in shown.row("added-warm-the-cache").inner_text()
    for step in ("mail", "tidy", "added-warm-the-cache"):
        shown.tick(step)
    shown.sign_off()
    shown.page.get_by_role("button", name="Write the record").click()
    shown.wait_words(".nbr-sign-off", f"records/{desk.key}.html")
    record = (desk.site.root / "records" / f"{desk.key}.html").read_text(encoding="utf-8")
    item = re.search('<li [^>]*"added-warm-the-cache"[^>]*>(.*?)</li>', record, re.DOTALL)
    assert item
    assert "added by ana (declared)" in item[1]
    assert "done by ana (declared)" in item[1]
    reasons = [event["data"].get("reason") for event in desk.site.events(desk.key)[1:3]]
    assert reasons == ["already done", "clicked by mistake"]


def test_what_is_being_typed_survives(desk: Desk) -> None:
    """While others add steps and give evidence, a form that somebody fills keeps its text and the focus."""
    shown = desk.open(EVIDENCE)
    press(shown, "look", "Note…")
    note = shown.row("look").locator("input[type=text]")
    note.fill("half a sen")
    desk.say("tick", "board", "--evidence", "https://boards.example.com/7")
    shown.wait_words('[data-step="look"]', "Look at https://boards.example.com/7")
    desk.say("add", "Warm the cache", "--after", "look")
    shown.find('[data-step="added-warm-the-cache"]').wait_for()
    assert note.input_value() == "half a sen"
    shown.page.keyboard.type("tence")
    shown.page.keyboard.press("Enter")
    shown.wait_words('[data-step="look"] .nbr-note', "half a sentence — ana (declared)")


KEYS = """\
# Steps
- [ ] Mail support {#mail}
- [ ] Add the dashboard {#board evidence="who agreed"}
- [ ] Tidy {#tidy}
  What is left of it.
- [ ] Drop the index {#drop .irreversible .optional}
"""
FOCUS = """() => { const at = document.activeElement;
  return [at.closest("[data-step]")?.dataset.step ?? "", at.textContent || at.type || at.tagName]; }"""


def test_keyboard_alone(desk: Desk) -> None:
    """Everything is done with keys; none of them is one of Jupyter's own while a panel has the focus."""
    shown = desk.open(KEYS)
    keys, page = shown.page.keyboard, shown.page
    cells = shown.find(".jp-Cell").count()

    def until(key: str, *target: str) -> None:
        for _ in range(40):
            if page.evaluate(FOCUS) == list(target):
                return
            keys.press(key)
        raise AssertionError(f"no way to {target} by {key} from {page.evaluate(FOCUS)}")

    shown.find(".nbr-header select").focus()
    until("Tab", "mail", "checkbox")
    keys.press("?")
    page.get_by_role("dialog", name="Keys").wait_for()
    keys.press("Escape")
    wait_for(lambda: page.evaluate(FOCUS) == ["mail", "checkbox"])
    keys.type("ddxabmyzz00")
    keys.press("Space")
    shown.wait_status("mail", "done")
    until("ArrowDown", "board", "checkbox")
    keys.press("Enter")
    keys.type("ddxabn/?")
    keys.press("Escape")
    assert page.evaluate(FOCUS) == ["board", "checkbox"]
    keys.press("Enter")
    keys.type("dd Kim")
    keys.press("Enter")
    shown.wait_status("board", "done")
    keys.press("/")
    keys.type("TIDY it")
    keys.press("Enter")
    shown.find('[data-step="tidy"].nbr-hit').wait_for()
    keys.press("Escape")
    wait_for(lambda: page.evaluate(FOCUS) == ["tidy", "checkbox"])
    until("ArrowRight", "tidy", "More…")
    keys.press("ArrowDown")
    assert page.evaluate(FOCUS) == ["tidy", "Skip…"]
    keys.press("Enter")
    assert page.evaluate(FOCUS) == ["tidy", "text"]
    until("Tab", "tidy", "not applicable")
    keys.press("Space")
    keys.press("Enter")
    shown.wait_status("tidy", "skipped")
    wait_for(lambda: page.evaluate(FOCUS)[0] == "tidy")
    until("ArrowRight", "tidy", "More…")
    keys.press("ArrowDown")
    assert page.evaluate(FOCUS) == ["tidy", "Undo…"]
    keys.press("Enter")
    until("Tab", "tidy", "text")
    keys.type("dd by mistake")
    keys.press("Enter")
    shown.wait_status("tidy", "open")
    wait_for(lambda: page.evaluate(FOCUS)[0] == "tidy")
    keys.press("n")
    wait_for(lambda: page.evaluate(FOCUS) == ["tidy", "checkbox"])
    keys.press("Space")
    shown.wait_status("tidy", "done")
    until("ArrowDown", "drop", "checkbox")
    keys.press("Enter")
    assert page.evaluate(FOCUS) == ["drop", "This cannot be undone."]
    keys.press("Enter")
    keys.press("Escape")
    assert page.evaluate(FOCUS) == ["drop", "checkbox"]
    until("Tab", "", "Sign off…")
    keys.press("Enter")
    until("Tab", "", "Sign off")
    keys.press("Enter")
    shown.wait_words(".nbr-sign-off .nbr-ended", "Signed off by ana, 3 done, 1 left open, in 1 min")
    until("Tab", "", "Write the record")
    keys.press("Enter")
    record = f"records/{desk.key}.html"
    wait_for(lambda: page.evaluate(FOCUS) == ["", f"Its record: {record}"])
    with page.context.expect_page() as opened:
        keys.press("Enter")
    opened.value.get_by_role("heading", name=desk.key.partition("/")[2]).first.wait_for()
    assert opened.value.url.endswith(f"/files/{record}")
    assert shown.find(".jp-Cell").count() == cells
    kinds = ["ticked", "ticked", "skipped", "unskipped", "ticked", "signed_off", "archived"]
    assert [kind for kind, _ in desk.said()] == kinds


def faults(page: Page, context: str) -> list[str]:
    """Return what axe-core finds, in words."""
    found = Axe().run(page, context, WCAG).response["violations"]
    return [f"{each['id']}: {node['html'][:200]} {node['failureSummary']}" for each in found for node in each["nodes"]]


STATES = f"""\
# Release

Some words.

```
make release
```

{CHECKLIST}
- [ ] Ask the owner {{#ask .approval due=1m evidence="who agreed"}}

## If it goes wrong {{.if-needed}}
- [ ] Switch back {{#back}}
"""


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_read_by_a_screen_reader(desk: Desk, theme: str) -> None:
    """axe-core finds no fault in any state of the panels, in light and in dark."""
    desk.make(STATES, at="2026-01-02T03:04:05+00:00", environment="production")
    shown = desk.look()
    assert shown.page.evaluate(SET_THEME, theme) == 204
    shown.page.reload()
    shown.wait_live()
    assert shown.page.evaluate("document.body.dataset.jpThemeName") == theme
    panels = f"{Screen.FRONT} .nbr"
    assert faults(shown.page, panels) == []

    shown.check("mail-support").focus()
    shown.page.keyboard.press("?")
    shown.page.get_by_role("dialog", name="Keys").wait_for()
    assert faults(shown.page, "dialog") == []
    shown.page.keyboard.press("Escape")
    shown.page.keyboard.press("/")
    shown.page.keyboard.type("CDN console")
    shown.page.keyboard.press("Enter")
    shown.find('[data-step="promote"].nbr-hit').wait_for()
    assert faults(shown.page, panels) == []
    shown.page.keyboard.press("Escape")

    shown.tick("mail-support")
    shown.check("dashboard").click()
    press(shown, "dashboard", "Record as done")
    answer(shown, "dashboard", "Not recorded, because")
    press(shown, "ask", "Skip…")
    shown.page.get_by_role("button", name="Somebody else").click()
    press(shown, "mail-support", "Add…")
    assert faults(shown.page, panels) == []

    desk.say("skip", "dashboard", "--reason", "not applicable")
    desk.say("take", "ask")
    desk.say("note", "ben takes over")
    desk.say("add", "Warm the cache")
    shown.wait_status("dashboard", "skipped")
    shown.find('[data-step="added-warm-the-cache"]').wait_for()
    shown.wait_words(".nbr-handover", "ben takes over")
    press(shown, "mail-support", "Undo…")
    assert faults(shown.page, panels) == []

    _stop_kernel(shown.page)
    shown.find('.nbr[data-live="gone"]').first.wait_for()
    assert faults(shown.page, panels) == []


def test_a_theme_is_switched_on_an_open_page(desk: Desk) -> None:
    """Every colour is the theme's own: in the dark and back in the light all can be read, without loading it again."""
    desk.make(STATES, environment="production")
    shown = desk.look()
    panels = f"{Screen.FRONT} .nbr"
    press(shown, "mail-support", "Skip…")
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        _switch_theme(shown, theme)
        assert faults(shown.page, panels) == []


FOLDED = """\
# Before
- [ ] Dump {#dump evidence="link to the dump"}

  Look at the [page](https://x.example.com).

- [ ] Check {#check owner=ops}

# After {.gate}
- [ ] Promote {#promote .irreversible .approval wait=2h due=7d}
- [ ] Old {#old when="environment == 'nowhere'"}
- [ ] Tidy {#tidy .optional}
"""


def test_what_is_folded_is_read_by_a_screen_reader(desk: Desk) -> None:
    """axe-core finds no fault in a folded section, a done step that is unfolded, an open menu: in light and in dark."""
    desk.make(FOLDED)
    desk.say("tick", "dump", "--evidence", "https://x.example.com/1")
    desk.say("note", "it took long", "--step", "dump")
    desk.say("tick", "check")
    shown = desk.look()
    panels = f"{Screen.FRONT} .nbr"
    fold = shown.find(".nbr-fold", has_text="2 of 2 done · show")
    fold.wait_for()
    assert not shown.row("dump").evaluate("(each) => each.checkVisibility()")
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        _switch_theme(shown, theme)
        assert faults(shown.page, panels) == [], theme
        shown.find(".nbr-fold").first.click()
        shown.row("dump").get_by_role("button", name="1 note").click()
        shown.find(".nbr-left-out summary").click()
        shown.row("promote").get_by_role("button", name="More").click()
        shown.page.get_by_role("menuitem", name="Skip").wait_for()
        assert faults(shown.page, panels) == [], theme
        shown.page.keyboard.press("Escape")
        shown.row("dump").get_by_role("button", name="1 note").click()
        shown.find(".nbr-left-out summary").click()
        shown.find(".nbr-fold").first.click()


def _switch_theme(shown: Screen, theme: str) -> None:
    """Choose a theme from Jupyter's menu, on the page that is open, and wait until no colour changes any more."""
    shown.page.get_by_role("menuitem", name="Settings", exact=True).click()
    shown.page.locator(".lm-Menu-item:visible", has_text=re.compile("^Theme")).hover()
    shown.page.locator(".lm-Menu-item:visible", has_text=theme).first.click()
    shown.wait_until("(name) => document.body.dataset.jpThemeName === name", theme)
    shown.wait_until("() => ![...document.getAnimations()].some((each) => each.playState === 'running')")


def test_the_end_is_read_by_a_screen_reader(desk: Desk) -> None:
    """axe-core finds no fault in what is left, as links, the question, the end and its record: in light and in dark."""
    shown = desk.open(FOLDED)
    panels, themes = f"{Screen.FRONT} .nbr", ("JupyterLab Dark", "JupyterLab Light")
    shown.find(".nbr-left .nbr-link", has_text="Promote").wait_for()
    for theme in themes:
        _switch_theme(shown, theme)
        assert faults(shown.page, panels) == [], theme
    desk.say("tick", "dump", "--evidence", "https://x.example.com/1")
    desk.say("tick", "check")
    desk.say("skip", "promote", "--reason", "not this time")
    shown.find(".nbr-left .nbr-link", has_text="Tidy").wait_for()
    shown.find(".nbr-sign-off .nbr-actions button", has_text="Sign off").click()
    shown.find(".nbr-sign-off .nbr-question", has_text="This closes").wait_for()
    for theme in themes:
        _switch_theme(shown, theme)
        assert faults(shown.page, panels) == [], theme
    shown.find(".nbr-sign-off button[type=submit]").click()
    shown.wait_words(".nbr-sign-off .nbr-ended", "Signed off by ana, 2 done, 1 skipped, 1 left open")
    for theme in themes:
        _switch_theme(shown, theme)
        assert faults(shown.page, panels) == [], theme
    shown.find(".nbr-sign-off button", has_text="Write the record").click()
    for place in (".nbr-header", ".nbr-sign-off"):
        shown.find(f"{place} .nbr-record a[href]").wait_for()
    for theme in themes:
        _switch_theme(shown, theme)
        assert faults(shown.page, panels) == [], theme


NEXT = """\
# Release
## Before
- [ ] Wait for the dump {#dump after=size}
- [ ] Look at the size {#size owner=ops}
- [ ] Stop {#stop owner=ops}

## After
- [ ] Start {#start owner=ops}
- [ ] Look {#look owner=ana}
"""


def test_what_can_be_done_next_is_a_click_away(desk: Desk) -> None:
    """It passes over what waits, unfolds a section, shows another's steps for it, and is gone with the last one."""
    shown = desk.open(NEXT, environment="production")
    following = shown.find(".nbr-header .nbr-next")
    assert following.inner_text() == "Next: Look at the size"
    assert shown.find(".nbr-step.nbr-current").get_attribute("data-step") == "size"
    shown.find(".nbr-header select").select_option(label="mine")
    following.click()
    wait_for(lambda: shown.page.evaluate(FOCUS) == ["size", "checkbox"])
    desk.say("tick", "size", "dump", "stop")
    shown.wait_words(".nbr-header .nbr-next", "Next: Start")
    shown.find(".jp-MarkdownCell", has_text="After").locator(".jp-collapseHeadingButton").evaluate("it => it.click()")
    shown.row("start").wait_for(state="hidden")
    following.click()
    wait_for(lambda: shown.page.evaluate(FOCUS) == ["start", "checkbox"])
    desk.say("tick", "start", "look")
    following.wait_for(state="hidden")
    assert shown.page.locator(".nbr-step.nbr-current").count() == 0


def test_the_first_step_is_on_the_first_screen(desk: Desk) -> None:
    """A small window shows where it is, how far, what is next and the first step; production stays in sight."""
    steps = "\n".join(f"- [ ] Step {number} {{#s{number}}}" for number in range(60))
    shown = desk.open(f"# Release\n## Steps\n{steps}", environment="production")
    shown.page.set_viewport_size({"width": 1366, "height": 768})
    wait_for(lambda: shown.check("s3").evaluate(IS_IN_VIEW))
    shown.check("s50").scroll_into_view_if_needed()
    assert not shown.find(".nbr-header").evaluate(IS_IN_VIEW)
    told = "(bar) => getComputedStyle(bar, '::before').content"
    assert shown.find(".jp-NotebookPanel-toolbar").evaluate(told) == '"PRODUCTION: production"'
    assert shown.find(".jp-NotebookPanel-toolbar").evaluate(IS_IN_VIEW)


def _stop_kernel(page: Page) -> None:
    """End the kernel of the runbook in front, through Jupyter."""
    page.evaluate("""async () => {
      const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
      const headers = { Authorization: `token ${config.token}` };
      const all = await (await fetch(`${config.baseUrl}api/sessions`, { headers })).json();
      const name = decodeURIComponent(location.pathname.split("/").at(-1));
      const mine = all.find((each) => each.path.endsWith(`/${name}`));
      await fetch(`${config.baseUrl}api/sessions/${mine.id}`, { method: "DELETE", headers });
    }""")


def test_record_read_by_a_screen_reader(desk: Desk, browser: Browser, tmp_path: Path) -> None:
    """axe-core finds no fault in a record with files, notes, skips and added steps, in light and in dark."""
    desk.make("# Steps\n- [ ] Image {#image evidence=file}\n- [ ] Text {#text evidence=file}\n- [ ] Skip {#skip}")
    (tmp_path / "shot.png").write_bytes(PNG)
    (tmp_path / "log.txt").write_text("one\ntwo\n", encoding="utf-8")
    desk.say("tick", "image", "--file", str(tmp_path / "shot.png"))
    desk.say("tick", "text", "--file", str(tmp_path / "log.txt"))
    desk.say("skip", "skip", "--reason", "not applicable")
    desk.say("add", "Warm the cache")
    desk.say("tick", "added-warm-the-cache")
    desk.say("note", "all is well", "--step", "text")
    desk.say("note", "ben takes over")
    desk.say("sign-off")
    desk.say("archive")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((desk.site.root / "records" / f"{desk.key}.html").as_uri())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert faults(page, "html") == [], scheme
    page.close()


def test_narrow_window_copy_and_jump(desk: Desk) -> None:
    """In a narrow window nothing sticks out; Copy copies a block; the next open step is a click away."""
    command = "kubectl --context production rollout restart deployment/the-very-long-name-of-a-deployment-of-ours"
    steps = "\n".join(f"- [ ] Step {number} {{#s{number}}}" for number in range(40))
    shown = desk.open(f"# Steps\n- [ ] {'Unbroken' * 30} {{#long}}\n\n  ```\n  {command}\n  ```\n{steps}")
    shown.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown.find(".nbr-copy").first.click()
    shown.wait_words(".nbr-copy", "Copied")
    assert shown.page.evaluate("navigator.clipboard.readText()").strip() == command
    desk.say("tick", "long", *[f"s{number}" for number in range(30)])
    shown.wait_status("s29", "done")
    shown.find(".nbr-header button", has_text="Next: Step 30").click()
    wait_for(lambda: shown.page.evaluate(FOCUS) == ["s30", "checkbox"])
    wait_for(lambda: shown.check("s30").evaluate(IS_IN_VIEW))
    narrow(shown)
    press(shown, "s30", "Skip…")
    shown.page.get_by_role("button", name="Handover note").click()
    assert sticks_out(shown) == []


IS_IN_VIEW = """(each) => {
  const at = each.getBoundingClientRect();
  return at.top > 0 && at.bottom < innerHeight;
}"""


def narrow(shown: Screen) -> None:
    """Make the window as wide as a telephone, without JupyterLab's list of files."""
    assert not shown.page.locator("#filebrowser").is_visible()
    shown.page.set_viewport_size({"width": 420, "height": 900})


def sticks_out(shown: Screen) -> list[Any]:
    """Return the panels that are wider than their place."""
    return shown.find(".nbr").evaluate_all(
        "all => all.map((each) => [each.scrollWidth, each.clientWidth]).filter(([is, may]) => is > may)"
    )


HOSTILE = {
    "script": "<script>window.pwned=1</script>",
    "image": '"><img src=x onerror="window.pwned=1">',
    "link": "[press](javascript:window.pwned=1) javascript:window.pwned=1",
    "terminal": "\x1b[2J\x1b[31mred\x1b]0;title\x07",
    "override": "abc\u202egnp.exe\u2066x",
    "emoji": "👩\u200d🚀 🏴\u200d☠️ ünï — ‘quoted’",
}
LONG = "long " * 20_000
NAME = '<img src=x onerror="window.pwned=1">'
FORBIDDEN_ON_A_TERMINAL = "\x1b\x07\u202e\u2066"


def test_text_is_text(desk: Desk, browser: Browser, tmp_path: Path) -> None:
    """Whatever is typed runs nowhere and is shown: in the widget, the saved file, the record and the terminal."""
    hostile = {name: text for name, text in HOSTILE.items() if name != "terminal"}
    uses = "\n".join(f"- [ ] {{{{{name}}}}} {{#{name}}}" for name in hostile)
    desk.make(f"# Steps\n{uses}\n- [ ] File {{#file evidence=file}}\n- [ ] Text {{#text evidence=text}}", **hostile)
    for name, text in HOSTILE.items():
        desk.say("note", f"note: {text}", "--step", "script", by=text if name != "terminal" else "ben")
        desk.say("add", f"added: {text}", "--after", "text")
    desk.say("note", LONG, by=NAME)
    desk.say("tick", "text", "--evidence", HOSTILE["image"] + HOSTILE["override"], by=NAME)
    (tmp_path / NAME.replace("/", "")).write_bytes(b"<script>window.pwned=1</script>")
    desk.say("tick", "file", "--file", str(tmp_path / NAME.replace("/", "")))

    shown = desk.look()
    strange = watch(shown.page)
    shown.page.reload()
    shown.wait_live()
    shown.page.get_by_role("button", name="Somebody else").click()
    shown.find(".nbr-header .nbr-form input").fill(HOSTILE["image"])
    shown.page.keyboard.press("Enter")
    shown.wait_words(".nbr-header", HOSTILE["image"])
    for name, text in hostile.items():
        assert visible(text) in shown.row(name).inner_text()
        assert text in shown.row("script").inner_text()
    shown.tick("image")
    assert f"done by {HOSTILE['image']} (declared)" in shown.row("image").inner_text()
    narrow(shown)
    assert sticks_out(shown) == []
    assert strange() == []

    desk.say("skip", *[step for step, facts in desk.site.status(desk.key).items() if facts["status"] == "open"],
             "--reason", HOSTILE["script"])  # fmt: skip
    desk.say("sign-off", "--note", HOSTILE["image"])
    desk.say("archive")
    record = (desk.site.root / "records" / f"{desk.key}.html").read_bytes()
    _runs_nothing(browser, record, tmp_path / "record.html")
    _runs_nothing(browser, _saved_outputs(desk).encode(), tmp_path / "saved.html")
    told = "".join(desk.site.command(verb, desk.key).stdout for verb in ("status", "journal"))
    assert not [character for character in FORBIDDEN_ON_A_TERMINAL if character in told]
    assert "window.pwned=1" in told
    assert max(map(len, told.splitlines())) < 10_000


def watch(page: Page) -> Callable[[], list[str]]:
    """Return what tells later what ran or was fetched that should not."""
    said: list[str] = []

    def close(dialog: Dialog) -> None:
        if dialog.type != "beforeunload":
            said.append(dialog.message)
        dialog.accept()

    page.on("dialog", close)
    page.on("request", lambda request: said.append(request.url) if request.url.endswith("/x") else None)
    return lambda: [*said, *(["pwned"] if page.evaluate("window.pwned") else [])]


def _saved_outputs(desk: Desk) -> str:
    """The HTML that the session copy holds, as `work` saved it."""
    copy = desk.site.root / "runbooks" / "_sessions" / f"{desk.key.replace('/', '@')}.ipynb"
    cells = json.loads(copy.read_text(encoding="utf-8"))["cells"]
    outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    found = "".join("".join(data.get("text/html", "")) for data in outputs)
    assert "data-step" in found
    return f"<!DOCTYPE html><meta charset=utf-8><body>{found}"


def _runs_nothing(browser: Browser, content: bytes, path: Path) -> None:
    path.write_bytes(content)
    page = browser.new_page(viewport={"width": 900, "height": 900})
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    strange = watch(page)
    page.goto(path.as_uri())
    assert strange() == []
    assert requests == [path.as_uri()]
    assert HOSTILE["script"] in page.inner_text("body")
    assert "\u202e" not in page.inner_text("body")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()
