"""What Jupyter holds is not trusted: kernels end, outputs are cleared, servers stay behind, files are saved unasked."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.system.conftest import FRONT, KERNEL_IS_THERE, OpenScreen, Screen, Site, wait_for

pytestmark = pytest.mark.system

DIRTY = ".jp-mod-dirty"
AUTOSAVE_SECONDS = 1


def settings(site: Site, plugin: str, **values: object) -> None:
    """Choose settings of one of JupyterLab's plugins, as its settings editor writes them."""
    extension, _, name = plugin.partition(":")
    folder = Path(site.environment["HOME"]) / ".jupyter/lab/user-settings" / extension
    folder.mkdir(parents=True)
    (folder / f"{name}.jupyterlab-settings").write_text(json.dumps(values), encoding="utf-8")


@pytest.fixture
def quick(site: Site) -> Site:
    """A project whose JupyterLab saves each second what is to be saved."""
    settings(site, "@jupyterlab/docmanager-extension:plugin", autosaveInterval=AUTOSAVE_SECONDS)
    return site


def copy_of(site: Site, key: str) -> Path:
    """Return the session copy of a runbook."""
    return site.root / "runbooks" / "_sessions" / f"{key.replace('/', '@')}.ipynb"


def ask(address: str, method: str, path: str, body: object = None) -> Any:
    """Ask a server's REST interface, with the token of an address that it printed."""
    found = re.fullmatch(r"(http://[^/]+/).*[?]token=(.*)", address.strip())
    assert found
    headers = {"Authorization": f"token {found[2]}", "Content-Type": "application/json"}
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(found[1] + path, method=method, data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.loads(response.read() or b"null")


def save(shown: Screen, path: Path) -> None:
    """Save as a person does, and wait until Jupyter has written the file to its end: it writes in place."""
    before = path.stat().st_mtime_ns
    shown.find(".jp-NotebookPanel-toolbar, .jp-Toolbar").first.click()
    shown.page.keyboard.press("Control+s")
    wait_for(lambda: path.stat().st_mtime_ns != before and is_whole(path.read_bytes()))


def is_whole(content: bytes) -> bool:
    """Tell whether this is all of a notebook, with the line break that Jupyter writes last."""
    try:
        return isinstance(json.loads(content), dict) and content.endswith(b"\n")
    except ValueError:
        return False


def clear_outputs(shown: Screen) -> None:
    """Clear all outputs, as a person does."""
    shown.choose("Edit", "Clear Outputs of All Cells")
    shown.wait_until(f"() => !document.querySelector('{FRONT} .nbr')")


def test_an_untouched_copy_asks_nothing(quick: Site, screen: OpenScreen) -> None:
    """Two browsers, one works: neither has anything to save, and where it is saved all the same no byte changes."""
    key = quick.instantiate()
    address, path = quick.work(key), copy_of(quick, key)
    before = path.read_bytes()
    ana, ben = screen(address), screen(address)
    for shown in (ana, ben):
        shown.wait_live()
        shown.wait_until(KERNEL_IS_THERE)
    ana.tick("mail-support")
    ben.wait_status("mail-support", "done")
    for shown in (ana, ben):
        assert shown.page.locator(DIRTY).count() == 0
        save(shown, path)
        assert path.read_bytes() == before
        assert shown.page.locator(".jp-Dialog").count() == 0


def test_a_runbook_that_is_saved_is_not_changed(quick: Site, screen: OpenScreen) -> None:
    """The file in git, opened in JupyterLab and saved, is what `instantiate` wrote, to the byte."""
    key = quick.instantiate(code="answer = 42")
    path = quick.root / "runbooks" / f"{key}.ipynb"
    before, address = path.read_bytes(), quick.work(key)
    shown = screen(re.sub(r"doc/tree/[^?]*", f"doc/tree/runbooks/{key}.ipynb", address))
    shown.wait_until(KERNEL_IS_THERE)
    save(shown, path)
    assert path.read_bytes() == before


def test_work_after_the_outputs_were_cleared(site: Site, screen: OpenScreen) -> None:
    """The kernel is alive, what was saved shows nothing, and no page speaks for it: `work` runs the cells again."""
    key = site.instantiate()
    address = site.work(key)
    shown = screen(address)
    shown.wait_live()
    shown.tick("mail-support")
    clear_outputs(shown)
    save(shown, copy_of(site, key))

    def written() -> bool:
        site.command("work", key, "--no-browser")
        return "widget-view" in copy_of(site, key).read_text(encoding="utf-8")

    wait_for(written)
    again = screen(address)
    again.wait_live()
    assert again.statuses()["mail-support"] == "done"


def test_work_after_the_kernel_was_culled(site: Site, screen: OpenScreen) -> None:
    """Jupyter has started another kernel in its place, in which nothing has run: `work` runs the cells."""
    key = site.instantiate()
    address = site.work(key)
    (session,) = ask(address, "GET", "api/sessions")
    ask(address, "PATCH", f"api/sessions/{session['id']}", {"kernel": {"name": "python3"}})
    assert site.command("work", key, "--no-browser").stdout.strip() == address
    shown = screen(address)
    shown.wait_live()
    shown.tick("mail-support")
    assert [event["step"] for event in site.events(key) if event["kind"] == "ticked"] == ["mail-support"]


def test_a_kernel_that_died_comes_back_by_itself(site: Site, screen: OpenScreen) -> None:
    """Nobody chooses anything: the panels are live again, with what is being typed and what the journal holds."""
    key = site.instantiate()
    shown = screen(site.work(key))
    shown.wait_live()
    shown.tick("mail-support")
    shown.check("dashboard").click()
    shown.page.keyboard.type("https://board.example.com/")
    (kernel,) = site.kernels()
    os.kill(kernel, signal.SIGKILL)
    shown.wait_until(f"() => document.querySelector('{FRONT} .nbr[data-live=gone]')")
    shown.wait_live()
    shown.find(".nbr-alarm", has_text="The kernel was started anew.").wait_for()
    shown.row("dashboard").locator("input[type=text]").press("End")
    shown.page.keyboard.type("7")
    shown.page.keyboard.press("Enter")
    shown.wait_status("dashboard", "done")
    given = [event["data"] for event in site.events(key) if event["step"] == "dashboard"]
    assert [each["evidence"] for each in given] == ["https://board.example.com/7"]
    shown.run_all()
    shown.wait_live()
    shown.find(".nbr-alarm", has_text="The kernel was started anew.").wait_for(state="detached")


def test_two_at_once_start_one_server(site: Site) -> None:
    """Both print where the runbook is live; the one that started it ends it, with the terminal that it runs in."""
    key, runs = site.instantiate(), ("-P", "-c", "from nbrunbook.commands import main; main()", "work")
    both = [site.start(*runs, key, "--no-browser") for _ in range(2)]
    addresses = [site.address_of(process) for process in both]
    assert addresses[0] == addresses[1] != ""
    wait_for(lambda: sum(process.poll() is None for process in both) == 1)
    listed = site.command("work", "--list").stdout
    assert f"runbooks/_sessions/{key.replace('/', '@')}.ipynb" in listed.replace("%40", "@")
    (kernel,) = site.kernels()
    (running,) = [process for process in both if process.poll() is None]
    running.send_signal(signal.SIGHUP)
    assert running.wait(timeout=60) == 0
    wait_for(lambda: not Path(f"/proc/{kernel}").exists())
    assert "no JupyterLab of this project runs here" in site.command("work", "--list").stderr


def test_a_server_that_stayed_behind_is_ended(site: Site) -> None:
    """Whoever started it is gone: `work --stop` ends it and its kernels; repeating it says that none is there."""
    site.work(site.instantiate())
    (process,) = site.processes
    process.kill()
    process.wait()
    (kernel,) = site.kernels()
    assert "JupyterLab (process" in site.command("work", "--stop").stderr
    wait_for(lambda: not Path(f"/proc/{kernel}").exists())
    assert "no JupyterLab of this project runs here" in site.command("work", "--stop").stderr
    assert site.command("work", "--stop", "--list", check=False).returncode == 2


def test_a_sign_off_keeps_no_widget_state(site: Site, screen: OpenScreen) -> None:
    """Where "Save Widget State Automatically" is on, the copy holds what the panels show; what is signed does not."""
    settings(site, "@jupyter-widgets/jupyterlab-manager:plugin", saveState=True)
    key = site.instantiate("# Steps\n- [ ] Mail support {#mail}")
    shown = screen(site.work(key))
    shown.wait_live()
    shown.tick("mail")
    path = copy_of(site, key)
    save(shown, path)
    state = "application/vnd.jupyter.widget-state+json"
    assert state in json.loads(path.read_bytes())["metadata"]["widgets"]
    site.command("sign-off", key)
    digest = site.events(key)[-1]["data"]["notebook"]
    with closing(sqlite3.connect(site.root / ".nbrunbook" / "journal.db")) as journal:
        ((kept,),) = journal.execute("SELECT content FROM blob WHERE sha256 = ?", [digest])
    assert "widgets" not in json.loads(kept)["metadata"]
    assert json.loads(kept)["cells"] == json.loads(path.read_bytes())["cells"]


IS_DRAWN = """([front, step]) => {
  const row = document.querySelector(`${front} .nbr [data-step="${step}"]`);
  return Boolean(row?.checkVisibility());
}"""
IS_IN_SIGHT = """([front, step]) => {
  const box = document.querySelector(`${front} .nbr [data-step="${step}"] input.nbr-check`);
  if (!box) return false;
  const { left, right, top, bottom } = box.getBoundingClientRect();
  return box === document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
}"""

WAITS = "s3-11"
"""A step that is far from what can be done now, and waits for it."""


def test_the_next_step_is_found_where_cells_are_not_drawn(site: Site, screen: OpenScreen) -> None:
    """A windowed notebook draws the cells in view alone: *Next* and the search lead to those that are not."""
    settings(site, "@jupyterlab/notebook-extension:tracker", windowingMode="full")
    text = "\n\n".join(f"Line {number} of what is to be known before." for number in range(30))
    steps = {f"s{part}-{number}": f"S{part}-{number}" for part in range(8) for number in range(20)}
    lines = [f"- [ ] {title} {{#{step}{' after=s7-0' * (step == WAITS)}}}" for step, title in steps.items()]
    parts = [f"## Notes\n{text}\n\n## Part\n" + "\n".join(lines[at : at + 20]) for at in range(0, len(lines), 20)]
    key = site.instantiate("# Release\n" + "\n\n".join(parts))
    site.command("tick", key, *[step for step in steps if step != WAITS and not step.startswith("s7-")])
    shown = screen(site.work(key))
    shown.wait_words(".nbr-header .nbr-next", "Next: S7-0")

    def is_drawn(step: str) -> bool:
        return bool(shown.page.evaluate(IS_DRAWN, [FRONT, step]))

    def wait_in_sight(step: str) -> None:
        shown.wait_until(IS_IN_SIGHT, [FRONT, step])
        wait_for(lambda: shown.page.evaluate("document.activeElement.closest('[data-step]')?.dataset.step") == step)

    wait_for(lambda: not is_drawn("s7-0"))
    shown.find(".nbr-header .nbr-next").click()
    wait_in_sight("s7-0")
    wait_for(lambda: not is_drawn(WAITS))
    shown.page.keyboard.press("/")
    search = shown.find(".nbr-header .nbr-search input")
    wait_for(lambda: search.evaluate("(input) => input === document.activeElement"))
    assert not is_drawn(WAITS)
    shown.page.keyboard.type(WAITS)
    shown.page.keyboard.press("Enter")
    shown.find(f'[data-step="{WAITS}"].nbr-hit').wait_for()
    shown.page.keyboard.press("Escape")
    wait_in_sight(WAITS)
    shown.page.keyboard.press("n")
    wait_in_sight("s7-0")
