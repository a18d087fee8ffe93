"""Real parts: a project on disk, `nbrunbook work` with its JupyterLab, and Chromium in front of it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Locator, Page, TimeoutError

from tests.conftest import template_bytes

PATIENCE_SECONDS = 180
"""How long anything may take on a loaded machine: tests wait for what is to be true, never for a time."""
ASKS_FOR_A_KERNEL = ".jp-Dialog:has(.jp-Dialog-header:text-is('Select Kernel'))"
TOLD = "Kernel Restarting|Server Connection Error|Error Starting Kernel"
ONLY_TELLS = f".jp-Dialog:has(.jp-Dialog-header:text-matches('^({TOLD})'))"
"""What JupyterLab says by itself, at any moment; what it asks because of a click, the test that clicked answers."""
ALL_LIVE = """(front) => {
  const all = [...document.querySelectorAll(`${front} .nbr`)];
  return document.querySelector(`${front} .nbr-sign-off`) && all.length > 2
    && all.every((each) => each.dataset.live === "live");
}"""
LIVE_OR_LOST = f"""(front) => ({ALL_LIVE})(front)
  || [...document.querySelectorAll(`${{front}} .jp-OutputArea-output`)].some(
  (each) => each.textContent.startsWith("Error displaying widget"))"""
TRIES = 5
ALL_NEW = """([panels, last, count]) => {
  const all = [...document.querySelectorAll(panels)];
  return document.querySelector(last) && all.length >= Math.max(count, 1) && !all.some((each) => each.dataset.before);
}"""
FRONT = ".jp-NotebookPanel:not(.lm-mod-hidden)"
KERNEL_IS_THERE = f"""() => {{
  const name = document.querySelector("{FRONT} .jp-Toolbar-kernelName")?.textContent.trim();
  return name && name !== "No Kernel"
    && document.querySelector("{FRONT} .jp-Notebook-ExecutionIndicator[data-status='idle']") !== null;
}}"""
"""As the notebook in front shows it: there, and with nothing to do. It shows *idle* before it has a kernel, too:
Run All then starts a kernel for each cell, and JupyterLab's widget manager listens to none of them."""
SOMETHING_RUNS = f"""() => [...document.querySelectorAll("{FRONT} .jp-InputPrompt")].some(
  (each) => each.textContent.includes("*"))"""
CHECKLIST = """\
# Release {{release}}

## Tell people {owner="release manager"}
- [ ] Mail support that the new search is live {#mail-support}
  Use the [prepared text](../docs/notes.md) for {{release}}.
- [ ] Add the search dashboard to the on-call board {#dashboard evidence="link to the board"}

## Switch over {.gate}
- [ ] Press *Promote* in the CDN console {#promote .irreversible}
- [ ] Take the old nodes out of the pool: {#drain .group}
  - [ ] web {#drain-web}
  - [ ] workers {#drain-workers}
- [ ] Tidy up {#tidy .optional}
"""


def wait_for(what: Callable[[], Any], *, seconds: float = PATIENCE_SECONDS) -> Any:
    """Return the first true answer; fail with the last one when none came."""
    deadline = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain; the last answer was {answer!r}"
        time.sleep(0.05)
    return answer


OTHERS = ("JUPYTER", "JPY_", "GITHUB_", "CI")
"""How variables begin that say where the tests run, which a site of a whole module would take over."""


SAYS_NOTHING = "#!/bin/sh\nexit 0\n"
"""For node: JupyterLab asks its yarn for an address at each start and each page, which takes longer than the page."""


class Site:
    """A project in a folder of its own, worked on by real processes."""

    def __init__(self, root: Path) -> None:
        self.root, self.python = root, sys.executable
        self.processes: list[subprocess.Popen[str]] = []
        (root / "pyproject.toml").write_text('[project]\nname = "shop"\n[tool.nbrunbook]\n', encoding="utf-8")
        (root / "docs").mkdir()
        (root / "docs" / "notes.md").write_text("the prepared text\n", encoding="utf-8")
        home = root.parent / f"{root.name}-home"
        home.mkdir()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(OTHERS)},
            "HOME": str(home),
            "NBRUNBOOK_OPERATOR": "ana",
            "PATH": f"{_without_node(home / 'bin')}{os.pathsep}{os.environ['PATH']}",
        }

    def command(self, *arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run nbrunbook in a process of its own."""
        result = subprocess.run(
            [self.python, "-c", "from nbrunbook.commands import main; main()", *arguments],
            cwd=self.root, env={**self.environment, **environment}, capture_output=True, text=True,
        )  # fmt: skip
        assert not check or result.returncode == 0, result.stderr
        return result

    def instantiate(self, *markdown: str, name: str = "1.0", environment: str = "staging", code: str = "") -> str:
        """Write a template, make its runbook and return its key."""
        path = self.root / "templates" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        parameters = f'release: str = "{name}"\nenvironment: str = "staging"'
        path.write_bytes(template_bytes(*(markdown or (CHECKLIST,)), parameters=parameters, code=code))
        self.command("instantiate", f"templates/{name}.ipynb", "-e", environment)
        return f"{environment}/{name}"

    def work(self, key: str, **environment: str) -> str:
        """Start `nbrunbook work` and return the address that it prints."""
        # -P: as the installed command, which has not the current folder among its modules.
        process = self.start(
            "-P", "-c", "from nbrunbook.commands import main; main()", "work", key, "--no-browser", **environment
        )
        address = self.address_of(process)
        assert address.startswith("http://127.0.0.1:"), f"no address: {address!r} {self.log()}"
        return address.strip()

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start Python in the project, the tests' own or another one's; it is ended with the test."""
        process = subprocess.Popen(
            [self.python, *arguments], cwd=self.root, env={**self.environment, **environment},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def address_of(self, process: subprocess.Popen[str]) -> str:
        """Return the first line of `work` that is an address, behind what it says while it waits; else all it said."""
        lines: list[str] = []
        assert process.stdout
        stdout = process.stdout
        links = (line for line in stdout if line.startswith("http") or lines.append(line))
        reader = threading.Thread(target=lambda: lines.insert(0, next(links, "")), daemon=True)
        reader.start()
        reader.join(timeout=PATIENCE_SECONDS)
        return (lines[0] or "".join(lines)) if lines else ""

    def log(self) -> str:
        """Return what JupyterLab said."""
        path = self.root / ".nbrunbook" / "lab.log"
        return path.read_text(encoding="utf-8", errors="replace")[-3000:] if path.exists() else ""

    def server(self, *module: str) -> str:
        """Start a plain Jupyter server on the project, as a user would; return its address with the token."""
        runtime = Path(self.environment["HOME"]) / "runtime"
        process = self.start(
            "-m", *module, "--no-browser", "--ServerApp.ip=127.0.0.1", "--allow-root", JUPYTER_RUNTIME_DIR=str(runtime)
        )
        threading.Thread(target=lambda: list(process.stdout or ()), daemon=True).start()
        path = runtime / f"jpserver-{process.pid}.json"
        facts = wait_for(lambda: path.exists() and json.loads(path.read_text(encoding="utf-8") or "null"))
        return f"{facts['url']}|{facts['token']}"

    def events(self, key: str) -> list[dict[str, Any]]:
        """Return the journal as the command line tells it; it fails where the chain does not hold."""
        return [json.loads(line) for line in self.command("journal", key, "--json").stdout.splitlines()]

    def status(self, key: str) -> dict[str, dict[str, Any]]:
        """Return the steps by their ids."""
        runbooks = json.loads(self.command("status", key, "--json").stdout)["runbooks"]
        return {step["id"]: step for step in runbooks[0]["steps"]}

    def kernels(self) -> list[int]:
        """Return the process ids of this project's kernels."""
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
                    home = (folder / "environ").read_bytes()
                except OSError:
                    continue
                if "ipykernel_launcher" in words and f"HOME={self.environment['HOME']}\0".encode() in home:
                    found.append(int(folder.name))
        return found

    def lock(self) -> sqlite3.Connection:
        """Hold the journal's lock until the connection is closed."""
        held = sqlite3.connect(self.root / ".nbrunbook" / "journal.db", PATIENCE_SECONDS, isolation_level=None)
        held.execute("BEGIN EXCLUSIVE")
        return held

    def close(self) -> None:
        """End every process that was started here."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A project that real processes work on."""
    (tmp_path / "shop").mkdir()
    made = Site(tmp_path / "shop")
    yield made
    made.close()


class Screen:
    """A browser in front of a runbook, in an operator's words.

    JupyterLab restores the tabs of earlier windows, so everything is looked for in the tab in front.
    """

    FRONT = FRONT

    def __init__(self, page: Page) -> None:
        self.page, self.restarted = page, False
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        page.add_locator_handler(page.locator(ASKS_FOR_A_KERNEL).first, self._take_a_kernel, no_wait_after=True)
        page.add_locator_handler(page.locator(ONLY_TELLS).first, self._accept, no_wait_after=True)

    def _take_a_kernel(self, dialog: Locator) -> None:
        """Take the kernel that Jupyter proposes: it starts another one, and what ran before is gone."""
        self.restarted = self._accept(dialog) or self.restarted

    @staticmethod
    def _accept(dialog: Locator) -> bool:
        with contextlib.suppress(TimeoutError):  # it may be gone, and if it is not, this is called again
            dialog.locator(".jp-mod-accept").click(timeout=5_000)
            return True
        return False

    def is_soon(self, true: str, arg: Any = None, *, seconds: float = PATIENCE_SECONDS, heed: bool = False) -> bool:
        """Wait until a function in the page says true; tell whether it did in time, and before a restart to heed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not (heed and self.restarted):
            self.page.locator("body").wait_for(state="attached")  # questions are answered here, not by evaluate
            if self._is(true, arg):
                return True
            time.sleep(0.05)
        return False

    def _is(self, true: str, arg: Any) -> bool:
        try:
            return bool(self.page.evaluate(true, arg))
        except Error as error:
            if "navigation" in error.message:
                return False
            raise

    def wait_until(self, true: str, arg: Any = None) -> None:
        """Wait until a function in the page says true."""
        assert self.is_soon(true, arg), f"waited {PATIENCE_SECONDS} s in vain for {true}"

    def wait_live(self) -> None:
        """Wait until every panel says that it is live, the last one among them; do what a person does to get there.

        Where a question had the kernel restarted, all is run again; where Jupyter was too late to ask a kernel
        for its widgets, the page is loaded again.
        """
        for _ in range(TRIES):
            self.is_soon(LIVE_OR_LOST, self.FRONT, seconds=60, heed=True)
            if self.restarted:
                self.run_all()
            elif self.is_soon(ALL_LIVE, self.FRONT, seconds=15):
                return
            else:
                self._load_again()
                if not self.is_soon(ALL_LIVE, self.FRONT, seconds=15):
                    self.run_all()
        raise AssertionError(f"not live after {TRIES} tries")

    def wait_words(self, selector: str, words: str) -> None:
        """Wait until an element holds some words."""
        self.find(selector, has_text=words).first.wait_for()

    def find(self, selector: str, **more: Any) -> Any:
        """Return what a selector finds in the notebook in front."""
        return self.page.locator(f"{self.FRONT} {selector}", **more)

    def row(self, step: str) -> Any:
        """Return a step's list item."""
        return self.find(f'.nbr [data-step="{step}"]')

    def said(self, step: str) -> str:
        """Return what a step says, in sight or folded away: a section folds with the last step in it."""
        return str(self.row(step).text_content())

    def check(self, step: str) -> Any:
        """Return a step's box."""
        return self.row(step).locator("input.nbr-check").first

    def tick(self, step: str) -> None:
        """Click a box and wait for the word done."""
        self.check(step).click()
        self.wait_status(step, "done")

    def wait_status(self, step: str, status: str) -> None:
        """Wait until a step has a status, in sight or folded away."""
        self.find(f'.nbr [data-step="{step}"][data-status="{status}"]').wait_for(state="attached")

    def sign_off(self) -> None:
        """Sign off, having read what that closes."""
        question = self.find(".nbr-sign-off .nbr-question", has_text="This closes")
        for patience in (*[5_000.0] * 10, None):  # what is settled folds away, and moves the button under the pointer
            self.find(".nbr-sign-off .nbr-actions button", has_text="Sign off").click()
            with contextlib.suppress(TimeoutError) if patience else contextlib.nullcontext():
                question.wait_for(timeout=patience)
                break
        self.find(".nbr-sign-off button[type=submit]").click()

    def statuses(self) -> dict[str, str]:
        """Return the status that every step shows."""
        rows = self.page.eval_on_selector_all(
            f"{self.FRONT} .nbr [data-step]", "all => all.map((each) => [each.dataset.step, each.dataset.status])"
        )
        return dict(rows)

    def run_all(self) -> None:
        """Choose Run > Run All Cells as a person does: again, if not all of them ran.

        While its kernel starts Jupyter only clears the outputs, and while it reconnects it forgets what waits.
        """
        self.wait_until(KERNEL_IS_THERE)
        wait_for(lambda: self._drawn_anew(".nbr", lambda: self.choose("Run", "Run All Cells")), seconds=600)

    def _load_again(self) -> None:
        """Load the page again, as a person does whose widgets never come, and wait for its kernel."""
        self.page.reload()
        self.wait_until(KERNEL_IS_THERE)

    def anew(self, panels: str, act: Callable[[], None]) -> None:
        """Do what draws some panels anew, and wait until none of before is left and as many are there."""
        count = self.find(panels).count()
        while not self._drawn_anew(panels, act, count):
            self.run_all()

    def _drawn_anew(self, panels: str, act: Callable[[], None], count: int = 0) -> bool:
        """Do it once; tell whether the panels of before went and new ones came, before the kernel was restarted.

        A cell may show for ever that it runs: what it asked got lost while Jupyter reconnected, and the kernel idles.
        """
        self.restarted = False
        self.find(panels).evaluate_all("all => all.forEach((each) => { each.dataset.before = 'yes'; })")
        act()
        new = [f"{self.FRONT} {panels}", f"{self.FRONT} .nbr-sign-off", count]
        while not self.is_soon(ALL_NEW, new, heed=True, seconds=10):
            idles = self.page.evaluate(KERNEL_IS_THERE)
            if self.restarted or idles or not self.page.evaluate(SOMETHING_RUNS):
                return False
        return True

    def choose(self, menu: str, item: str) -> None:
        """Choose from a menu; where a question closed it in between, open it again."""
        wait_for(lambda: self._chosen(menu, item))

    def _chosen(self, menu: str, item: str) -> bool:
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        entry = self.page.locator(".lm-Menu-item:visible", has_text=re.compile(f"^{item}(?! and| or)")).first
        with contextlib.suppress(TimeoutError):
            entry.click(timeout=10_000)
            return True
        self.page.keyboard.press("Escape")
        return False


def _without_node(folder: Path) -> Path:
    folder.mkdir()
    for name in ("node", "npm"):
        (folder / name).write_text(SAYS_NOTHING, encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


OpenScreen = Callable[..., Screen]
REPORTS = pytest.StashKey[list[pytest.TestReport]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Keep a test's reports, so that a failed one can show what its browser showed."""
    report = yield
    item.stash.setdefault(REPORTS, []).append(report)
    return report


@pytest.fixture
def screen(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenScreen]:
    """Open an address in a browser window of its own, on request in another zone."""
    contexts = []

    def opened(address: str, zone: str | None = None) -> Screen:
        context = browser.new_context(viewport={"width": 1280, "height": 1600}, timezone_id=zone)
        contexts.append(context)
        shown = Screen(context.new_page())
        shown.page.goto(address)
        return shown

    yield opened
    failed = any(report.failed for report in request.node.stash.get(REPORTS, []))
    for number, context in enumerate(contexts):
        if failed and context.pages:
            context.pages[0].screenshot(path=tmp_path / f"failed-{number}.png")
            print(f"what the browser showed: {tmp_path}/failed-{number}.png")
        context.close()
