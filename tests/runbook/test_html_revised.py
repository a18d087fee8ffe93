"""Drawing after a revision: what is new has a place, what was reworded says so, what is gone leaves a word."""

from __future__ import annotations

import re

import pytest

from nbrunbook.runbook import closing, replay, words
from nbrunbook.runbook.events import Kind
from nbrunbook.runbook.html import header_html, home_html, removed_html, section_html
from nbrunbook.runbook.plain import header_text, home_text, section_text
from nbrunbook.runbook.progress import Progress
from tests.making import AT, HOSTILE, clock, event, plan_of

MADE = "## One\n- [ ] Mail {#mail}\n- [ ] Board {#board}\n## Two\n- [ ] Drain {#drain}"
NEW = (
    "## One, again {#one}\n- [ ] Mail all {#mail}\n- [ ] Board {#board}\n  Look twice.\n"
    "## New {.if-needed #new}\n- [ ] Call {#call}"
)


def _done(*facts: tuple[Kind, str], to: str = NEW, **more: str) -> Progress:
    done = replay.apply_all(replay.start(plan_of(MADE)), [event("opened")])
    made = [event(kind, step, seq=number, **more) for number, (kind, step) in enumerate(facts, 2)]
    last = event("revised", seq=len(made) + 2, operator="ben", plan=plan_of(to).digest)
    return replay.apply_all(done, [*made, last], {plan_of(to).digest: plan_of(to)})


def _html(done: Progress, home: str) -> str:
    return home_html(done, home, str, now=AT)


def test_without_a_revision_a_cell_holds_its_section_and_nothing_else() -> None:
    """The cell of a section is drawn as the section itself."""
    done = replay.start(plan_of(MADE))
    assert _html(done, "one") == section_html(done, "one", str, now=AT)
    assert home_text(done, "one", clock()) == section_text(done, "one", clock())


def test_a_new_section_is_drawn_under_its_heading() -> None:
    """It stands behind the section above it, in a frame that the browser finds, its steps marked as new."""
    drawn = _html(_done(), "one")
    assert drawn.index('data-step="board"') < drawn.index('<div class="nbr-section" data-section="new"><h2>New</h2>')
    assert drawn.index("<h2>New</h2>") < drawn.index("If needed: closed") < drawn.index('data-step="call"')
    assert drawn.count("new in a revision") == 1
    assert "New\nIf needed: closed" in home_text(_done(), "one", clock())


def test_a_cell_says_what_became_of_its_section() -> None:
    """A section that is gone, and one that is called otherwise above which the old heading still stands."""
    assert words.REMOVED in _html(_done(), "two")
    assert words.REMOVED in home_text(_done(), "two", clock())
    assert "Since a revision this section is called “One, again”." in _html(_done(), "one")


def test_a_reworded_step_says_what_it_said() -> None:
    """The old title where that changed, until it is confirmed; then who did it and who confirmed."""
    done = _done(("ticked", "mail"), ("skipped", "board"))
    drawn = re.sub("<[^>]*>", "", _html(done, "one"))
    assert "Reworded since done, 22 Nov 2026 14:02 UTC by ben (declared): it said “Mail”" in drawn
    assert "Reworded since skipped, 22 Nov 2026 14:02 UTC by ben (declared): its text is another one" in drawn
    done = replay.apply_all(done, [event("ticked", "mail", seq=9, operator="cleo", note="they know")])
    confirmed = "confirmed as reworded by cleo (declared), 22 Nov 14:02 UTC — they know"
    assert words.line(done.of("mail"), clock()) == f"done by ana (declared), 22 Nov 14:02 UTC · {confirmed}"


def test_what_a_revision_left_out_says_what_was_done() -> None:
    """A step that no longer applies keeps the word of who did it."""
    done = _done(("ticked", "drain"), to=MADE.replace("{#drain}", '{#drain when="1 > 2"}'))
    assert words.line(done.of("drain"), clock()).endswith("· a revision has left it out since")
    assert words.line(done.of("drain"), clock()).startswith("done by ana")


@pytest.mark.parametrize("text", HOSTILE.values())
def test_nothing_that_was_typed_becomes_markup(text: str) -> None:
    """Notes on removed steps are text."""
    drawn = removed_html(_done(("noted", "drain"), note=text), now=AT)
    assert set(re.findall("<(/?[a-z0-9]*)", drawn)) == {"h2", "/h2", "ul", "/ul", "li", "/li", "time", "/time"}


def test_the_sign_off_names_what_is_not_confirmed() -> None:
    """Once nothing is open, what was reworded keeps it from being signed off."""
    done = _done(("ticked", "mail"), ("ticked", "board"))
    assert closing.sign_off_text(done, clock()).splitlines() == [
        "Reworded since done, and not confirmed: 2",
        "- Mail all",
        "- Board",
    ]


def test_the_header_says_that_a_revision_waits() -> None:
    """In a line of its own, and only then."""
    done, about = _done(), {"key": "k", "journal": "j", "how_to_go_live": ""}
    assert "Template: the template changed" in header_text(done, clock(), **about, revision="the template changed")
    assert "the template changed" in header_html(
        done, now=AT, production=False, **about, revision="the template changed"
    )
    assert "Template" not in header_text(done, clock(), **about)


def test_a_new_or_renamed_section_is_called_with_its_values() -> None:
    """Where a title is drawn, values are put in."""
    done = _done(
        to="## One of {{release}} {#one}\n- [ ] Mail {#mail}\n## New in {{release}} {#new}\n- [ ] Call {#call}"
    )
    for drawn in (_html(done, "one"), home_text(done, "one", clock())):
        assert "called “One of 1.0”" in drawn
        assert "New in 1.0" in drawn
        assert "{{" not in drawn
