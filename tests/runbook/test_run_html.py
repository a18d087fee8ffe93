"""What runs wrote, where nothing is live."""

from __future__ import annotations

from dataclasses import replace

from nbrunbook.runbook import run_html
from nbrunbook.runbook.html import home_html
from nbrunbook.runbook.plain import home_text
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.status import Heard
from tests.making import AT, HOSTILE, clock
from tests.runbook.test_runs import after


def _html(done: Progress) -> str:
    (home,) = done.homes
    more = {"more": lambda step_id: run_html.written(done, done.plan.by_id[step_id])}
    return home_html(done, home, lambda target: target, now=AT, **more)


def test_each_state_has_a_sign_of_its_own() -> None:
    """It stands where another step has its box, and the words beside it say the same."""
    begun = [("started", "green")]
    found = {
        kind: _html(after(*begun, (kind, "green")))  # type: ignore[arg-type]
        for kind in ("passed", "warned", "failed", "undecided", "stopped")
    }
    signs = {"passed": "✓", "warned": "⚠", "failed": "✗", "undecided": "?", "stopped": "◼"}
    assert {kind: f'nbr-box">{signs[kind]}</span>' in drawn for kind, drawn in found.items()} == dict.fromkeys(
        signs, True
    )
    assert "failed, run by ana (declared)" in found["failed"]
    assert 'nbr-box">○</span>' in _html(after())
    assert 'nbr-box">◔</span>' in _html(after(("started", "green")))


def test_what_it_wrote_is_folded_and_text() -> None:
    """Hostile output is shown to the letter, without what would colour a terminal; so is where it failed."""
    said = {"output": "\n".join(HOSTILE.values()), "traceback": "Traceback: <b>", "message": "<i>no</i>"}
    drawn = _html(after(("started", "green"), ("failed", "green"), **said))
    assert drawn.count("<details") == 2
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in drawn
    assert "<script" not in drawn
    assert "\x1b" not in drawn
    assert "Traceback: &lt;b&gt;" in drawn
    assert "&lt;i&gt;no&lt;/i&gt;" in drawn
    assert "<details" not in _html(after(("started", "green"), ("passed", "green")))


def test_a_run_that_goes_on_shows_its_last_lines() -> None:
    """As HTML and as text."""
    done = after(("started", "green"))
    run = done.of("green").run
    assert run
    done = replace(done, heard={run.id: Heard(host="h", seconds=2, lines=("one <b>", "\x1b[31mtwo"))})
    assert "one &lt;b&gt;\ntwo</pre>" in _html(done)
    (home,) = done.homes
    assert "│ two" in home_text(done, home, clock())
