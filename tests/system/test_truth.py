"""Nothing is lost and nothing lies: the three answers to a tick, in real faults."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys

import pytest

from tests.system.conftest import OpenScreen, Site, wait_for

pytestmark = [pytest.mark.system, pytest.mark.faults]


def test_locked_journal_is_refused_in_words(site: Site, screen: OpenScreen) -> None:
    """A tick that finds the journal locked is told as not recorded, in words, and is not there later."""
    key = site.instantiate()
    shown = screen(site.work(key))
    shown.wait_live()
    held = site.lock()
    shown.check("mail-support").click()
    shown.wait_words('[data-step="mail-support"] .nbr-answer', "locked")
    held.close()
    assert shown.statuses()["mail-support"] == "open"
    assert [event["kind"] for event in site.events(key)] == ["opened"]
    shown.tick("mail-support")
    assert [event["kind"] for event in site.events(key)] == ["opened", "ticked"]


def test_silent_kernel_is_not_known_yet(site: Site, screen: OpenScreen) -> None:
    """While the kernel is silent a tick is not known; once it answers it is done, exactly once."""
    key = site.instantiate()
    shown = screen(site.work(key))
    shown.wait_live()
    (kernel,) = site.kernels()
    os.kill(kernel, signal.SIGSTOP)
    try:
        shown.check("mail-support").click()
        shown.wait_words('[data-step="mail-support"] .nbr-answer', "Not known yet")
        assert shown.statuses()["mail-support"] == "open"
        shown.find('.nbr[data-live="gone"]').first.wait_for()
    finally:
        os.kill(kernel, signal.SIGCONT)
    shown.wait_status("mail-support", "done")
    shown.wait_live()
    assert [event["kind"] for event in site.events(key)] == ["opened", "ticked"]


def test_others_are_seen(site: Site, screen: OpenScreen) -> None:
    """A second browser and the command line see each other's ticks, with the name."""
    key = site.instantiate()
    address = site.work(key)
    ana, ben = screen(address), screen(address)
    ana.wait_live()
    ben.wait_live()
    ana.tick("mail-support")
    ben.wait_status("mail-support", "done")
    site.command("tick", key, "dashboard", "--evidence", "https://board.example.com/7", NBRUNBOOK_OPERATOR="ben")
    ana.wait_status("dashboard", "done")
    assert "done by ben (declared)" in ana.row("dashboard").inner_text()
    assert "Evidence: https://board.example.com/7" in ana.row("dashboard").inner_text()


def test_second_work_uses_the_same_server(site: Site, screen: OpenScreen) -> None:
    """A second `work` starts no server and leads to the runbook that is live already."""
    key = site.instantiate()
    first = site.work(key)
    shown = screen(first)
    shown.wait_live()
    shown.tick("mail-support")
    second = site.command("work", key, "--no-browser")
    assert second.stdout.strip() == first
    again = screen(second.stdout.strip())
    again.wait_live()
    assert again.statuses()["mail-support"] == "done"


def test_killed_ticker_loses_nothing_it_said(site: Site) -> None:
    """Whatever a killed process said was done is in the journal, and the chain holds."""
    steps = [f"s{number}" for number in range(200)]
    key = site.instantiate("## Steps\n" + "\n".join(f"- [ ] step {step} {{#{step}}}" for step in steps))
    code = "import sys; from nbrunbook.commands import main; sys.argv = ['nbrunbook', *sys.argv[1:]]; main()"
    randomly = random.Random(7)
    said: list[str] = []
    for _ in range(5):
        open_steps = [step for step, facts in site.status(key).items() if facts["status"] == "open"]
        process = subprocess.Popen(
            [sys.executable, "-u", "-c", code, "tick", key, *open_steps],
            cwd=site.root, env=site.environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout
        for _ in range(randomly.randint(1, 15)):
            said.append(process.stdout.readline().partition(":")[0])
        process.kill()
        said += [line.partition(":")[0] for line in process.stdout.read().splitlines() if line.endswith("UTC")]
        process.wait()
        process.stdout.close()
    done = {step for step, facts in site.status(key).items() if facts["status"] == "done"}
    assert len(said) >= 5
    assert set(said) <= done
    assert len(site.events(key)) == len(done) + 1


def test_killed_kernel_loses_nothing_it_showed(site: Site, screen: OpenScreen) -> None:
    """Every done that was on screen when the kernel was killed has its event."""
    steps = [f"s{number}" for number in range(12)]
    key = site.instantiate("## Steps\n" + "\n".join(f"- [ ] step {step} {{#{step}}}" for step in steps))
    shown = screen(site.work(key))
    shown.wait_live()
    for step in steps[:6]:
        shown.check(step).click()
    (kernel,) = site.kernels()
    shown.wait_status("s1", "done")
    os.kill(kernel, signal.SIGKILL)
    shown.find('.nbr[data-live="gone"]').first.wait_for()
    on_screen = {step for step, status in shown.statuses().items() if status == "done"}
    wait_for(lambda: kernel not in site.kernels())
    in_journal = {event["step"] for event in site.events(key) if event["kind"] == "ticked"}
    assert on_screen
    assert on_screen <= in_journal
