"""Verifying: whatever was edited in a record is found."""

from __future__ import annotations

import hashlib
import html
import json
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.errors import NbrunbookError, RecordError
from nbrunbook.journal.entries import row_of
from nbrunbook.project.settings import find_project
from nbrunbook.record import verify
from nbrunbook.record.verify import Verdict
from nbrunbook.runbook import events
from nbrunbook.work.archive import archive
from nbrunbook.work.session import Session
from tests.conftest import Workplace
from tests.making import fault_of, raw_journal
from tests.record.conftest import Signed


def test_a_record_holds(signed: Signed) -> None:
    """A record as it was written holds against itself, SHA256SUMS and the journal."""
    expected = ("itself", "SHA256SUMS", "the journal")
    assert verify.verify(signed) == Verdict(path=signed, fault=None, held_against=expected)


def test_a_record_holds_anywhere(
    signed: Signed, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent by mail, a record is held against itself, and against the journal of the project that one stands in."""
    moved = tmp_path_factory.mktemp("elsewhere") / "mailed.html"
    shutil.copy(signed, moved)
    verdict = verify.verify(moved)
    assert (verdict.fault, verdict.held_against) == (None, ("itself", "the journal"))
    monkeypatch.chdir(moved.parent)
    verdict = verify.verify(moved)
    assert (verdict.fault, verdict.held_against) == (None, ("itself",))
    assert len(verdict.not_asked) == 2


def test_what_lies_beside_a_record_is_not_asked(
    signed: Signed, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A configuration that was downloaded with it would name a host, and get what is sent there."""
    moved = tmp_path_factory.mktemp("downloads") / "mailed.html"
    shutil.copy(signed, moved)
    (moved.parent / "nbrunbook.toml").write_text('journal = "postgresql://127.0.0.1:1/ops"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    verdict = verify.verify(moved)
    assert [each for each in verdict.not_asked if "127.0.0.1" in each] == []


def test_every_byte_of_the_digest_counts(signed: Signed) -> None:
    """Any one byte changed in the element that holds the digest is found."""
    content = signed.read_bytes()
    element = re.search(rb"<meta [^>]*nbrunbook-digest[^>]*>", content)
    assert element
    for position in range(*element.span()):
        for delta in (1, 0x20, 0x80):
            changed = bytes([content[position] ^ delta])
            signed.write_bytes(content[:position] + changed + content[position + 1 :])
            assert fault_of(signed), (position, delta)


def test_any_changed_byte_is_found(signed: Signed) -> None:
    """Any one byte changed in a record is found without asking anybody."""
    content, dice = signed.read_bytes(), random.Random(20261122)
    for _ in range(400):
        position, delta = dice.randrange(len(content)), dice.randrange(1, 256)
        changed = bytes([content[position] ^ delta])
        signed.write_bytes(content[:position] + changed + content[position + 1 :])
        verdict = verify.verify(signed)
        assert verdict.fault, (position, delta)
        assert verdict.held_against == ("itself",)


@pytest.mark.parametrize("edit", [lambda page: page[:-1], lambda page: page + b"\n", lambda page: b"\n" + page])
def test_a_longer_or_shorter_page_is_found(signed: Signed, edit: Callable[[bytes], bytes]) -> None:
    """A byte too many or too few is found."""
    signed.write_bytes(edit(signed.read_bytes()))
    assert "edited" in fault_of(signed)


def _forge(path: Path, old: str = "sent at noon", new: str = "sent at nine") -> None:
    """Edit a page and give it a digest that fits."""
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_bytes(verify.seal(content.replace(old, new).encode()))


def test_a_forger_is_found_by_the_sums(signed: Signed) -> None:
    """Who edits a page and recomputes its digest is found by SHA256SUMS."""
    _forge(signed, "For everybody.", "For nobody.")
    verdict = verify.verify(signed)
    assert "SHA256SUMS says" in str(verdict.fault)
    assert verdict.held_against == ("itself", "SHA256SUMS")


def test_a_forger_is_found_by_the_journal(signed: Signed) -> None:
    """Who edits a page, its digest and SHA256SUMS is found by the journal."""
    _forge(signed, "For everybody.", "For nobody.")
    sums = signed.parents[1] / "SHA256SUMS"
    sums.write_text(f"{hashlib.sha256(signed.read_bytes()).hexdigest()}  staging/1.0.html\n", encoding="utf-8")
    assert "the journal never archived a page" in fault_of(signed)
    sums.unlink()
    assert "the journal never archived a page" in fault_of(signed)


def test_a_forged_note_is_found_in_the_page_itself(signed: Signed) -> None:
    """Who edits what was said cannot make the page's own journal fit, even with a new digest."""
    _forge(signed)
    assert "data was edited" in fault_of(signed)


def _with_facts(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Forge the JSON in a page, and give it a digest that fits."""
    content = path.read_text(encoding="utf-8")
    start, _, rest = content.rpartition('id="nbrunbook-journal"')
    old = re.search(r">(.*?)</pre>", rest, re.DOTALL)
    assert old
    facts = json.loads(html.unescape(old[1]))
    change(facts)
    new = html.escape(json.dumps(facts), quote=True)
    path.write_bytes(verify.seal(f'{start}id="nbrunbook-journal"{rest.replace(old[1], new)}'.encode()))


FORGERIES: dict[str, Callable[[dict[str, Any]], object]] = {
    "an event fewer": lambda facts: facts["events"].pop(1),
    "no sign-off": lambda facts: facts["events"].pop(),
    "no events": lambda facts: facts["events"].clear(),
    "two exchanged": lambda facts: facts["events"].insert(1, facts["events"].pop(2)),
    "another hash": lambda facts: facts.update(head="0" * 64),
    "another operator": lambda facts: facts["events"][1].update(operator="eve"),
    "other data": lambda facts: facts["events"][1].update(data={"note": "x"}),
    "data of another kind": lambda facts: facts["events"][1].update(data=[7]),
    "no time": lambda facts: facts["events"][1].pop("at"),
    "an event of another kind": lambda facts: facts["events"].append(7),
    "other facts": lambda facts: facts["runbook"].update(created_by="eve"),
    "no facts": lambda facts: facts.update(runbook="7"),
    "another format": lambda facts: facts.update(format=2),
    "events of another kind": lambda facts: facts.update(events=7),
}


@pytest.mark.parametrize("change", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_journal_is_found_in_the_page_itself(
    signed: Signed, change: Callable[[dict[str, Any]], object]
) -> None:
    """A page whose journal was edited is found without SHA256SUMS and without the journal."""
    _with_facts(signed, change)
    verdict = verify.verify(signed)
    assert verdict.fault
    assert verdict.held_against == ("itself",)


def test_a_forged_draft_is_not_held_against_the_journal(signed: Signed) -> None:
    """A forger who calls an edited page a draft does not thereby get the journal's word for it."""
    _forge(signed, "For everybody.", "For nobody.")
    _with_facts(signed, lambda facts: facts.update(draft=True))
    (signed.parents[1] / "SHA256SUMS").unlink()
    verdict = verify.verify(signed)
    assert verdict.fault or "the journal" not in verdict.held_against


def test_a_draft_is_never_said_to_hold(ana: Session, work: Workplace) -> None:
    """Verifying a draft says that it is one: it proves nothing."""
    path = archive(ana, find_project(), draft=True).path
    work.run("verify", path)
    assert "draft" in (work.out + work.err).replace(str(path), "").lower()


def test_a_shorter_journal_is_told(signed: Signed, work: Workplace) -> None:
    """A page that holds events which the journal has lost does not hold against it."""
    with raw_journal(without="event") as raw:
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("DELETE FROM event WHERE seq > 3")
    assert "the page has 4 events, and the journal 3" in fault_of(signed)


def test_an_edited_journal_is_told(signed: Signed, work: Workplace) -> None:
    """A journal whose chain is broken vouches for nothing."""
    with raw_journal(without="event") as raw:
        raw.execute("UPDATE event SET hash = 'x' WHERE seq = 2")
    assert "the journal itself does not hold" in fault_of(signed)


def test_a_missing_journal_is_told(signed: Signed, work: Workplace) -> None:
    """Without a journal a record holds against itself and SHA256SUMS, and says so."""
    (work.root / ".nbrunbook" / "journal.db").unlink()
    verdict = verify.verify(signed)
    assert (verdict.fault, verdict.held_against) == (None, ("itself", "SHA256SUMS"))
    assert "the journal was not asked" in verdict.not_asked[0]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"\xff\xfe",
        b"<html></html>",
        verify.seal(b'<meta name="nbrunbook-digest" content="sha256:' + b"0" * 64 + b'">'),
        verify.seal(
            b'<meta name="nbrunbook-digest" content="sha256:'
            + b"0" * 64
            + b'"><pre id="nbrunbook-journal">{&quot;format&quot;:1}</pre>'
        ),
    ],
)
def test_what_is_no_record_does_not_hold(tmp_path: Path, content: bytes) -> None:
    """A file that is no record never holds, whatever digest it has."""
    path = tmp_path / "page.html"
    path.write_bytes(content)
    assert fault_of(path)


def test_a_missing_record_is_an_error(tmp_path: Path) -> None:
    """A file that is not there, or a folder, is an expected error."""
    for path in (tmp_path / "none.html", tmp_path):
        with pytest.raises(RecordError, match=re.escape(str(path))):
            verify.verify(path)


def test_a_page_without_a_place_for_a_digest_is_not_sealed() -> None:
    """Only a page that has a place for its digest gets one."""
    with pytest.raises(NbrunbookError, match="without a place"):
        verify.seal(b"<html></html>")


def test_a_page_without_a_sign_off_is_no_record(signed: Signed, tmp_path: Path) -> None:
    """A whole chain with its own head that ends before the sign-off is found, wherever the page is."""

    def cut(facts: dict[str, Any]) -> None:
        facts["events"].pop()
        row = row_of(facts["runbook"])
        facts["head"] = list(events.chained(facts["events"], runbook=row.key, first_hash=row.digest))[-1].hash()

    _with_facts(signed, cut)
    assert fault_of(signed) == "the runbook in the page was never signed off"


def test_a_record_of_a_reopened_runbook_says_what_it_was(ana: Session, signed: Signed) -> None:
    """What came after the sign-off, a reopening too, takes nothing from the record before it."""
    ana.append("reopened", data={"reason": "one more"})
    ana.append("noted", data={"note": "later"})
    assert fault_of(signed) == ""


def test_other_facts_in_the_journal_are_told(signed: Signed, work: Workplace) -> None:
    """A runbook's row that was edited together with its digest is other facts, and not a broken chain."""
    with raw_journal(without="runbook") as raw:
        raw.execute("UPDATE runbook SET body = replace(body, '\"ana\"', '\"eve\"')")
    assert fault_of(signed) == "the journal has other facts about this runbook"


def test_a_journal_that_lost_only_the_record_s_digest_says_that(signed: Signed, work: Workplace) -> None:
    """A page with as many events as the journal holds lost none of them: only the `archived` is missing."""
    with raw_journal(without="event") as raw:
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("DELETE FROM event WHERE kind = 'archived'")
        raw.without_triggers("event_data")
        raw.execute("DELETE FROM event_data WHERE event NOT IN (SELECT id FROM event)")
    assert fault_of(signed) == "the journal never archived a page with this sha256"


@pytest.mark.parametrize(
    "element",
    [
        '<meta name="nbrunbook-digest" content="sha256:{}">',
        '<meta content="sha256:{}" name="nbrunbook-digest" lang="en">',
    ],
)
def test_a_digest_is_found_in_whichever_order(element: str) -> None:
    """The attributes of the element may stand in any order; a byte that changes after sealing is found in each."""
    sealed = verify.seal(f"<html>{element.format(verify.ZEROS)}words</html>".encode())
    assert verify.ZEROS.encode() not in sealed
    assert verify.own_fault(sealed) == "the journal in the page cannot be read; expected JSON of format 1"
    assert str(verify.own_fault(sealed.replace(b"words", b"woods"))).startswith("the file was edited: its digest says")


def test_the_sums_lie_at_most_three_folders_up(signed: Signed, work: Workplace, tmp_path: Path) -> None:
    """A list of another project further up says nothing about a record."""
    sums = signed.parent.parent / "SHA256SUMS"
    for depth, held in ((3, True), (4, False)):
        top = tmp_path / f"up-{depth}"
        path = top.joinpath(*"abc"[: depth - 1], signed.name)
        path.parent.mkdir(parents=True)
        path.write_bytes(signed.read_bytes())
        digest = sums.read_text(encoding="utf-8").partition(" ")[0]
        (top / "SHA256SUMS").write_text(f"{digest}  {path.relative_to(top).as_posix()}\n", encoding="utf-8")
        assert ("SHA256SUMS" in verify.verify(path).held_against) is held


def test_a_forged_chain_is_not_that_of_the_journal(signed: Signed, work: Workplace) -> None:
    """A page that is whole in itself, and that no list names, is still held against each event of the journal."""

    def forge(facts: dict[str, Any]) -> None:
        facts["events"][1]["operator"] = "eve"
        row = row_of(facts["runbook"])
        facts["head"] = list(events.chained(facts["events"], runbook=row.key, first_hash=row.digest))[-1].hash()

    _with_facts(signed, forge)
    (signed.parent.parent / "SHA256SUMS").unlink()
    assert verify.own_fault(signed.read_bytes()) is None
    assert fault_of(signed) == "event 2 is not the one in the journal"


def test_a_journal_that_lost_all_events_is_told(ana: Session, signed: Signed, work: Workplace) -> None:
    """Every event of the page is said to be cut off, although none is left to compare it with."""
    facts = verify.embedded(signed.read_bytes())
    with raw_journal(without="event") as raw:
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("DELETE FROM event")
    assert list(verify.differences(ana.journal, ana.runbook, facts, "x")) == [
        "the page has 4 events, and the journal 0: those after event 0 were cut off",
        "the journal never archived a page with this sha256",
    ]
