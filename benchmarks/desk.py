"""A desk: JupyterLab on an empty project, Chromium in front of it, and what a page is timed with.

Both are those of the system tests. JupyterLab keeps its settings: all cells are in the page, also those out of view.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from jupyter_client.blocking.client import BlockingKernelClient
from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright
from workplace import workplace

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.conftest import CHROMIUM_FLAGS
from tests.system.conftest import KERNEL_IS_THERE, Screen, Site

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SETTLED = """async () => {
  const idle = () => new Promise((resolve) => requestIdleCallback((left) => resolve(left.timeRemaining() > 40)));
  for (let quiet = 0; quiet < 20; ) quiet += await idle();
}"""
"""Until a page has had nothing to do for about a second."""
CELLS_ARE_THERE = "cells => document.querySelectorAll('.jp-Notebook-cell').length === cells"
TIME_FROM_CLICK = """there => {
  there = eval(there);
  globalThis.took = 0;
  addEventListener("pointerup", () => {
    const start = performance.now();
    const looking = setInterval(() => {
      if (!there()) return;
      clearInterval(looking);
      globalThis.took = performance.now() - start;
    }, 10);
  }, { capture: true, once: true });
}"""
"""Without Playwright's own latency: from where the mouse button is let go until `there` says so."""

Result = TypeVar("Result")


class KernelRestartedError(Exception):
    """Jupyter asked for a kernel: what ran before is gone, and nothing was measured."""


class Desk:
    """A project, its server and its browser; a window ends with its kernel."""

    def __init__(self, site: Site, browser: Browser) -> None:
        self.site, self.browser, self.windows = site, browser, 0
        self.url, self.token = site.server("jupyterlab").split("|")

    def run_all(self, path: str, there: str, then: Callable[[Screen, float], Result]) -> Result:
        """Run a notebook until `there`, a function in JavaScript, is true; go on with its window and the seconds.

        All over in another window where Jupyter asked for a kernel meanwhile.
        """
        while True:
            with self.window(path) as shown, suppress(KernelRestartedError):
                return then(shown, self._timed(shown, there))

    @contextmanager
    def window(self, path: str) -> Iterator[Screen]:
        """Open a notebook in a window, wait for its cells and its kernel, and yield the screen."""
        self.windows += 1
        cells = len(json.loads((self.site.root / path).read_bytes())["cells"])
        context = self.browser.new_context(viewport={"width": 1280, "height": 1600})
        shown = Screen(context.new_page())
        try:
            shown.page.goto(f"{self.url}lab/workspaces/w{self.windows}/tree/{path}?token={self.token}")
            shown.wait_until(CELLS_ARE_THERE, cells)
            shown.wait_until(KERNEL_IS_THERE)
            shown.page.evaluate(SETTLED)
            yield shown
            self._end_kernels(shown.page)
        finally:
            context.close()

    def _call(self, page: Page, method: str, path: str) -> Any:
        headers = {"Authorization": f"token {self.token}"}
        return page.request.fetch(f"{self.url}api/{path}", method=method, headers=headers)

    def _end_kernels(self, page: Page) -> None:
        for session in self._call(page, "GET", "sessions").json():
            self._call(page, "DELETE", f"sessions/{session['id']}")

    def _timed(self, shown: Screen, there: str) -> float:
        """Choose Run > Run All Cells; return the seconds."""
        shown.restarted = False
        try:
            shown.page.get_by_role("menuitem", name="Run", exact=True).click()
            shown.page.evaluate(TIME_FROM_CLICK, there)
            shown.page.get_by_role("menuitem", name="Run All Cells", exact=True).click(timeout=10_000)
        except TimeoutError:  # a question closed the menu
            raise KernelRestartedError from None
        self.wait(shown, "() => globalThis.took > 0")
        return float(shown.page.evaluate("globalThis.took")) / 1000

    @staticmethod
    def wait(shown: Screen, true: str, arg: Any = None) -> None:
        """Wait until a function in the page says true, in vain where the kernel was restarted."""
        there = shown.is_soon(true, arg, heed=True)
        if shown.restarted:
            raise KernelRestartedError
        if not there:
            raise RuntimeError(f"not true in time: {true}")

    def ask_kernel(self, shown: Screen, expression: str) -> int:
        """Return what a number is in the only kernel."""
        (session,) = self._call(shown.page, "GET", "sessions").json()
        connection = Path(self.site.environment["HOME"]) / "runtime" / f"kernel-{session['kernel']['id']}.json"
        client = BlockingKernelClient(connection_file=str(connection))
        client.load_connection_file()
        client.start_channels()
        try:
            reply = client.execute("", user_expressions={"asked": expression}, reply=True, timeout=60)
        finally:
            client.stop_channels()
        return int(reply["content"]["user_expressions"]["asked"]["data"]["text/plain"])


@contextmanager
def desk(prepare: Callable[[Path], None]) -> Iterator[Desk]:
    """Yield a desk on a project that `prepare` has filled; end its server and its browser."""
    with workplace() as root, sync_playwright() as playwright:
        (root / "shop").mkdir()
        site = Site(root / "shop")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        try:
            prepare(site.root)
            yield Desk(site, browser)
        finally:
            browser.close()
            site.close()
