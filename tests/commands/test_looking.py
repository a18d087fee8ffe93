"""Looks as the command line shows them."""

from __future__ import annotations

import pytest

from nbrunbook.automation import looking
from tests.conftest import Workplace
from tests.making import session_on
from tests.running import KEY, looks_in, runs_of, wait_for

PLAIN = "from nbrunbook import check\nrelease: str = '1.0'\nenvironment: str = 'staging'"
LATER = "- [ ] First {#first}\n- [ ] Plain {#plain after=first}\n- [ ] Free {#free}\n"
LATER_CODE = "@check('plain')\ndef f(): ...\n@check('free')\ndef g():\n    return 'free'"


def _kinds(key: str = KEY) -> list[str]:
    return [event.kind for event in session_on(key).events]


def test_only_another_result_is_recorded(made: Workplace) -> None:
    """The first run is one as any other; then each result is an event only where it is another one than before."""
    for name, outcome in [("", "passed"), ("", "passed"), ("red", "failed"), ("red", "failed"), ("", "passed")]:
        (made.root / "red").unlink(missing_ok=True)
        if name:
            (made.root / name).touch()
        assert made.run("check", KEY, "--json") == (outcome == "failed"), made.err
        assert [each["outcome"] for each in runs_of(made)] == [outcome]
    assert _kinds() == ["opened", "started", "passed", "failed", "passed"]
    assert made.run("check", KEY) == 0
    assert "green: passed, as before" in made.out
    assert "s3cret-token" not in made.out
    assert made.run("verify", KEY) == 0, made.out


def test_the_json_of_a_look(made: Workplace) -> None:
    """As that of a run, whether it is recorded or not."""
    for _ in range(2):
        (made.root / "amber").touch()
        assert made.run("check", KEY, "--json") == 0, made.err
        (found,) = runs_of(made)
        assert list(found) == ["runbook", "step", "run", "outcome", "value", "message", "seconds", "at"]
        assert (found["runbook"], found["step"], found["outcome"]) == (KEY, "green", "warned")
        assert (found["value"], found["message"]) == ("12 shards", "health is amber")
        assert found["at"].endswith("Z")
        assert found["seconds"] > 0
    assert _kinds() == ["opened", "started", "warned"]


def test_ctrl_c_ends_a_look(made: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for it any more, and nothing is recorded."""
    assert made.run("check", KEY) == 0, made.err
    (made.root / "hang").touch()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(looking.time, "sleep", interrupted)
        assert made.run("check", KEY) == 130
    assert "it ends, and nothing is recorded of it" in made.err
    (place,) = looks_in(made)
    wait_for(lambda: looking.lock.is_free(place))
    assert _kinds() == ["opened", "started", "passed"]
