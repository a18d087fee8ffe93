"""Show how runbooks looked at an earlier commit and how they look now, side by side, and how high they are.

`python scripts/side_by_side.py COMMIT CHECKLIST FOLDER`: a Markdown checklist, this project's own template and 200
steps, each in light, dark and narrow and as a printed record, with real processes and a real Chromium.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.conftest import CHROMIUM_FLAGS  # noqa: E402
from tests.system.conftest import Screen, Site  # noqa: E402
from tests.system.test_screen import SET_THEME  # noqa: E402

from scripts.screenshots import CHROMIUM  # noqa: E402

SCREEN, NARROW, PAPER = (1366, 768), (420, 800), (794, 1123)
SECTIONS, IN_EACH = 10, 20
DONE = 7
"""How many steps are done in each, so that both sides of a tick are seen."""
WINDOWING_OFF = SET_THEME.replace("apputils-extension:themes", "notebook-extension:tracker").replace(
    "{ theme: name }", "{ windowingMode: name }"
)
HEIGHT = """() => {
  const front = document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook");
  const cells = [...front.querySelectorAll(".jp-Cell")].map((each) => each.getBoundingClientRect());
  return Math.round(Math.max(...cells.map(({ bottom }) => bottom)) - Math.min(...cells.map(({ top }) => top)));
}"""
PAIR = """<!DOCTYPE html><meta charset="utf-8">
<style>body {{ margin: 0; display: flex; gap: 12px; background: #888; font: 20px sans-serif; align-items: start; }}
figure {{ margin: 0; }} figcaption {{ padding: 6px; color: #fff; }} img {{ display: block; }}</style>
<figure><figcaption>before</figcaption><img src="{before}"></figure>
<figure><figcaption>now</figcaption><img src="{now}"></figure>"""


def main() -> None:
    """Make the pictures and print the figures."""
    commit, checklist, folder = sys.argv[1], Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="nbrunbook-") as made, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        try:
            sides = {"before": _checked_out(commit, Path(made) / "before"), "now": ROOT}
            figures = {name: _side(browser, Path(made), name, tree, checklist, folder) for name, tree in sides.items()}
            for name in figures["now"]:
                before, now = figures["before"][name], figures["now"][name]
                print(f"{name}: {before} before, {now} now, {now / before:.2f}")
            for picture in sorted(folder.glob("before-*.png")):
                _pair(browser, folder, picture.name.removeprefix("before-"))
        finally:
            browser.close()


def _checked_out(commit: str, folder: Path) -> Path:
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def _side(browser: Browser, made: Path, side: str, tree: Path, checklist: Path, folder: Path) -> dict[str, int]:
    root = made / f"{side}-project"
    root.mkdir()
    site = Site(root)
    site.environment["PYTHONPATH"] = str(tree / "src")
    try:
        figures: dict[str, int] = {}
        for name, key in _runbooks(site, checklist):
            shown = Screen(browser.new_page(viewport={"width": SCREEN[0], "height": SCREEN[1]}))
            for what, value in _pictures(site, shown, key, folder / f"{side}-{name}"):
                figures[f"{name}, {what}"] = value
            shown.page.close()
        return figures
    finally:
        site.close()


def _runbooks(site: Site, checklist: Path) -> Iterator[tuple[str, str]]:
    """Yield each one's name and key; some of its steps are done."""
    site.command("import", str(checklist), "-o", "templates/checklist.ipynb")
    shutil.copytree(ROOT / "templates", site.root / "templates", dirs_exist_ok=True)
    shutil.copy(ROOT / "CHANGELOG.md", site.root)
    (site.root / "templates" / "many.md").write_text(_many(), encoding="utf-8")
    for name, template in (("checklist", "checklist.ipynb"), ("own", "0.1.0.ipynb"), ("many", "many.md")):
        site.command("instantiate", f"templates/{template}", "-e", "production")
        key = f"production/{Path(template).stem}"
        for step in list(site.status(key))[:DONE]:  # a group is refused, and stays open
            if site.command("tick", key, step, check=False).returncode:
                site.command("tick", key, step, "--evidence", "https://ci.example.com/runs/812", check=False)
        yield name, key


def _many() -> str:
    """Two hundred steps: some with a body, an owner, evidence, a wait."""
    lines = ["# Two hundred steps"]
    for section in range(1, SECTIONS + 1):
        lines.append(f"\n## Part {section}{' {.gate}' if section % 4 == 0 else ''}")
        for number in range(1, IN_EACH + 1):
            about = {5: " owner=ops", 9: ' evidence="link to the graph"', 13: " .irreversible", 17: " wait=2h"}
            lines.append(
                f"- [ ] Do what is number {number} of part {section} {{#s{section}-{number}{about.get(number, '')}}}"
            )
            if number % 7 == 0:
                lines.append("  Look at the graph for a minute, and tell the others what is to be seen there.")
    return "\n".join(lines) + "\n"


def _pictures(site: Site, shown: Screen, key: str, name: Path) -> Iterator[tuple[str, int]]:
    page = shown.page
    address = site.command("work", key, "--no-browser").stdout.strip() if site.processes else site.work(key)
    page.goto(f"{address}&reset")  # without the windows of the one before
    shown.wait_live()
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        page.evaluate(SET_THEME, theme)
        page.evaluate(WINDOWING_OFF, "none")
        page.reload()
        shown.wait_live()
        if theme == "JupyterLab Dark":
            page.screenshot(path=f"{name}-dark.png")
    page.screenshot(path=f"{name}-screen.png")
    high = page.evaluate(HEIGHT)
    yield "px at 1366", high
    page.set_viewport_size({"width": SCREEN[0], "height": min(high + 300, 6000)})
    page.screenshot(path=f"{name}-whole.png")
    if page.locator("#jp-left-stack").is_visible():
        page.keyboard.press("Control+b")
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    page.screenshot(path=f"{name}-narrow.png")
    yield "px at 420", page.evaluate(HEIGHT)
    site.command("archive", key, "--draft")
    yield "pages of its record", _printed(page.context.browser, next(site.root.glob(f"records/{key}*.html")), name)


def _printed(browser: Browser | None, record: Path, name: Path) -> int:
    assert browser is not None
    page: Page = browser.new_page(viewport={"width": PAPER[0], "height": PAPER[1]})
    page.goto(record.as_uri())
    page.screenshot(path=f"{name}-record.png")
    pages = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=True)))
    page.emulate_media(media="print")
    page.screenshot(path=f"{name}-printed.png")
    page.close()
    return pages


def _pair(browser: Browser, folder: Path, name: str) -> None:
    page = browser.new_page(viewport={"width": 200, "height": 200})
    path = folder / f"{name}.html"
    path.write_text(PAIR.format(before=f"before-{name}", now=f"now-{name}"), encoding="utf-8")
    page.goto(path.as_uri())
    width = page.evaluate("[...document.images].reduce((sum, each) => sum + each.width, 12)")
    page.set_viewport_size({"width": width, "height": 200})
    page.screenshot(path=folder / name, full_page=True)
    path.unlink()
    page.close()


if __name__ == "__main__":
    main()
