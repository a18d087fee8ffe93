"""Views: what panels show, live as JSON, at rest as HTML and text."""

from __future__ import annotations

import json

import pytest

from nbrunbook.jupyter.views import Told, Views
from nbrunbook.project.settings import find_project
from nbrunbook.work.session import Session
from tests.conftest import Workplace
from tests.making import registered, session_on

STEPS = """## Tell {owner=ops}
- [ ] Mail {#mail}
- [ ] Board {#board .optional}
## Wrong {.if-needed #wrong}
- [ ] Back {#back}
"""
NOTHING = Told()


@pytest.fixture
def ana(work: Workplace) -> Session:
    """Ana at work."""
    return session_on(registered(STEPS))


def _views(session: Session) -> Views:
    return Views(session, find_project())


def test_a_header_says_what_is_next(ana: Session) -> None:
    """What it is, how far, whose steps there are, and the first open one; nothing once all are settled."""
    header = _views(ana).view("header", "", NOTHING)
    assert (header["key"], header["settled"], header["total"]) == ("staging/1.0", 0, 2)
    assert (header["next"], header["owners"]) == ({"id": "mail", "title": "Mail"}, ["ops"])
    assert header["journal"] == ".nbrunbook/journal.db (only on this computer)"
    for step in ("mail", "board"):
        ana.append("ticked", step)
    assert _views(ana).view("header", "", NOTHING)["next"] is None


def test_a_section_has_its_steps(ana: Session) -> None:
    """Its own and no others'; whether all are settled, and what opens it."""
    tell, wrong = (_views(ana).view("checklist", each, NOTHING) for each in ("tell", "wrong"))
    assert (set(tell["steps"]), tell["settled"], tell["opens"]) == ({"mail", "board"}, False, "")
    assert (set(wrong["steps"]), bool(wrong["opens"])) == ({"back"}, True)
    assert tell["steps"]["mail"]["owner"] == "ops"


def test_a_sign_off_tells_what_is_optional(ana: Session) -> None:
    """What is required and open comes first; then what may stay open, as long as the runbook is."""
    first, second = _views(ana).view("sign-off", "", NOTHING)["lines"]
    assert first["items"] == ["Mail"]
    assert second["words"] == "Optional and open: Board"
    ana.append("ticked", "mail")
    ana.sign_off(None)
    assert [each["words"] for each in _views(ana).view("sign-off", "", NOTHING)["lines"]][1:] == []


@pytest.mark.parametrize(("role", "section"), [("header", ""), ("checklist", "tell"), ("sign-off", "")])
def test_trouble_is_on_every_panel(ana: Session, role: str, section: str) -> None:
    """Why the journal cannot be read stands wherever somebody may look; what is shown is JSON."""
    shown = _views(ana).view(role, section, Told(trouble="the disk is full"))
    assert shown["trouble"] == "the disk is full"
    assert json.loads(json.dumps(shown)) == shown


def test_at_rest_it_says_how_to_go_live(ana: Session) -> None:
    """A saved notebook has the same words, and a command to go on."""
    views = _views(ana)
    html, text = views.static("header", "", "", Told(revision="the template changed"))
    for shown in (html, text):
        assert "As last saved, not live. To work on it: nbrunbook work staging/1.0" in shown
        assert "the template changed" in shown
    assert views.static("checklist", "tell", "<p>drawn</p>", NOTHING)[0] == "<p>drawn</p>"
    assert "Mail" in views.static("sign-off", "", "", NOTHING)[1]


def test_drawn_html_depends_on_little(ana: Session) -> None:
    """A tick changes none of it; an added step does, and evidence that is put in."""
    before = _views(ana).depends_on()
    ana.append("ticked", "mail")
    assert _views(ana).depends_on() == before
    ana.add("Look")
    assert _views(ana).depends_on() != before
    assert _views(ana).drawn("") == ""
