"""Times on a terminal: in its own zone, whatever the verb; for machines in UTC."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from nbrunbook.runbook import events
from tests.conftest import MakeRunbook, Workplace
from tests.making import session_on


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Asia/Kathmandu"])
def test_every_verb_tells_the_terminal_s_zone(
    work: Workplace, runbook: MakeRunbook, zone: Callable[[str], None], name: str
) -> None:
    """Who does and reads in one place reads its time: answers, states, lists, what waits, and refusals."""
    key = runbook("- [ ] A {#a}\n- [ ] B {#b wait=2h}")
    zone(name)
    assert work.run("tick", key, "a") == 0
    done = session_on().progress.of("a").by
    assert done is not None
    here, later = (at.astimezone(ZoneInfo(name)) for at in (done.at, done.at + timedelta(hours=2)))
    told, ready = (f"{at.day} {at:%b %H:%M %Z}" for at in (here, later))
    assert work.out == f"a: done by ana (declared), {told}\n"
    for asked in (("status", key), ("status", key, "--full"), ("journal", key)):
        assert work.run(*asked) == 0, work.err
        assert told in work.out
        assert "UTC" not in work.out
    assert work.run("tick", key, "a") == 1
    assert f"already done by ana, {told}" in work.err
    assert work.run("tick", key, "b") == 1
    assert f"it waits until {ready} (another " in work.err
    assert work.run("pending", "-e", "staging") == 0
    assert f"waiting until {later:%A} {ready}, 1 of 2 done" in work.out
    assert work.run("pending", "-e", "staging", "--json") == 0
    assert json.loads(work.out)["pending"][0]["until"] == events.instant(done.at + timedelta(hours=2))
    assert work.run("export", key) == 0
    assert " UTC -->" in work.out.splitlines()[0]
