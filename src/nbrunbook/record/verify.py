"""Proof: whether a record is what was written, held against itself, SHA256SUMS and the journal.

Reads what `record` wrote, and needs nothing of what draws it.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbrunbook.errors import NbrunbookError, RecordError
from nbrunbook.journal.chain import check_chain, row_of_event
from nbrunbook.journal.entries import RunbookRow, row_of, sha256
from nbrunbook.journal.journal import Journal
from nbrunbook.project import author_files
from nbrunbook.project.settings import Project, find_project
from nbrunbook.record import shown_code
from nbrunbook.runbook import events, formats
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.status import LIFE, State
from nbrunbook.texts import many, short

FORMAT, WITH_CODE = 1, 2
"""The version of the JSON in a record; the second one also holds the plans, and the code that they name."""
ZEROS = "0" * 64
DIGEST = re.compile(
    rb'<meta [^<>]{,200}"sha256:([0-9a-f]{64})"[^<>]{,200}nbrunbook-digest[^<>]{,200}>|'
    rb'<meta [^<>]{,200}nbrunbook-digest[^<>]{,200}"sha256:([0-9a-f]{64})"[^<>]{,200}>'
)
"""The meta element with the digest; its attributes may stand in any order."""
JOURNAL = re.compile(r'<pre [^<>]{,200}"nbrunbook-journal"[^<>]{,200}>')
SUMS = "SHA256SUMS"
SUM = re.compile(r"[0-9a-f]{64}  \S.*")
"""A line of it, in the format of sha256sum(1)."""


def seal(content: bytes) -> bytes:
    """Return a page with its own digest filled in; RecordError where it has no place for one."""
    match = DIGEST.search(content)
    if match is None:
        raise RecordError("a page without a place for its digest", "a record that nbrunbook made")
    start, end = match.span(1 if match[1] else 2)
    zeroed = content[:start] + ZEROS.encode() + content[end:]
    return zeroed[:start] + hashlib.sha256(zeroed).hexdigest().encode() + zeroed[end:]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a record was held against, and the first thing that does not hold."""

    path: Path
    fault: str | None
    held_against: tuple[str, ...]
    """itself, SHA256SUMS, the journal: those that could be asked, in this order."""
    not_asked: tuple[str, ...] = ()
    """Why the others could not be."""
    remarks: tuple[str, ...] = ()
    """What the journal says otherwise, and may: what was redacted after the page was written."""


def verify(path: Path, project: Project | None = None) -> Verdict:
    """Return whether a record is what was written; RecordError where the file is no record at all.

    The journal that is asked is the project's: of the one that we stand in, where none is given.
    """
    content = _read(path)
    verdict, facts = _by_itself(path, content)
    if verdict.fault is not None or facts.get("draft"):
        return verdict
    return _against_journal(verdict, facts, sha256(content), project)


def by_itself(path: Path) -> tuple[Verdict, dict[str, Any]]:
    """Return whether a record holds without asking the journal, and the facts in it; none where it does not.

    RecordError where the file cannot be read.
    """
    return _by_itself(path, _read(path))


def _by_itself(path: Path, content: bytes) -> tuple[Verdict, dict[str, Any]]:
    fault = own_fault(content)
    held, not_asked = ["itself"], []
    facts = embedded(content) if fault is None else {}
    if facts.get("draft"):
        not_asked.append("it is a DRAFT: the runbook was not signed off")
    if fault is None:
        sums = _sums_of(path)
        listed = sum_of(path, sums) if sums else None
        if listed is None:
            not_asked.append(f"no {SUMS} lists it")
        else:
            held.append(SUMS)
            fault = _listed_fault(path, sums, listed, facts, content)
    verdict = Verdict(path=path, fault=fault, held_against=tuple(held), not_asked=tuple(not_asked))
    return verdict, facts if fault is None else {}


def _listed_fault(path: Path, sums: Path | None, listed: str, facts: Mapping[str, Any], content: bytes) -> str | None:
    """What does not hold between a record, its name and the line of SHA256SUMS that lists it."""
    if listed != sha256(content):
        return f"{SUMS} says that its sha256 is {listed}, and it is {sha256(content)}"
    name = path.absolute().relative_to(sums.absolute().parent).as_posix() if sums else path.name
    return None if facts.get("draft") else misplaced(name, facts["runbook"]["key"])


def misplaced(name: str, key: str) -> str | None:
    """Return that a record stands under a name that is another runbook's; `name` is from the folder of records."""
    if re.fullmatch(rf"{re.escape(key)}(~\d+)?\.html", name):
        return None
    return f"it is the record of {key}, and stands as {name}"


def _read(path: Path) -> bytes:
    try:
        return author_files.read(path.resolve())
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}", "a record (.html)") from None
    except ValueError as error:
        raise RecordError(f"{path}: {error}", "a record (.html)") from None


def own_fault(content: bytes) -> str | None:
    """Return what does not hold about a record by itself, or None."""
    match = DIGEST.search(content)
    if match is None:
        return "it holds no digest of its own, so it is no record or it was edited"
    said = (match[1] or match[2]).decode()
    start, end = match.span(1 if match[1] else 2)
    found = hashlib.sha256(content[:start] + ZEROS.encode() + content[end:]).hexdigest()
    if found != said:
        return f"the file was edited: its digest says {said}, and it is {found}"
    try:
        facts = embedded(content)
    except RecordError as error:
        return str(error)
    return _chain_fault(facts) or (shown_code.fault(facts, content) if facts["format"] == WITH_CODE else None)


def embedded(content: bytes) -> dict[str, Any]:
    """Return the facts that a record holds as JSON; RecordError where it holds none."""
    page, found, end = content.decode("utf-8", errors="replace"), "null", 0
    while (opening := JOURNAL.search(page, end)) and (end := page.find("</pre>", opening.end())) >= 0:
        found = page[opening.end() : end]  # the last one counts
    try:
        facts = json.loads(html.unescape(found))
    except (ValueError, RecursionError):
        facts = None
    said = facts.get("format") if isinstance(facts, dict) else None
    if isinstance(said, int) and said > WITH_CODE:
        raise RecordError(f"a page of format {said}", f"format {FORMAT} or {WITH_CODE}", formats.needs(facts))
    if not isinstance(facts, dict) or type(said) is not int or said < FORMAT:
        raise RecordError("the journal in the page cannot be read", f"JSON of format {FORMAT}")
    return facts


def chain(facts: Mapping[str, Any]) -> list[Event]:
    """Return the events in a record's facts; RecordError where they are not one whole chain."""
    try:
        runbook = row_of(facts["runbook"])
        if not all(isinstance(facts["runbook"][name], str) for name in ("project", "key", "release", "environment")):
            raise ValueError("a name that is no text")
        found = list(events.chained(facts["events"], runbook=runbook.key, first_hash=runbook.digest))
        for fault in check_chain(runbook.key, runbook.digest, [row_of_event(each) for each in found]).faults:
            raise ValueError(f"event {fault.seq}: {fault.words}")
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise RecordError(f"the journal in the page is damaged ({error})") from None
    if not found or found[-1].hash() != facts.get("head"):
        raise RecordError("the journal in the page does not end in the hash that the page gives for it")
    return found


def _chain_fault(facts: Mapping[str, Any]) -> str | None:
    try:
        found = chain(facts)
    except RecordError as error:
        return str(error)
    state: State = "open"
    for event in found:
        state = LIFE.get((state, event.kind), state) if not event.step else state
    if not facts.get("draft") and state != "signed_off":
        return "the runbook in the page was never signed off"
    return None


def _sums_of(path: Path) -> Path | None:
    for folder in path.absolute().parents[:3]:
        if (folder / SUMS).is_file():
            return folder / SUMS
    return None


def sum_of(path: Path, sums: Path) -> str | None:
    """What SHA256SUMS says of a file: the last line that names it."""
    try:
        name = path.absolute().relative_to(sums.absolute().parent).as_posix()
    except ValueError:
        return None
    return listed(sums).get(name)


def listed(sums: Path) -> dict[str, str]:
    """Return what SHA256SUMS says, by the records' names: the last line that names one counts."""
    found = sums.lstat() if sums.is_symlink() or sums.exists() else None
    return _listed(sums, found.st_size, found.st_mtime_ns) if found else {}


@lru_cache(maxsize=1)
def _listed(sums: Path, _size: int, _at: int) -> dict[str, str]:
    """Read once for all records that are held against it."""
    parted = [line.partition("  ") for line in _lines(sums) if SUM.fullmatch(line)]
    return {name: digest for digest, _, name in parted}


def no_sums(sums: Path) -> list[str]:
    """Return, in words, the lines of SHA256SUMS that are none of it, such as a merge's marks."""
    wrong = [(number, line) for number, line in enumerate(_lines(sums), 1) if line and not SUM.fullmatch(line)]
    return [f"line {number} of {SUMS} is no sum: {short(line)!r}" for number, line in wrong]


def _lines(sums: Path) -> list[str]:
    if sums.is_symlink():
        raise RecordError(f"{sums} is a link", "a file of its own", "take it away")
    return _read(sums).decode(errors="replace").splitlines() if sums.exists() else []


def _against_journal(verdict: Verdict, facts: Mapping[str, Any], digest: str, project: Project | None) -> Verdict:
    """The verdict with what the journal says, where it can be asked.

    What lies beside the file may have come with it: no configuration is read there.
    """
    row = facts["runbook"]
    try:
        journal = Journal.open((project or find_project()).journal)
        stored = journal.runbook(row["project"], row["key"])
    except NbrunbookError as error:
        return replace(verdict, not_asked=(*verdict.not_asked, f"the journal was not asked ({error.found})"))
    return replace(
        verdict,
        fault=journal_fault(journal, stored, facts, digest),
        held_against=(*verdict.held_against, "the journal"),
        remarks=tuple(redacted_since(journal, stored, facts)),
    )


def journal_fault(journal: Journal, stored: RunbookRow, facts: Mapping[str, Any], digest: str) -> str | None:
    """Return the first thing in which a record differs from the journal that it came from, or None."""
    if stored.body != events.canonical(facts["runbook"]):
        return "the journal has other facts about this runbook"
    faults = journal.faults(stored)
    if faults:
        return f"the journal itself does not hold: {faults[0]}"
    return next(differences(journal, stored, facts, digest), None)


def differences(journal: Journal, stored: RunbookRow, facts: Mapping[str, Any], digest: str) -> Iterator[str]:
    """Yield all in which a record differs from its runbook's rows, whether their chain holds or not."""
    rows, _ = journal.stored(stored)
    bodies, last = {row.seq: row.body for row in rows}, rows[-1].seq if rows else 0
    page = chain(facts)
    if len(page) > last:
        yield f"the page has {many(len(page), 'event')}, and the journal {last}: those after event {last} were cut off"
    for each in page[:last]:
        if bodies.get(each.seq) != each.body():
            yield f"event {each.seq} is not the one in the journal"
    yield from shown_code.differences(facts, journal.blob)
    if not any(row.kind == "archived" and digest in (row.data or "") for row in rows):
        yield "the journal never archived a page with this sha256"


def redacted_since(journal: Journal, stored: RunbookRow, facts: Mapping[str, Any]) -> list[str]:
    """Return which events a record still shows that were redacted after it was written, in words."""
    blank = {row.seq for row in journal.stored(stored)[0] if row.kept is not None and row.data is None}
    shown = [str(each.seq) for each in chain(facts) if each.seq in blank and not each.redacted]
    gone = [f"event {', '.join(shown)}"] if shown else []
    gone += [f"the code {name[:12]}…" for name in shown_code.blanked_since(facts, journal.blob)]
    return [f"redacted after this page was written, which still shows it: {each}" for each in gone]
