"""Steps that the machine does, in a real JupyterLab: pressed, watched, stopped, lost, and seen by others."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbrunbook.automation import lock
from tests.clicking import choose
from tests.conftest import ROOT, template_bytes
from tests.system.conftest import OpenScreen, Screen, Site, wait_for
from tests.system.test_screen import SET_THEME, faults

pytestmark = pytest.mark.system

PARAMETERS = """from nbrunbook import Secret, action, check, warn
release: str = "{name}"
environment: str = "staging"
token: Secret = Secret("SHOP_TOKEN")"""
CODE = """import os, pathlib, time

def until(name):
    while not pathlib.Path(name).exists():
        time.sleep(0.02)

@check("green")
def green():
    print("looking with", token.value, flush=True)
    print("<script>document.title = 'hacked'</script> \\x1b[31mred\\x1b[0m 10 %\\r20 %", flush=True)
    until("look")
    assert not pathlib.Path("red").exists(), "health is <b>red</b>\\nexpected green"
    return "12 shards"

@check("replicas")
def replicas():
    warn("only 3 of 5 are up")

@check("route")
def route():
    raise OSError("no route to host")

@action("purge")
def purge():
    with pathlib.Path("purged").open("a") as file:
        file.write("x")
    print("purging", flush=True)
    until("go")
    return "purged"

@check("after")
def after(): ...
"""
STEPS = """# Deploy
- [ ] The index is green {#green}
- [ ] The replicas are up {#replicas}
- [ ] The route is there {#route}
- [ ] Purge the CDN {#purge}
- [ ] The dashboard answers {#after after=purge}
- [ ] Tell support {#tell}
"""


class Desk:
    """One JupyterLab for all tests of this module; each works on a runbook of its own."""

    def __init__(self, site: Site, screen: OpenScreen) -> None:
        self.site, self._screen, self.key = site, screen, ""
        for name in ("look", "go", "red", "purged"):
            (site.root / name).unlink(missing_ok=True)

    def open(self, steps: str = STEPS) -> Screen:
        """Make a runbook and show it live."""
        name = f"1.{len(list((self.site.root / 'templates').glob('*')))}"
        path = self.site.root / "templates" / f"{name}.ipynb"
        path.write_bytes(template_bytes(steps, parameters=PARAMETERS.format(name=name), code=CODE))
        self.site.command("instantiate", f"templates/{name}.ipynb", "-e", "staging")
        self.key = f"staging/{name}"
        return self.look()

    def look(self) -> Screen:
        """Open another browser on the runbook."""
        address = self.site.command("work", self.key, "--no-browser").stdout.strip()
        shown = self._screen(f"{address}&reset")
        shown.wait_live()
        return shown

    def touch(self, name: str) -> None:
        """Let what waits for a file go on."""
        (self.site.root / name).touch()

    def kinds(self) -> list[str]:
        """Return what became of the runbook since it was made."""
        return [event["kind"] for event in self.site.events(self.key)[1:]]

    def runs(self) -> list[tuple[int, str]]:
        """Return the processes and folders of the runs that go on."""
        with contextlib.closing(self.journal()) as journal:
            return journal.execute("SELECT pid, folder FROM run WHERE pid > 0").fetchall()

    def journal(self) -> sqlite3.Connection:
        """Return a connection that goes around nbrunbook."""
        return sqlite3.connect(self.site.root / ".nbrunbook" / "journal.db", 30)

    def kill_runs(self) -> None:
        """Kill the supervisors of what runs, and wait until nothing of it lives."""
        for pid, folder in self.runs():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            wait_for(lambda folder=folder: lock.is_free(Path(folder)))


def press(shown: Screen, step: str, words: str) -> None:
    """Press a step's own button, by what is written on it."""
    shown.row(step).locator(".nbr-verb", has_text=words).click()


def wait_is(shown: Screen, step: str, state: str) -> None:
    """Wait until an automated step is shown in a state, in sight or folded away."""
    shown.find(f'.nbr [data-step="{step}"][data-run="{state}"]').wait_for(state="attached")


def lines(shown: Screen, step: str) -> str:
    """Return the last lines of a run, as they are shown."""
    return str(shown.row(step).locator(".nbr-run-lines").inner_text())


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A project with a running JupyterLab."""
    root = tmp_path_factory.mktemp("automation") / "shop"
    root.mkdir()
    made = Site(root)
    made.environment |= {"SHOP_TOKEN": "s3cret-token", "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    made.work(made.instantiate("# First\n- [ ] start {#start}", name="0.9"))
    yield made
    made.close()


@pytest.fixture
def desk(plant: Site, screen: OpenScreen) -> Iterator[Desk]:
    """What one test works with; whatever it leaves running is ended."""
    found = Desk(plant, screen)
    yield found
    found.kill_runs()


def test_a_check_runs_and_everybody_sees_it(desk: Desk) -> None:
    """Its lines while it runs, as text and without the secret; then its value; another browser shows the same."""
    shown, other = desk.open(), desk.look()
    press(shown, "green", "Check")
    for each in (shown, other):
        wait_is(each, "green", "running")
        wait_for(lambda each=each: "20 %" in lines(each, "green"))
        script = "<script>document.title = 'hacked'</script> red 10 %"
        assert lines(each, "green").splitlines() == ["looking with ***", script, "20 %"]
        assert "started by ana (declared)" in each.said("green")
        assert each.row("green").locator(".nbr-elapsed").inner_text().startswith("running for ")
    assert shown.row("green").locator("input.nbr-check").count() == 0
    desk.touch("look")
    for each in (shown, other):
        wait_is(each, "green", "passed")
        assert "passed, run by ana (declared)" in each.said("green")
        assert "Evidence: 12 shards" in each.said("green")
    assert shown.page.title() != "hacked"
    row = shown.row("green")
    row.locator(".nbr-unfold").click()
    row.locator("summary").click()
    shown.wait_words('[data-step="green"] .nbr-output pre', "looking with ***\n20 %")
    assert "s3cret" not in shown.page.content()
    assert desk.kinds() == ["started", "passed"]


def test_a_check_fails_and_passes_then(desk: Desk) -> None:
    """What it says is text, beside where it says it; the next run passes, and the row says how many did not."""
    desk.touch("look")
    desk.touch("red")
    shown = desk.open()
    press(shown, "green", "Check")
    wait_is(shown, "green", "failed")
    assert shown.row("green").locator(".nbr-message").inner_text() == "health is <b>red</b>\nexpected green"
    shown.row("green").locator("summary").click()
    shown.wait_words('[data-step="green"] .nbr-output', "AssertionError")
    (desk.site.root / "red").unlink()
    press(shown, "green", "Check again")
    wait_is(shown, "green", "passed")
    assert "2nd run, once without passing" in shown.said("green")
    press(shown, "replicas", "Check")
    wait_is(shown, "replicas", "warned")
    assert shown.row("replicas").locator(".nbr-message").inner_text() == "only 3 of 5 are up"
    press(shown, "route", "Check")
    wait_is(shown, "route", "undecided")
    assert "OSError: no route to host" in shown.said("route")


def test_an_action_is_approved_and_asked_about(desk: Desk) -> None:
    """Nobody presses before the approval, nor the one who gave it; a second click, then it runs once."""
    desk.touch("go")
    shown = desk.open(STEPS.replace("{#purge}", "{#purge .irreversible .approval}"))
    verb = shown.row("purge").locator(".nbr-verb")
    assert verb.is_disabled()
    assert "a second operator has to approve it first" in str(verb.get_attribute("title"))
    desk.site.command("approve", desk.key, "purge", NBRUNBOOK_OPERATOR="ben")
    shown.wait_until(
        "(each) => !document.querySelector(each).disabled", '[data-step="purge"] > .nbr-actions > .nbr-verb'
    )
    press(shown, "purge", "Run")
    shown.row("purge").locator(".nbr-question", has_text="This cannot be undone.").wait_for()
    assert not (desk.site.root / "purged").exists()
    shown.row("purge").get_by_role("button", name="Yes, run “Purge the CDN”").click()
    wait_is(shown, "purge", "passed")
    assert (desk.site.root / "purged").read_text(encoding="utf-8") == "x"
    assert desk.kinds() == ["approved", "started", "passed"]
    choose(shown.row("purge"), "Run once more")
    shown.row("purge").locator("input[type=text]").fill("the cache was warm")
    shown.row("purge").locator("button[type=submit]").click()
    wait_for(lambda: desk.kinds()[3:] == ["started", "passed"])
    assert (desk.site.root / "purged").read_text(encoding="utf-8") == "xx"


def test_a_run_outlives_browser_and_kernel_and_is_stopped(desk: Desk) -> None:
    """Loaded again the page shows it as it is, and so it does once its kernel was killed; Stop ends it."""
    shown = desk.open()
    press(shown, "purge", "Run")
    wait_is(shown, "purge", "running")
    wait_for(lambda: "purging" in lines(shown, "purge"))
    ((pid, _),) = desk.runs()
    shown.page.reload()
    shown.wait_live()
    wait_is(shown, "purge", "running")
    assert "purging" in lines(shown, "purge")
    for kernel in desk.site.kernels():
        os.kill(kernel, signal.SIGKILL)
    shown.find('.nbr[data-live="gone"]').first.wait_for()
    shown.wait_live()
    wait_is(shown, "purge", "running")
    assert [each for each, _ in desk.runs()] == [pid]
    press(shown, "purge", "Stop")
    wait_is(shown, "purge", "stopped")
    assert desk.kinds() == ["started", "stopped"]
    press(shown, "purge", "Run again")
    shown.row("purge").locator(".nbr-question", has_text="It may have been done").wait_for()


@pytest.mark.faults
def test_a_run_does_without_a_frozen_kernel_and_a_closed_browser(desk: Desk) -> None:
    """It comes to its end meanwhile; woken, the kernel shows that to whoever looks."""
    shown = desk.open()
    press(shown, "purge", "Run")
    wait_for(lambda: "purging" in lines(shown, "purge"))
    kernels = desk.site.kernels()
    try:
        for kernel in kernels:
            os.kill(kernel, signal.SIGSTOP)
        shown.page.close()
        desk.touch("go")
        wait_for(lambda: desk.kinds() == ["started", "passed"])
    finally:
        for kernel in kernels:
            os.kill(kernel, signal.SIGCONT)
    wait_is(desk.look(), "purge", "passed")
    assert (desk.site.root / "purged").read_text(encoding="utf-8") == "x"


@pytest.mark.parametrize(("words", "state"), [("It ran…", "done"), ("It did not…", "stopped")])
def test_a_run_of_which_nobody_knows(desk: Desk, words: str, state: str) -> None:
    """It is shown as unknown, with its last lines, and an operator says what happened, and how that is known."""
    shown = desk.open()
    press(shown, "purge", "Run")
    wait_for(lambda: "purging" in lines(shown, "purge"))
    desk.kill_runs()
    with contextlib.closing(desk.journal()) as journal:
        journal.execute("UPDATE run SET seen_at = seen_at - 125")
        journal.commit()
    wait_is(shown, "purge", "unknown")
    assert "not heard of on " in shown.said("purge")
    assert "purging" in lines(shown, "purge")
    shown.row("purge").get_by_role("button", name=words.removesuffix("…")).click()
    shown.row("purge").locator("input[type=text]").fill("the CDN's log says so")
    shown.row("purge").locator("button[type=submit]").click()
    wait_is(shown, "purge", state)
    assert "the CDN's log says so" in shown.said("purge")


def test_by_hand_with_the_keyboard_and_found_by_a_search(desk: Desk) -> None:
    """Its verb is a step's one stop; by hand stands in its menu, and wants a reason; a search finds it."""
    shown = desk.open()
    keys = shown.page.keyboard
    shown.row("tell").locator("input.nbr-check").focus()
    keys.press("ArrowUp")
    keys.press("ArrowUp")
    assert shown.page.evaluate("document.activeElement.textContent") == "Run"
    keys.press("/")
    keys.type("replicas")
    keys.press("Enter")
    shown.find('[data-step="replicas"].nbr-hit').wait_for()
    keys.press("Escape")
    wait_for(lambda: shown.page.evaluate("document.activeElement.textContent") == "Check")
    keys.press("Enter")
    wait_is(shown, "replicas", "warned")
    choose(shown.row("purge"), "By hand")
    keys.type("in the CDN's console")
    keys.press("Enter")
    wait_is(shown, "purge", "by-hand")
    assert "done by hand by ana (declared)" in shown.said("purge")
    press(shown, "after", "Check")
    wait_is(shown, "after", "passed")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_every_state_can_be_read(desk: Desk, theme: str) -> None:
    """In light and dark, wide and narrow: nothing is told by colour alone, too pale, unnamed, or too wide."""
    shown = desk.open()
    shown.page.evaluate(SET_THEME, theme)
    shown.page.reload()
    shown.wait_live()
    press(shown, "green", "Check")
    wait_is(shown, "green", "running")
    wait_for(lambda: "20 %" in lines(shown, "green"))
    for step, state in (("replicas", "warned"), ("route", "undecided")):
        press(shown, step, "Check")
        wait_is(shown, step, state)
    shown.row("route").locator("summary").click()
    shown.row("route").locator(".nbr-output pre").first.wait_for()
    for width in (1366, 420):
        shown.page.set_viewport_size({"width": width, "height": 900})
        assert faults(shown.page, ".nbr") == []
        wide = "(all) => all.filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.className)"
        assert shown.find(".nbr").evaluate_all(wide) == []
    desk.touch("look")
    wait_is(shown, "green", "passed")
