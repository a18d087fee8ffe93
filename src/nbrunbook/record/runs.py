"""Runs as a record shows them: what a machine did for each step, the code that it ran, and what it wrote."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from nbrunbook.documents.markdown.html import Html
from nbrunbook.documents.terminal_text import styled
from nbrunbook.journal.entries import sha256
from nbrunbook.record.page import Recordable, to_the_second
from nbrunbook.runbook import events, redactions
from nbrunbook.runbook.automation import Automation, duration
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.html import NOTHING
from nbrunbook.runbook.past_runs import PastRun, past_runs
from nbrunbook.runbook.plan import Plan
from nbrunbook.runbook.progress import Version
from nbrunbook.runbook.run_facts import outcome, took
from nbrunbook.runbook.status import REDACTED
from nbrunbook.runbook.times import utc
from nbrunbook.runbook.what_ran import Code, Excerpt, lines_words
from nbrunbook.runbook.words import who
from nbrunbook.texts import listed, many

SHOWN_RUNS = 10
"""The last runs of a step that are not folded."""
LONGEST_SAID = 2_000
"""Characters of a value or a message in the page; its JSON holds the rest."""
PRINTED_LINES = 40
"""The last lines of an output that go on paper."""
OUTPUTS, LOGS = 2_000_000, 5_000_000
"""Characters of all outputs that a page shows, and bytes of all logs that it brings along, the newest first."""

FOLD = Html('<details class="nbr-fold"><summary>{}<span>: show</span></summary>{}</details>')
CODE = Html('<p class="nbr-about">{}</p><pre tabindex="0" class="nbr-code" data-code="{}" data-lines="{}">{}</pre>')
ABOUT = Html('<p class="nbr-about">{}</p>')
SAID = Html('<div class="nbr-said"{}>{}</div>')
RUN = Html('<li><strong class="nbr-ran" data-outcome="{}">{}</strong> {}{}</li>')
WRITTEN = Html('<pre tabindex="0" class="nbr-output">{}</pre>')
NOT_PRINTED = Html('<span class="nbr-paper">[{} before these are not printed: the page itself shows them]\n</span>')
LOG = Html('<p class="nbr-file"><a download="{}" data-log="{}" href="data:text/plain;base64,{}">Save {}</a></p>')


class Runs:
    """What a machine did on a runbook; nothing where none of its plans names code."""

    def __init__(self, shown: Recordable) -> None:
        self._shown, self._progress = shown, shown.progress
        self._of = past_runs(shown.events)
        self._clock = utc(events.now())
        self._versions = [each for each in shown.progress.versions if each.plan.code]

    def __bool__(self) -> bool:
        return bool(self._versions)

    # What ran

    @cached_property
    def _sources(self) -> dict[str, str]:
        """The code that is there, by its sha256."""
        contents = {name: self._shown.journal.blob(name) for each in self._versions for name in each.plan.code}
        return {name: text for name, content in contents.items() if (text := _source(name, content)) is not None}

    @cached_property
    def _gone(self) -> dict[str, str]:
        """Why the rest is not, in words."""
        names = {name for each in self._versions for name in each.plan.code} - set(self._sources)
        return {name: self._why_gone(name) for name in sorted(names)}

    def _why_gone(self, name: str) -> str:
        own = [each for each in self._shown.events if name in redactions.blanked([each])]
        by = own or (self._shown.journal.redactions_of(name) if self._shown.journal.blob(name) == b"" else [])
        if not by:
            return "not to be had from the journal"
        where = "" if own else f" of {by[-1].runbook}"
        return f"redacted by event {by[-1].seq}{where}"

    @cached_property
    def _codes(self) -> dict[str, Code]:
        """By the plans' digests."""
        return {each.plan.digest: Code(each.plan, self._sources.get) for each in self._versions}

    def facts(self) -> dict[str, Any]:
        """Return what a record's JSON holds besides, so that the code that it shows can be held against its plans."""
        if not self:
            return {}
        plans = {each.plan.digest: json.loads(each.plan.body) for each in self._progress.versions}
        gone = {"gone": self._gone} if self._gone else {}
        return {"plans": plans, "code": self._sources, **gone}

    # A step

    def of(self, step_id: str) -> Html:
        """Return what ran for a step, and each run; nothing for one that a person does."""
        runs = self._of.get(step_id, [])
        code = NOTHING.join(self._code(step_id, runs))
        if not code and not runs:
            return NOTHING
        return Html('<div class="nbr-runs">{}{}</div>').format(code, self._list(runs))

    def removed(self) -> Html:
        """Return the same of the steps that revisions took away, under their titles."""
        drawn = [(step.title, self.of(step.id)) for step in self._progress.removed if step.automation]
        return NOTHING.join(Html("<h3>{}</h3>{}").format(title, each) for title, each in drawn if each)

    def _code(self, step_id: str, runs: Sequence[PastRun]) -> Iterator[Html]:
        """A fold for each plan in which it ran, and for the one in force, where another did not do the same."""
        ran_in = {id(self._progress.worded_at(run.first)) for run in runs}
        found: list[tuple[Version, Automation, list[Excerpt]]] = []
        for version in self._versions:
            step = version.plan.by_id.get(step_id)
            if step is None or step.automation is None:
                continue
            if id(version.plan) in ran_in or version is self._progress.versions[-1] or not runs:
                each = (version, step.automation, self._codes[version.plan.digest].of(step.automation.function))
                if not found or (found[-1][1], _texts(found[-1][2])) != (each[1], _texts(each[2])):
                    found.append(each)
        for version, does, excerpts in found:
            since = self._since(version) if len(found) > 1 else ""
            yield self._one_code(version.plan, version.plan.by_id[step_id].kind, does, excerpts, since)

    def _since(self, version: Version) -> str:
        made = f"since the revision of {self._clock(version.event.at)}" if version.event else "as it was made"
        return f", {made}"

    def _one_code(self, plan: Plan, kind: str, does: Automation, excerpts: Sequence[Excerpt], since: str) -> Html:
        cells = listed([str(each.number) for each in excerpts])
        where = f", in code {'cells' if len(excerpts) > 1 else 'cell'} {cells}" if excerpts else ""
        summary = Html("Code of this {}: <code>{}()</code>{}{}").format(kind, does.function, where, since)
        drawn = [ABOUT.format(_options(does)) if does.options else NOTHING]
        for each in excerpts:
            about = f"Code cell {each.number} of the plan, lines {lines_words(each.lines)}; sha256 {each.name}"
            drawn.append(CODE.format(about, each.name, lines_words(each.lines), each.text))
        for number, name in enumerate(plan.code, 1):
            if name in self._gone:
                drawn.append(ABOUT.format(f"Code cell {number} of the plan: {self._gone[name]}; sha256 {name}"))
        return FOLD.format(summary, NOTHING.join(drawn))

    # Its runs

    def _list(self, runs: Sequence[PastRun]) -> Html:
        if not runs:
            return ABOUT.format("Not run by the machine.") if self else NOTHING
        folded = runs[: -SHOWN_RUNS if len(runs) > SHOWN_RUNS + 2 else 0]
        drawn = Html()
        if folded:
            counted = Counter(map(outcome, folded))
            words = ", ".join(f"{count:,} {name}" for name, count in counted.items())
            summary = f"{many(len(folded), 'earlier run')}: {words}"
            drawn = FOLD.format(summary, self._items(folded, 1))
        return drawn + self._items(runs[len(folded) :], len(folded) + 1)

    def _items(self, runs: Sequence[PastRun], first: int) -> Html:
        items = NOTHING.join(map(self._item, runs))
        return Html('<ol start="{}">{}</ol>').format(first, items)

    def _item(self, run: PastRun) -> Html:
        end = run.end
        said = [f"— {each}" for each in self._when(run)]
        blocks = [*self._texts(run), *([] if end is None or end.redacted else self._written(end))]
        kind = end.kind if end else "running"
        return RUN.format(kind, outcome(run), " ".join(said), NOTHING.join(blocks))

    def _when(self, run: PastRun) -> Iterator[str]:
        if run.end is not None and not run.started:
            yield f"looked again for {who(run.end)}, {to_the_second(run.end.at)} UTC"
        if run.started:
            at = f"{to_the_second(run.started.at)} UTC"
            yield f"Run pressed by {who(run.started)}, {at}"
            if run.started.fact("forced"):
                yield "forced, since it was done"
            if run.started.fact("timeout"):
                yield f"at most {duration(int(run.started.fact('timeout')))}"
        if run.end is not None and run.is_by_word:
            host = run.end.fact("host_is_gone")
            gone = f"; its host {host} is gone" if host else ""
            yield f"said by {who(run.end)}, {to_the_second(run.end.at)} UTC{gone}"
        elif run.end is not None and took(run.end):
            yield f"took {took(run.end)}"

    def _texts(self, run: PastRun) -> Iterator[Html]:
        """What was said before it, by it, and after it."""
        names = {"reason": "Reason", "note": "Note", "value": "Value", "message": ""}
        for event in filter(None, (run.started, run.end, run.late)):
            if event.redacted and set(event.again) <= {"key"} and event is run.started:
                yield SAID.format(NOTHING, f"Reason: {REDACTED}")
            elif event.redacted:
                yield SAID.format(NOTHING, f"What was said: {REDACTED}")
            for name, word in names.items():
                if event.data.get(name):
                    yield _said(word, event.data[name])

    def _written(self, end: Event) -> Iterator[Html]:
        if end.data.get("traceback"):
            yield FOLD.format("Traceback", WRITTEN.format(_coloured(end.data["traceback"])))
        if "output" in end.data:
            content = self._log_of(end)
            lines = many(end.data["output"].rstrip("\n").count("\n") + 1, "line")
            lines = f"the last {lines} of {_size(content)}" if content else lines
            if (end.id, "output") in self._room:
                drawn = WRITTEN.format(_printable(end.data["output"]))
            else:
                drawn = ABOUT.format("Left out, since the page would be too large; its JSON holds it.")
            yield FOLD.format(f"Output, {lines}", drawn)
        if end.data.get("log"):
            yield self._log(end)

    def _log_of(self, end: Event) -> bytes | None:
        content = self._shown.journal.blob(end.data["log"]) if end.data.get("log") else None
        return content if content and sha256(content) == end.data["log"] else None

    def _log(self, end: Event) -> Html:
        """All that it wrote, up to what the journal keeps of it."""
        name, content = end.data["log"], self._log_of(end)
        if content is None:
            gone = name in redactions.blanked(self._shown.events) or self._shown.journal.redactions_of(name)
            words = REDACTED if gone else "not to be had from the journal"
            return ABOUT.format(f"All of the output: {words}; sha256 {name}")
        if (end.id, "log") not in self._room:
            return ABOUT.format(f"All of the output, {_size(content)}, is in the journal alone; sha256 {name}")
        file = f"{end.step}-{end.seq}.log"
        return LOG.format(file, name, base64.b64encode(content).decode(), f"all of the output, {_size(content)}")

    @cached_property
    def _room(self) -> set[tuple[str, str]]:
        """What the page shows of what was written, the newest run first: ends by their ids, output or log."""
        left, found = {"output": OUTPUTS, "log": LOGS}, set[tuple[str, str]]()
        ends = [run.end for runs in self._of.values() for run in runs if run.end]
        for end in sorted(ends, key=lambda each: -each.seq):
            sizes = {"output": len(end.data.get("output", "")), "log": len(self._log_of(end) or b"")}
            for kind, size in sizes.items():
                if size <= left[kind]:
                    left[kind] -= size
                    found.add((end.id, kind))
        return found


def _source(name: str, content: bytes | None) -> str | None:
    """The text of a code cell; None where it is another one, or cannot be written down."""
    if not content or sha256(content) != name:
        return None
    try:
        text = content.decode()
        events.canonical(text)
    except ValueError:
        return None
    return text


def _texts(excerpts: Sequence[Excerpt]) -> list[str]:
    return [each.text for each in excerpts]


def _options(does: Automation) -> str:
    said = does.options
    tried = f"Tried up to {said['attempts']} times, {said['every']} apart. " if "attempts" in said else ""
    return tried + (f"At most {said['timeout']} in all." if "timeout" in said else "")


def _said(word: str, text: str) -> Html:
    left = len(text) - LONGEST_SAID
    cut = f"{text[:LONGEST_SAID]}… ({many(left, 'more character')}, in the page's JSON)" if left > 0 else text
    focus = Html(' tabindex="0"') if len(cut) > 600 else NOTHING
    return SAID.format(focus, Html("{}{}").format(f"{word}: " if word else "", _coloured(cut)))


def _coloured(text: str) -> Html:
    """What was written for a terminal, as HTML."""
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
        return _coloured(text)
    before, last = "\n".join(lines[:-PRINTED_LINES]), "\n".join(lines[-PRINTED_LINES:])
    note = NOT_PRINTED.format(many(len(lines) - PRINTED_LINES, "line"))
    return note + Html('<span class="nbr-screen">{}\n</span>{}').format(_coloured(before), _coloured(last))


def _size(content: bytes | None) -> str:
    size = len(content or b"")
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
