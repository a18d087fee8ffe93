"""Looking: looks at checks, in processes of their own."""

from __future__ import annotations

import os
import signal

from nbrunbook.automation import lock, looking
from nbrunbook.project.settings import find_project
from nbrunbook.runbook.events import ENDS
from tests.conftest import Workplace
from tests.making import session_on
from tests.running import KEY, looks_in, wait_for

PLAIN = "from nbrunbook import check\nrelease: str = '1.0'\nenvironment: str = 'staging'"
LATER = "- [ ] First {#first}\n- [ ] Plain {#plain after=first}\n- [ ] Free {#free}\n"
LATER_CODE = "@check('plain')\ndef f(): ...\n@check('free')\ndef g():\n    return 'free'"


def _kinds(key: str = KEY) -> list[str]:
    return [event.kind for event in session_on(key).events]


def test_a_look_that_goes_on_is_left_out(made: Workplace) -> None:
    """The next cron says so and fails nothing, by its name it is refused; --stop ends it, and nothing is recorded."""
    assert made.run("check", KEY) == 0, made.err
    (made.root / "hang").touch()
    session = session_on()
    look = looking.begin(session, find_project(), "green")
    wait_for(lambda: (look.folder / "output.log").exists())
    assert made.run("check", "--all") == 0
    assert "the last one has looked for" in made.err
    assert "no check could look now" in made.err
    assert made.run("check", KEY, "green") == 1
    assert f"'nbrunbook run {KEY} green --stop' ends it" in made.err
    assert made.run("run", KEY, "green", "--stop") == 0, made.err
    found, is_news = looking.follow(session, look)
    assert found
    assert (found.kind, is_news) == ("stopped", False)
    assert _kinds() == ["opened", "started", "passed"]


def test_a_look_that_dies_leaves_nothing(made: Workplace) -> None:
    """Killed with its supervisor nobody knows what it saw; the next one looks as ever."""
    assert made.run("check", KEY) == 0, made.err
    (made.root / "hang").touch()
    session = session_on()
    look = looking.begin(session, find_project(), "green")
    os.kill(look.pid, signal.SIGKILL)
    assert looking.follow(session, look) == (None, False)
    (made.root / "hang").unlink()
    assert made.run("check", KEY) == 0, made.err
    assert _kinds() == ["opened", "started", "passed"]
    assert [path for place in looks_in(made) for path in place.iterdir() if path.is_dir()] == []


def test_a_click_meanwhile_makes_a_look_old(made: Workplace) -> None:
    """What was done by hand while a check looked is not opened by what that saw."""
    (made.root / "red").touch()
    assert made.run("check", KEY) == 1
    (made.root / "hang").touch()
    session = session_on()
    look = looking.begin(session, find_project(), "green")
    assert made.run("tick", KEY, "green", "--reason", "I looked myself") == 0, made.err
    for name in ("red", "hang"):
        (made.root / name).unlink()
    found, is_news = looking.follow(session, look)
    assert found
    assert (found.kind, is_news) == ("passed", False)
    assert _kinds()[-1] == "ticked"


def test_a_sign_off_while_it_looks(made: Workplace) -> None:
    """A look hinders nobody; what it came to is told after the sign-off."""
    assert made.run("check", KEY, "green") == 0, made.err
    for step in ("purge", "manual"):
        assert made.run("tick", KEY, step, "--reason", "by hand", "--yes") == 0, made.err
    for name in ("hang", "red"):
        (made.root / name).touch()
    session = session_on()
    look = looking.begin(session, find_project(), "green")
    assert made.run("sign-off", KEY) == 0, made.err
    (made.root / "hang").unlink()
    found, is_news = looking.follow(session, look)
    assert found
    assert (found.kind, is_news) == ("failed", True)
    assert _kinds()[-2:] == ["signed_off", "failed"]
    assert set(_kinds()) - set(ENDS) == {"opened", "started", "ticked", "signed_off"}


def test_what_looks_have_left_goes_with_a_later_one(made: Workplace) -> None:
    """Whose follower was killed, and long ago: nothing piles up."""
    for _ in range(2):
        assert made.run("check", KEY) == 0, made.err
    (place,) = looks_in(made)
    wait_for(lambda: lock.is_free(place))  # what is left here does not say that the last one has told
    old, new = place / "old", place / "new"
    for each in (old, new):
        each.mkdir()
        (each / "outcome.json").touch()
    os.utime(old, (0, 0))
    assert made.run("check", KEY) == 0, made.err
    assert (old.exists(), new.exists()) == (False, True)
