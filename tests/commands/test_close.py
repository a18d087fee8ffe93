"""nbrunbook close."""

from __future__ import annotations

import pytest

from nbrunbook.project.settings import find_project
from tests.conftest import MakeRunbook, Workplace
from tests.making import session_on

MARKDOWN = "## Do\n- [ ] A {#a}\n## Way back {.if-needed #back}\n- [ ] B {#b}\n- [ ] C {#c}\n"


@pytest.mark.parametrize("named", ["back", "b"])
def test_a_section_in_which_nothing_was_done_is_closed_again(work: Workplace, runbook: MakeRunbook, named: str) -> None:
    """By its id or by a step in it; its steps do not count any more, and the sign-off does not wait for them."""
    key = runbook(MARKDOWN)
    assert work.run("tick", key, "a", "b") == 0
    assert work.run("close", key, named) == 1
    assert "cannot close back: “B” in it is done; undo that first" in work.err
    assert work.run("untick", key, "b", "--reason", "not needed") == 0
    assert work.run("status", key) == 0
    assert "If needed: opened by ana (declared), " in work.out
    assert work.run("close", key, named) == 0
    assert work.out == "back: closed by ana (declared), 1 of 1 done\n"
    assert work.run("status", key) == 0
    assert "until an operator opens it. Closed again by ana (declared), " in work.out
    assert work.run("close", key, named) == 1
    assert "cannot close back: it is not open" in work.err
    assert work.run("sign-off", key) == 0


def test_who_closed_it_stands_in_the_record(work: Workplace, runbook: MakeRunbook) -> None:
    """In its section and in the journal, and the record holds."""
    key = runbook(MARKDOWN)
    session_on(key).open_section("back")
    for verb in (["close", key, "back"], ["tick", key, "a"], ["sign-off", key], ["archive", key]):
        assert work.run(*verb) == 0, work.err
    page = (find_project().records / f"{key}.html").read_text(encoding="utf-8")
    assert "Closed again by ana (declared), " in page
    assert '<td>closed</td><td><a href="#section-back">Way back</a> <small>back</small></td>' in page
    assert work.run("verify", f"records/{key}.html") == 0


def test_what_is_no_such_section_is_refused(work: Workplace, runbook: MakeRunbook) -> None:
    """Those that may be named are."""
    key = runbook(MARKDOWN)
    for named in ("do", "a", "bakc"):
        assert work.run("close", key, named) == 1
        assert f"there is no section '{named}'; expected one of: back" in work.err
