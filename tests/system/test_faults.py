"""What goes wrong under an operator's hands: kernel, journal, disk and network fail, and no row lies about it."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import signal
import sqlite3
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from nbrunbook.errors import LabError
from nbrunbook.journal.journal import Journal
from nbrunbook.jupyter.server import Server
from tests.small_disks import fill, small_disk
from tests.system.conftest import PATIENCE_SECONDS, OpenScreen, Screen, Site, wait_for
from tests.system.proxy import Proxy

pytestmark = [pytest.mark.system, pytest.mark.faults]

WATCH = """() => {
  const seen = (window.seenDone = new Set());
  const done = () => [...document.querySelectorAll('.nbr [data-status="done"]')];
  const look = () => done().forEach((each) => seen.add(each.dataset.step));
  const what = { subtree: true, childList: true, attributeFilter: ["data-status"] };
  new MutationObserver(look).observe(document.body, what);
  look();
}"""
CLICK = """([front, steps]) => {
  for (const step of steps) document.querySelector(`${front} .nbr [data-step="${step}"] input.nbr-check`).click();
}"""
TICKER = """
import sys
from nbrunbook.project.operator import declared
from nbrunbook.project.settings import find_project
from nbrunbook.work.opening import open_session
key, name, first, count = sys.argv[1:]
mine = open_session(find_project(), key, declared(name, "env"))
for number in range(int(first), int(first) + int(count)):
    mine.append("ticked", f"s{number}")
"""


def steps(count: int, *, each: int = 50) -> str:
    """Return a checklist of the steps s0, s1, … in sections of some."""
    lines = []
    for number in range(count):
        lines += [f"## Part {number // each}"] if number % each == 0 else []
        lines.append(f"- [ ] step {number} {{#s{number}}}")
    return "\n".join(lines)


def live(site: Site, screen: OpenScreen, key: str) -> tuple[Screen, Server]:
    """Open a runbook, watch what its rows say from now on, and return the screen and the server behind it."""
    address = site.work(key)
    return watched(screen(address)), server_of(address)


def watched(shown: Screen) -> Screen:
    """Wait until a screen is live, and watch what its rows say from now on."""
    shown.wait_live()
    shown.page.evaluate(WATCH)
    return shown


def server_of(address: str) -> Server:
    """Return the server of an address that `work` printed."""
    parts = urlsplit(address)
    return Server(pid=0, url=f"http://{parts.netloc}/", token=parts.query.removeprefix("token="))


def restarted(server: Server) -> bool:
    """Restart the one kernel by Jupyter's interface; False where Jupyter is just doing it by itself."""
    (kernel,) = server.call("GET", "api/kernels")
    try:
        server.call("POST", f"api/kernels/{kernel['id']}/restart")
    except LabError:
        return False
    return True


def ever_done(shown: Screen) -> set[str]:
    """Return every step that was on screen as done at any moment since the screen is watched."""
    return set(shown.page.evaluate("() => [...window.seenDone]"))


def done_now(shown: Screen) -> set[str]:
    """Return the steps that are on screen as done."""
    return {step for step, status in shown.statuses().items() if status == "done"}


def ticked(site: Site, key: str) -> list[str]:
    """Return the steps whose tick is in the journal, once for each event; the chain holds."""
    return [event["step"] for event in site.events(key) if event["kind"] == "ticked"]


ALL_GONE = """(front) => {
  const all = [...document.querySelectorAll(`${front} .nbr`)];
  return all.length > 2 && all.every((each) => each.dataset.live === "gone"
    && each.querySelector(".nbr-alarm").textContent.startsWith("No answer from the kernel")
    && !each.querySelector("input.nbr-check:not(:disabled)"));
}"""


def wait_gone(shown: Screen) -> None:
    """Wait until every panel says that nobody answers and nothing can be clicked."""
    shown.wait_until(ALL_GONE, shown.FRONT)


def run_all_again(shown: Screen) -> None:
    """Choose Run > Run All Cells, and wait until all is live."""
    shown.run_all()
    shown.wait_live()


def click_at_once(shown: Screen, wanted: Sequence[str]) -> None:
    """Click some boxes without a pause between them."""
    shown.page.evaluate(CLICK, [shown.FRONT, list(wanted)])


def trouble(shown: Screen) -> str:
    """Return what the header says about the journal."""
    return str(shown.find(".nbr[data-trouble=true] .nbr-alarm").first.inner_text())


def wait_no_trouble(shown: Screen) -> None:
    """Wait until the header has nothing to say about the journal."""
    shown.find(".nbr[data-trouble=true]").first.wait_for(state="detached")


def wait_refused(shown: Screen, step: str, *words: str) -> None:
    """Wait until a row says that its tick was not recorded, and why; it is open and its box is empty."""
    answer = shown.row(step).locator('.nbr-answer[data-kind="refused"]')
    answer.wait_for()
    said = answer.inner_text()
    assert said.startswith("Not recorded, because")
    assert any(word in said for word in words), said
    assert shown.statuses()[step] == "open"
    assert not shown.check(step).is_checked()


def wait_not_recorded(shown: Screen, step: str, words: str) -> None:
    """Wait until a row says why its tick is refused or not known; it is open."""
    said = shown.row(step).locator(".nbr-answer[data-kind=unknown], .nbr-answer[data-kind=refused]")
    said.filter(has_text=words).wait_for()
    assert shown.statuses()[step] == "open"


def kernel_client(kernel: int) -> BlockingKernelClient:
    """Return a client of a running kernel, found by its process."""
    words = (Path("/proc") / str(kernel) / "cmdline").read_bytes().decode().split("\0")
    client = BlockingKernelClient(connection_file=words[words.index("-f") + 1])
    client.load_connection_file()
    client.start_channels()
    return client


@contextlib.contextmanager
def running(site: Site, code: str) -> Iterator[Callable[[], Any]]:
    """Run a cell in the project's kernel; yield what tells its reply, or None while it runs."""
    (kernel,) = site.kernels()
    client = kernel_client(kernel)
    try:
        client.wait_for_ready(timeout=PATIENCE_SECONDS)
        asked, replies = client.execute(code), []

        def reply() -> Any:
            while not replies and client.shell_channel.msg_ready():
                found = client.get_shell_msg(timeout=1)
                replies.extend([found] if found["parent_header"].get("msg_id") == asked else [])
            return replies[0]["content"]["status"] if replies else None

        yield reply
        assert wait_for(reply) == "ok"
    finally:
        client.stop_channels()


@contextlib.contextmanager
def waiting(site: Site, code: str) -> Iterator[Callable[[], Any]]:
    """Run a cell that waits at a pipe until this is left; yield what tells its reply, or None while it waits."""
    pipe, begun = site.root.parent / "pipe", site.root.parent / "begun"
    os.mkfifo(pipe)
    with running(site, f"open({str(begun)!r}, 'w').close(); " + code.format(pipe=str(pipe))) as reply:
        wait_for(begun.exists)
        try:
            yield reply
        finally:
            wait_for(lambda: _let_go(pipe))
    pipe.unlink()
    begun.unlink()


def _let_go(pipe: Path) -> bool:
    try:
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False  # nobody waits yet
    return True


# The kernel


AT_ONCE = 4


@pytest.mark.parametrize("kills", [6, pytest.param(50, marks=pytest.mark.whole)])
def test_killed_kernels_lose_nothing_they_showed(site: Site, screen: OpenScreen, kills: int) -> None:
    """However a kernel is killed while it ticks, what was done on screen is in the journal, once and whole.

    One in three is killed before anything is written, one after the first tick, and one at any moment.
    """
    key = site.instantiate(steps(AT_ONCE * kills + 3))
    shown, server = live(site, screen, key)
    journal = Journal.open(f"sqlite:///{site.root}/.nbrunbook/journal.db")
    runbook = journal.runbook("shop", key)
    moments = _moments(shown, [f"s{AT_ONCE * kills + number}" for number in range(3)])

    def held() -> list[str]:
        return [event.step for event in journal.events(runbook) if event.kind == "ticked"]

    for number in range(kills):
        wanted = [f"s{AT_ONCE * number + each}" for each in range(AT_ONCE)]
        before, (kernel,) = held(), site.kernels()
        if number % 3 == 0:
            with contextlib.closing(site.lock()):
                click_at_once(shown, wanted)
                os.kill(kernel, signal.SIGKILL)
            assert held() == before
        elif number % 3 == 1:
            click_at_once(shown, wanted)
            wait_for(lambda before=before: held() != before)
            os.kill(kernel, signal.SIGKILL)
        else:
            killer = threading.Timer(next(moments), os.kill, (kernel, signal.SIGKILL))
            killer.start()
            click_at_once(shown, wanted)
            killer.join()
        wait_for(lambda: restarted(server))
        assert journal.faults(runbook) == []
        assert len(held()) == len(set(held()))
        assert ever_done(shown) <= set(held())
        run_all_again(shown)
        assert done_now(shown) == set(held())
    assert sorted(ticked(site, key)) == sorted(done_now(shown))


def _moments(shown: Screen, some: Sequence[str]) -> Iterator[float]:
    """Yield seconds from a click on, at most as many as some ticks take to be shown."""
    randomly, lives = random.Random(50), []
    for step in some:
        started = time.monotonic()
        shown.tick(step)
        lives.append(time.monotonic() - started)
    while True:
        yield randomly.uniform(0, statistics.median(lives))


SLEEPS = "open({pipe!r}).close()"
HOLDS_THE_INTERPRETER = "import ctypes; ctypes.PyDLL(None).open({pipe!r}.encode(), 0)"


def test_busy_kernel_is_noticed_and_a_sleeping_cell_is_not(site: Site, screen: OpenScreen) -> None:
    """A cell that holds the interpreter shows as no answer and nothing to click; one that waits stops no tick."""
    key = site.instantiate(steps(8))
    shown, _ = live(site, screen, key)
    with waiting(site, SLEEPS) as reply:
        shown.tick("s0")
        assert reply() is None
        assert shown.find('.nbr:not([data-live="live"])').count() == 0
    with waiting(site, HOLDS_THE_INTERPRETER):
        wait_gone(shown)
        assert shown.check("s1").is_disabled()
        shown.check("s1").click(force=True)
    shown.wait_live()
    shown.tick("s2")
    assert ticked(site, key) == ["s0", "s2"]
    assert ever_done(shown) == {"s0", "s2"}


def test_restart_in_the_menu_and_by_another_tool(site: Site, screen: OpenScreen) -> None:
    """A restart from anywhere is noticed without a click, and Run All shows what the journal holds."""
    key = site.instantiate(steps(8))
    shown, server = live(site, screen, key)
    shown.tick("s0")
    shown.choose("Kernel", "Restart Kernel…")
    shown.page.locator(".jp-Dialog:has-text('Restart Kernel?') .jp-mod-accept").click()
    wait_gone(shown)
    run_all_again(shown)
    assert done_now(shown) == {"s0"}
    shown.tick("s1")
    assert restarted(server)
    wait_gone(shown)
    run_all_again(shown)
    assert done_now(shown) == {"s0", "s1"} == set(ticked(site, key))


def test_without_a_kernel_there_is_nothing_to_click(site: Site, screen: OpenScreen) -> None:
    """A runbook whose kernel is gone has no box that can be clicked, before and after the page is loaded again."""
    key = site.instantiate(steps(8))
    shown, server = live(site, screen, key)
    shown.tick("s0")
    shown.page.keyboard.press("Control+s")
    (session,) = server.call("GET", "api/sessions")
    server.call("DELETE", f"api/sessions/{session['id']}")
    wait_gone(shown)
    shown.page.reload()
    shown.find(".jp-OutputArea-output").first.wait_for()
    assert shown.page.locator("input[type=checkbox]:not(:disabled)").count() == 0


# The journal


@pytest.mark.parametrize("each", [50, pytest.param(250, marks=pytest.mark.whole)])
def test_eight_processes_at_one_journal(site: Site, each: int) -> None:
    """Eight processes tick many steps each at one journal: none lost, none twice, one chain."""
    key = site.instantiate(steps(8 * each))
    tickers = [
        site.start("-c", TICKER, key, f"operator-{number}", str(each * number), str(each)) for number in range(8)
    ]
    said = [process.communicate()[0] for process in tickers]
    assert [process.returncode for process in tickers] == [0] * 8, said
    assert sorted(ticked(site, key)) == sorted(f"s{number}" for number in range(8 * each))
    by = {event["operator"] for event in site.events(key)}
    assert by == {"ana", *(f"operator-{number}" for number in range(8))}


@pytest.mark.parametrize("seconds", [5, pytest.param(60, marks=pytest.mark.whole)])
def test_held_lock_is_told_and_passes(site: Site, screen: OpenScreen, seconds: int) -> None:
    """A tick that finds the lock held is refused in words; once it is free a tick works and the header is quiet."""
    key = site.instantiate(steps(8))
    shown, _ = live(site, screen, key)
    until = time.monotonic() + seconds
    held = site.lock()
    for step in ("s0", "s1") if seconds > 10 else ("s0",):
        shown.check(step).click()
        wait_refused(shown, step, "locked")
    if seconds > 10:
        assert "locked" in trouble(shown)
        assert shown.find('.nbr:not([data-live="live"])').count() == 0
    time.sleep(max(0, until - time.monotonic()))  # the fault itself lasts that long
    assert ever_done(shown) == set()
    held.close()
    wait_no_trouble(shown)
    assert ticked(site, key) == []
    shown.tick("s0")
    assert ticked(site, key) == ["s0"]
    assert ever_done(shown) == {"s0"}


def test_reader_that_blocks_the_commit_is_told(site: Site, screen: OpenScreen) -> None:
    """A tick whose commit waits for a slow reader in vain is refused, and is not there when the reader ends."""
    key = site.instantiate(steps(8))
    shown, _ = live(site, screen, key)
    reader = sqlite3.connect(site.root / ".nbrunbook" / "journal.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM event").fetchall()
    shown.check("s0").click()
    wait_refused(shown, "s0", "locked")
    reader.close()
    assert ticked(site, key) == []
    shown.tick("s0")
    assert ticked(site, key) == ["s0"]


@contextlib.contextmanager
def full(site: Site, disk: Path, *, mounted: bool) -> Iterator[None]:
    """Let nothing more be written: fill the disk, or forbid the kernel to write where none could be mounted."""
    if mounted:
        filler = fill(disk)
        yield
        filler.unlink()
        return
    (kernel,) = site.kernels()
    before = resource.prlimit(kernel, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    yield
    resource.prlimit(kernel, resource.RLIMIT_FSIZE, before)


def test_full_disk_is_told(site: Site, screen: OpenScreen, tmp_path: Path) -> None:
    """A tick that the full disk does not take is refused in words, leaves nothing, and works once there is room."""
    disk = tmp_path / "disk"
    with small_disk(disk, 1) as mounted:
        try:
            site.environment["NBRUNBOOK_JOURNAL"] = str(disk / "journal.db")
            key = site.instantiate(steps(8))
            shown, _ = live(site, screen, key)
            shown.tick("s0")
            with full(site, disk, mounted=mounted):
                shown.check("s1").click()
                wait_refused(shown, "s1", "full", "disk I/O error")
                assert ticked(site, key) == ["s0"]
                assert done_now(shown) == {"s0"}
            shown.tick("s1")
            assert ticked(site, key) == ["s0", "s1"]
            assert ever_done(shown) == {"s0", "s1"}
        finally:
            site.close()


def test_deleted_journal_is_told(site: Site, screen: OpenScreen) -> None:
    """A journal that was deleted is told in the header and in the row; put back, it takes ticks again."""
    key = site.instantiate(steps(8))
    shown, _ = live(site, screen, key)
    shown.tick("s0")
    path = site.root / ".nbrunbook" / "journal.db"
    kept = path.rename(path.with_suffix(".kept"))
    assert "journal.db" in trouble(shown)
    shown.check("s1").click()
    wait_not_recorded(shown, "s1", "was deleted while it was open")
    assert not path.exists()
    assert ever_done(shown) == {"s0"}
    kept.rename(path)
    wait_no_trouble(shown)
    wait_refused(shown, "s1", "journal.db", "does not hold it")
    shown.tick("s1")
    assert ticked(site, key) == ["s0", "s1"]


def test_replaced_journal_is_told(site: Site, screen: OpenScreen) -> None:
    """With an earlier copy of the journal in its place, the header goes on saying so, and no tick counts as done."""
    key = site.instantiate(steps(8))
    shown, _ = live(site, screen, key)
    shown.tick("s0")
    path = site.root / ".nbrunbook" / "journal.db"
    earlier = Path(shutil.copy(path, path.with_suffix(".earlier")))
    shown.tick("s1")
    earlier.replace(path)
    assert "replaced" in trouble(shown)
    assert ticked(site, key) == ["s0"]
    shown.check("s2").click()
    wait_not_recorded(shown, "s2", "was replaced while it was open")
    assert shown.find(".nbr[data-trouble=true]").count() == 1


def test_another_journal_in_its_place_is_told(site: Site, screen: OpenScreen, tmp_path: Path) -> None:
    """With a journal in its place that does not know the runbook, the header says so and no tick counts as done."""
    (tmp_path / "other").mkdir()
    other = Site(tmp_path / "other")
    other.instantiate(name="9.9")
    key = site.instantiate(steps(8))
    shown, _ = live(site, screen, key)
    shown.tick("s0")
    path = site.root / ".nbrunbook" / "journal.db"
    (other.root / ".nbrunbook" / "journal.db").replace(path)
    assert "replaced" in trouble(shown)
    shown.check("s1").click()
    wait_not_recorded(shown, "s1", "was replaced while it was open")
    assert shown.find(".nbr[data-trouble=true]").count() == 1
    assert ever_done(shown) == {"s0"}


# The network


@pytest.fixture
def network() -> Iterator[Callable[[str], tuple[Proxy, str]]]:
    """Put a network in front of a server; what is given is it, and the address behind it."""
    made: list[Proxy] = []

    def in_front_of(address: str) -> tuple[Proxy, str]:
        parts = urlsplit(address)
        proxy = Proxy(parts.port or 0)
        made.append(proxy)
        return proxy, parts._replace(netloc=f"127.0.0.1:{proxy.port}").geturl()

    yield in_front_of
    for each in made:
        each.close()


Network = Callable[[str], tuple[Proxy, str]]


def test_lost_answer_is_found_in_the_journal(site: Site, screen: OpenScreen, network: Network) -> None:
    """A tick whose answer was lost is not known yet; when the connection is back it is done, with one event."""
    key = site.instantiate(steps(8))
    proxy, address = network(site.work(key))
    shown = watched(screen(address))
    proxy.swallow_answers()
    shown.check("s0").click()
    wait_for(lambda: ticked(site, key) == ["s0"])
    shown.wait_words('[data-step="s0"] .nbr-answer', "Not known yet")
    wait_gone(shown)
    assert ever_done(shown) == set()
    proxy.cut()
    shown.wait_status("s0", "done")
    shown.wait_live()
    assert ticked(site, key) == ["s0"]


def test_cut_network_comes_back(site: Site, screen: OpenScreen, network: Network) -> None:
    """While the network is away nothing can be clicked; back, the panels are live and show what all did meanwhile."""
    key = site.instantiate(steps(8))
    proxy, address = network(site.work(key))
    shown = watched(screen(address))
    for number, broken in enumerate([(), (proxy.cut,)]):
        just_before, meanwhile, afterwards = (f"s{4 * number + each}" for each in range(3))
        click_at_once(shown, [just_before])
        until = time.monotonic() + 10
        for fault in (proxy.lose_packets, *broken):
            fault()
        wait_gone(shown)
        site.command("tick", key, meanwhile, NBRUNBOOK_OPERATOR="ben")
        assert ever_done(shown) <= set(ticked(site, key))
        time.sleep(max(0, until - time.monotonic()))  # the fault itself lasts that long
        proxy.mend()
        shown.wait_live()
        shown.wait_status(meanwhile, "done")
        shown.row(just_before).locator('.nbr-answer:not([data-kind="unknown"])').wait_for(state="attached")
        assert done_now(shown) == set(ticked(site, key))
        shown.tick(afterwards)
    found = ticked(site, key)
    assert len(found) == len(set(found))
    assert ever_done(shown) == set(found)
