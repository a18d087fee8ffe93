"""nbrunbook tick."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO

import pytest

from tests.conftest import MakeRunbook, Workplace
from tests.making import registered, session_on

MARKDOWN = """- [ ] Mail {#mail}
- [ ] Board {#board evidence=link}
- [ ] Promote {#promote .irreversible}
- [ ] All: {#all .group}
  - [ ] Web {#web}
"""


@pytest.fixture
def key(work: Workplace) -> str:
    """A runbook with a step of each kind."""
    return registered(MARKDOWN)


def _ticked() -> list[str]:
    return [event.step for event in session_on().events if event.kind == "ticked"]


def test_steps_are_ticked_in_the_order_given(work: Workplace, key: str) -> None:
    """Each step is one event, in the order given, and each is told."""
    assert work.run("tick", key, "web", "mail", "--note", "sent at noon") == 0
    assert _ticked() == ["web", "mail"]
    assert work.out.startswith("web: done by ana (declared), ")
    assert "mail: done by ana (declared)" in work.out
    assert session_on().progress.of("mail").by.data == {"note": "sent at noon"}  # type: ignore[union-attr]


def test_evidence_is_recorded(work: Workplace, key: str) -> None:
    """A step that asks for evidence is refused without, and keeps what was given."""
    assert work.run("tick", key, "board") == 1
    assert "cannot tick board: it asks for evidence: link" in work.err
    assert work.run("tick", key, "board", "--evidence", "https://x") == 0
    assert session_on().progress.of("board").evidence == "https://x"


@pytest.mark.parametrize("given", ["--evidence", "--file"])
def test_evidence_is_of_one_step(work: Workplace, key: str, given: str) -> None:
    """What is evidence of one step would land on all that are named: nothing is recorded."""
    (work.root / "board.txt").write_text("seen")
    assert work.run("tick", key, "board", "mail", given, "board.txt") == 2
    assert "evidence is of one step" in work.err
    assert _ticked() == []


def test_a_tick_may_be_for_somebody_else(work: Workplace, key: str) -> None:
    """--for records for somebody without Jupyter; who recorded it stands beside."""
    assert work.run("tick", key, "mail", "--for", "Kim, support") == 0
    assert "done by Kim, support, recorded by ana (declared)" in work.out
    assert session_on().events[-1].operator == "ana"


def test_what_is_irreversible_asks_again(work: Workplace, key: str) -> None:
    """Where nobody can answer, an irreversible step needs --yes."""
    assert work.run("tick", key, "promote") == 1
    assert "add --yes" in work.err
    assert _ticked() == []
    assert work.run("tick", key, "promote", "--yes") == 0


@pytest.mark.parametrize(("answer", "ticked"), [("y\n", ["promote"]), ("n\n", []), ("\n", []), ("", [])])
def test_a_person_is_asked(
    work: Workplace, key: str, monkeypatch: pytest.MonkeyPatch, answer: str, ticked: list[str]
) -> None:
    """At a terminal the question is asked, and only a yes records anything."""

    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert (work.run("tick", key, "promote") == 0) is bool(ticked)
    assert "cannot be undone" in work.err
    assert _ticked() == ticked


def test_a_settled_group_is_told(work: Workplace, key: str) -> None:
    """A group cannot be ticked; one that is settled already says so."""
    assert work.run("tick", key, "all") == 1
    assert "it is a group" in work.err
    assert work.run("tick", key, "web", "all") == 0
    assert "all: settled, as its sub-steps are" in work.out


def test_a_refusal_keeps_what_went_before(work: Workplace, key: str) -> None:
    """Where the second of two steps is refused, the first is recorded and told, and the exit status is 1."""
    assert work.run("tick", key, "mail", "board") == 1
    assert _ticked() == ["mail"]
    assert "mail: done" in work.out


def test_nothing_is_ticked_where_one_step_is_unknown(work: Workplace, key: str) -> None:
    """All steps are looked up before the first is ticked."""
    assert work.run("tick", key, "mail", "mial") == 1
    assert _ticked() == []


def test_a_second_tick_is_refused(work: Workplace, key: str) -> None:
    """A step that is done says by whom."""
    assert work.run("tick", key, "mail") == 0
    assert work.run("tick", key, "mail") == 1
    assert "already done by ana" in work.err


def test_a_file_is_evidence(work: Workplace, runbook: MakeRunbook) -> None:
    """A file goes into the journal, and into the record: an image as it is, a text to unfold."""
    key = runbook('- [ ] A {#a evidence="file with the export"}\n- [ ] B {#b evidence="what you saw"}')
    (work.root / "a.csv").write_text("1,<b>\n", encoding="utf-8")
    (work.root / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n123")
    assert work.run("tick", key, "a", "--file", "a.csv") == 0
    assert work.run("tick", key, "b", "--file", "b.png", "--evidence", "all green") == 0
    assert work.run("status", key) == 0
    assert "Evidence: a.csv (6 bytes)" in work.out
    assert "Evidence: all green · b.png (11 bytes)" in work.out
    assert work.run("sign-off", key) == 0
    assert work.run("archive", key) == 0
    page = (work.root / "records" / f"{key}.html").read_text(encoding="utf-8")
    assert "1,&lt;b&gt;" in page
    assert 'download="a.csv" href="data:application/octet-stream;base64,MSw8Yj4K"' in page
    assert '<img alt="Evidence: b.png" src="data:image/png;base64,iVBORw0KGgoxMjM="' in page
    assert work.run("verify", f"records/{key}.html") == 0


def test_a_file_that_is_not_kept_is_refused(work: Workplace, key: str) -> None:
    """A file that is too large, empty or not there is refused in words, and nothing is written."""
    (work.root / "large").write_bytes(b"x" * 5_000_001)
    (work.root / "empty").touch()
    for name, status, words in (
        ("large", 1, "at most 5.0 MB"),
        ("empty", 1, "is empty"),
        ("none", 2, "does not exist"),
    ):
        assert work.run("tick", key, "mail", "--file", name) == status
        assert words in work.err
    assert _ticked() == []


FOREIGN = (
    "jupyter",
    "nbformat",
    "nbconvert",
    "papermill",
    "ipykernel",
    "IPython",
    "anywidget",
    "ipywidgets",
    "traitlets",
)
DRAWING = ("markdown_it", "mdurl", "linkify_it", "nh3", "yaml")


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("arguments", [("tick", "staging/1.0", "mail"), ("status", "staging/1.0"), ("pending",)])
def test_no_more_is_loaded_than_a_tick_needs(work: Workplace, key: str, arguments: tuple[str, ...]) -> None:
    """No Jupyter, nothing that reads or draws Markdown, and of SQLAlchemy only what talks to a database."""
    code = (
        f"import sys; from nbrunbook.commands import run; status = run({list(arguments)!r}); "
        "print(status, *sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=work.root)
    status, *loaded = ran.stderr.splitlines()[-1].split()
    assert status == "0"
    assert "sqlalchemy.engine" in loaded
    assert [name for name in loaded if name.startswith((*FOREIGN, *DRAWING, "sqlalchemy.orm", "psycopg"))] == []


def test_a_refusal_names_the_option_that_helps(work: Workplace) -> None:
    """Evidence by its kind; a question is asked only once nothing else hinders, and an approval is named before it."""
    key = registered("- [ ] A {#a .irreversible .approval evidence=link}\n- [ ] B {#b evidence=file}\n- [ ] C {#c}")
    assert work.run("tick", key, "a", "--yes") == 1
    assert work.err.startswith("error: cannot tick a: a second operator has to approve it first; ")
    assert "somebody else: 'nbrunbook approve staging/1.0 a'" in work.err
    assert work.run("tick", key, "a") == 1
    assert "approve staging/1.0 a" in work.err
    assert "--yes" not in work.err
    session_on(operator="ben").append("approved", "a")
    assert work.run("tick", key, "a") == 1
    assert work.err == "error: cannot tick a: it asks for evidence: link; add --evidence LINK\n"
    assert work.run("tick", key, "a", "--evidence", "https://x.example") == 1
    assert work.err == "error: cannot tick a: it cannot be undone, so it asks again; add --yes\n"
    assert work.run("tick", key, "b") == 1
    assert work.err.endswith("it asks for evidence: file; add --file FILE\n")
    assert work.run("skip", key, "c") == 2
    assert "--reason" in work.err
    assert work.run("skip", key, "c", "--reason", " ") == 1
    assert "a reason is asked for; say why with --reason" in work.err
    assert work.run("sign-off", key) == 1
    assert "tick or skip first: a, b, c" in work.err
    assert _ticked() == []


def test_a_closed_section_is_not_opened_by_a_question(work: Workplace) -> None:
    """What is asked before is what would be refused once it is open."""
    key = registered("- [ ] A {#a}\n\n## Back {.if-needed}\n- [ ] B {#b .irreversible evidence=x}")
    assert work.run("tick", key, "b") == 1
    assert "add --evidence TEXT" in work.err
    assert work.run("tick", key, "b", "--evidence", "y") == 1
    assert "add --yes" in work.err
    assert [event.kind for event in session_on().events] == ["opened"]
    assert work.run("tick", key, "b", "--evidence", "y", "--yes") == 0


@pytest.mark.parametrize("content", [b"", b"x" * 5_000_001])
def test_where_a_file_is_asked_for_a_link_is_not_suggested(work: Workplace, content: bytes) -> None:
    """`--evidence` would be refused there, too, and that one says `--file`."""
    key = registered('- [ ] A {#a evidence="file with the dump"}')
    (work.root / "dump").write_bytes(content)
    assert work.run("tick", key, "a", "--file", "dump") == 1
    assert "give " in work.err
    assert "link" not in work.err
