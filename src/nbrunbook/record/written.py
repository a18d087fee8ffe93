"""What a run wrote, as a record shows it: folded, as text with its colours, and no more of it than a page can bear."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Iterable, Iterator

from nbrunbook.documents.markdown.html import Html
from nbrunbook.documents.terminal_text import styled
from nbrunbook.journal.entries import sha256
from nbrunbook.journal.reading import Reader
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.html import NOTHING, SCROLLS
from nbrunbook.runbook.status import REDACTED
from nbrunbook.texts import many

LONGEST_SAID = 2_000
"""Characters of a value or a message in the page; its JSON holds the rest."""
PRINTED_LINES = 40
"""The last lines of an output that go on paper."""
OUTPUTS, LOGS = 2_000_000, 5_000_000
"""Characters of all outputs that a page shows, and bytes of all logs that it brings along, the newest first."""

FOLD = Html('<details class="nbr-fold"><summary>{}<span>: show</span></summary>{}</details>')
ABOUT = Html('<p class="nbr-about">{}</p>')
SAID = Html('<div class="nbr-said"{}>{}</div>')
TEXT = Html('<pre tabindex="0" class="nbr-output">{}</pre>')
NOT_PRINTED = Html('<span class="nbr-paper">[{} before these are not printed: the page itself shows them]\n</span>')
LOG = Html('<p class="nbr-file"><a download="{}" data-log="{}" href="data:text/plain;base64,{}">Save {}</a></p>')


class Written:
    """Outputs and logs of the runs of a runbook."""

    def __init__(self, journal: Reader, ends: Iterable[Event]) -> None:
        """The newest of them come into the page, until there is no room."""
        self._journal = journal
        self._shown, self._logs = set[str](), dict[str, bytes | None]()
        outputs, logs = OUTPUTS, LOGS
        for end in sorted(ends, key=lambda each: -each.seq):
            outputs -= len(end.data.get("output", ""))
            if outputs >= 0:
                self._shown.add(end.id)
            if end.data.get("log") and logs >= 0:  # of what has no room later ones are not even read
                content = self._log(end.data["log"])
                logs -= len(content or b"")
                if logs >= 0:
                    self._logs[end.id] = content

    def _log(self, name: str) -> bytes | None:
        content = self._journal.blob(name)
        return content if content is not None and (not content or sha256(content) == name) else None

    def of(self, end: Event) -> Iterator[Html]:
        """Yield what a run wrote, each behind one line."""
        if end.data.get("traceback"):
            yield FOLD.format("Traceback", TEXT.format(coloured(end.data["traceback"])))
        if end.data.get("output"):
            lines = many(end.data["output"].rstrip("\n").count("\n") + 1, "line")
            log = self._logs.get(end.id)
            words = f"the last {lines}{f' of {_size(log)}' if log else ''}" if end.data.get("log") else lines
            drawn = ABOUT.format("Left out, since the page would be too large; its JSON holds it.")
            drawn = TEXT.format(_printable(end.data["output"])) if end.id in self._shown else drawn
            yield FOLD.format(f"Output, {words}", drawn)
        if end.data.get("log"):
            yield self._all_of(end, end.data["log"])

    def _all_of(self, end: Event, name: str) -> Html:
        if end.id not in self._logs:
            command = f"nbrunbook journal {shlex.quote(end.runbook)} --output {end.seq}"
            return ABOUT.format(f"All of the output is in the journal alone ('{command}'); sha256 {name}")
        content = self._logs[end.id]
        if not content:
            is_redacted = content is not None and self._journal.redactions_of(name)
            words = REDACTED if is_redacted else "not to be had from the journal"
            return ABOUT.format(f"All of the output: {words}; sha256 {name}")
        encoded = base64.b64encode(content).decode()
        return LOG.format(f"{end.step}-{end.seq}.log", name, encoded, f"all of the output, {_size(content)}")


def said(word: str, text: str) -> Html:
    """Return what a run said, behind a word; where it is cut, it says so."""
    left = len(text) - LONGEST_SAID
    cut = f"{text[:LONGEST_SAID]}… ({many(left, 'more character')}, in the page's JSON)" if left > 0 else text
    focus = Html(' tabindex="0"') if len(cut) > SCROLLS else NOTHING
    return SAID.format(focus, Html("{}{}").format(f"{word}: " if word else "", coloured(cut)))


def coloured(text: str) -> Html:
    """Return what was written for a terminal as HTML."""
    return NOTHING.join(
        Html('<span class="{}">{}</span>').format(_classes(*style), piece) if any(style) else Html("{}").format(piece)
        for piece, style in styled(text)
    )


def _classes(colour: str, bold: bool) -> str:
    return " ".join(filter(None, (f"ansi-{colour}-fg" if colour else "", "ansi-bold" if bold else "")))


def _printable(text: str) -> Html:
    """An output of which the last lines alone go on paper."""
    lines = text.split("\n")
    if len(lines) <= PRINTED_LINES + 1:
        return coloured(text)
    before, last = "\n".join(lines[:-PRINTED_LINES]), "\n".join(lines[-PRINTED_LINES:])
    note = NOT_PRINTED.format(many(len(lines) - PRINTED_LINES, "line"))
    return note + Html('<span class="nbr-screen">{}\n</span>{}').format(coloured(before), coloured(last))


def _size(content: bytes) -> str:
    return f"{len(content) / 1e6:.1f} MB" if len(content) >= 1e5 else f"{len(content) / 1e3:.1f} kB"
