"""Changes in a terminal."""

from __future__ import annotations

from nbrunbook.review import as_text
from tests.comparing import reviewed

OLD = "## A\n- [ ] Press the button {#press .approval}\n  Look twice.\n  Then go.\n- [ ] Mail support {#mail}"


def test_a_review_reads_like_a_word_diff() -> None:
    """The riskier change first, then the others; words that went and came in git's brackets."""
    new = OLD.replace(" .approval", "").replace("Mail", "Write to").replace("twice", "again")
    assert as_text.show([reviewed(OLD, new)]).split("\n") == [
        "1.0 → 1.0",
        "2 steps reworded, 1 changed; 1 change makes this release riskier",
        "",
        "Riskier",
        "  ~ step changed: Press the button (press), in A",
        "      body:",
        "          Look [-twice-]{+again+}.",
        "          Then go.",
        "      .approval taken away  ! an approval was taken away: nobody else looks before it is done",
        "",
        "Other changes",
        "  ~ step changed: Write to support (mail), in A",
        "      reworded: [-Mail-]{+Write to+} support",
    ]


def test_a_move_says_from_where_to_where() -> None:
    """Another section, another parent and another order are each told in words."""
    places = "## A\n- [ ] a {#a}\n- [ ] b {#b}\n- [ ] c {#c}\n## B\n- [ ] d {#d}"
    new = "## A\n- [ ] b {#b}\n  - [ ] c {#c}\n## B\n- [ ] d {#d}\n- [ ] a {#a}"
    shown = as_text.show([reviewed(places, new)])
    assert "now a sub-step of: {+b+}" in shown
    assert "moved to another section: [-a-] → {+b+}" in shown
    assert "no longer a sub-step of: [-b-]" in as_text.show([reviewed(new, places)])


def test_colours_take_the_place_of_brackets() -> None:
    """With colours nothing is marked twice."""
    shown = as_text.show([reviewed(OLD, OLD.replace("Mail", "Write"))], lambda kind, text: f"<{kind}:{text}>")
    assert "reworded: <removed:Mail><added:Write><same: support>" in shown


def test_what_was_written_cannot_steer_the_terminal() -> None:
    """Control characters are shown, and a title stays on its line."""
    new = OLD.replace("Mail", "\x1b[2J\u202e Mail").replace("Look", "\x1b]0;x\x07 Look")
    shown = as_text.show([reviewed(OLD, new)])
    assert "\x1b" not in shown
    assert "␛[2J⟨U+202E⟩" in shown


def test_without_a_change_it_says_so() -> None:
    """No template that changed, and a pair without a change, are one sentence."""
    assert as_text.show([]) == "No step changed."
    assert as_text.show([reviewed(OLD, OLD)]) == "1.0 → 1.0\nNo step changed."
