"""A desk: JupyterLab on an empty project, Chromium in front of it, and what a page is timed with.

Both are those of the system tests. JupyterLab keeps its settings: all cells are in the page, also those out of view.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from playwright.sync_api import Browser, Page, sync_playwright
from workplace import workplace

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.conftest import CHROMIUM_FLAGS
from tests.system.conftest import KERNEL_IS_THERE, Site

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE_MS = 120_000
SETTLED_MS = 1_000
"""How long a page is left alone before anything is timed in it."""
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


class Desk:
    """A project, its server and its browser; a window ends with its kernel."""

    def __init__(self, site: Site, browser: Browser) -> None:
        self.site, self.browser, self.windows = site, browser, 0
        self.url, self.token = site.server("jupyterlab").split("|")

    @contextmanager
    def window(self, path: str) -> Iterator[Page]:
        """Open a notebook in a window, wait for its cells and its kernel, and yield the page."""
        self.windows += 1
        cells = len(json.loads((self.site.root / path).read_bytes())["cells"])
        context = self.browser.new_context(viewport={"width": 1280, "height": 1600})
        page = context.new_page()
        try:
            page.goto(f"{self.url}lab/workspaces/w{self.windows}/tree/{path}?token={self.token}")
            page.wait_for_function(CELLS_ARE_THERE, arg=cells, timeout=PATIENCE_MS)
            page.wait_for_function(KERNEL_IS_THERE, timeout=PATIENCE_MS)
            page.wait_for_timeout(SETTLED_MS)
            yield page
            self._end_kernels(page)
        finally:
            context.close()

    def _call(self, page: Page, method: str, path: str) -> Any:
        headers = {"Authorization": f"token {self.token}"}
        return page.request.fetch(f"{self.url}api/{path}", method=method, headers=headers)

    def _end_kernels(self, page: Page) -> None:
        for session in self._call(page, "GET", "sessions").json():
            self._call(page, "DELETE", f"sessions/{session['id']}")

    @staticmethod
    def run_all(page: Page, there: str) -> float:
        """Choose Run > Run All Cells; return the seconds until `there`, a function in JavaScript, is true."""
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.evaluate(TIME_FROM_CLICK, there)
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_function("globalThis.took > 0", timeout=PATIENCE_MS)
        return float(page.evaluate("globalThis.took")) / 1000

    def ask_kernel(self, page: Page, expression: str) -> int:
        """Return what a number is in the only kernel."""
        (session,) = self._call(page, "GET", "sessions").json()
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
