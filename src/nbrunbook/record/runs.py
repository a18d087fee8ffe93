"""Runs as a record shows them: what a machine did for each step, the code that it ran, and what it wrote."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from nbrunbook.documents.markdown.html import Html
from nbrunbook.journal.entries import sha256
from nbrunbook.record.batches import Batches
from nbrunbook.record.page import Recordable, to_the_second
from nbrunbook.record.written import ABOUT, FOLD, SAID, Written, said
from nbrunbook.runbook import events, redactions
from nbrunbook.runbook.automation import Automation
from nbrunbook.runbook.html import NOTHING
from nbrunbook.runbook.lengths import duration
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

CODE = Html('<p class="nbr-about">{}</p><pre tabindex="0" class="nbr-code" data-code="{}" data-lines="{}">{}</pre>')
RUN = Html('<li><strong class="nbr-ran" data-outcome="{}">{}</strong> {}{}</li>')


class Runs:
    """What a machine did on a runbook; nothing where none of its plans names code."""

    def __init__(self, shown: Recordable) -> None:
        self._shown, self._progress = shown, shown.progress
        self._of = past_runs(shown.events)
        self._clock = utc(events.now())
        self._versions = [each for each in shown.progress.versions if each.plan.code]
        self._batches = Batches(shown.events, self._of)
        self._written = Written(shown.journal, [run.end for runs in self._of.values() for run in runs if run.end])

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
            words = lines_words(each.lines)
            lines = f"line{'' if words.isdecimal() else 's'} {words}"
            about = f"Code cell {each.number} of the plan, {lines}; sha256 {each.name}"
            drawn.append(CODE.format(about, each.name, words, each.text))
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
        when = [f"— {each}" for each in self._when(run)]
        blocks = [*self._texts(run), *self._batches.of(run, self._clock)]
        blocks += [] if end is None or end.redacted else self._written.of(end)
        kind = end.kind if end else "running"
        return RUN.format(kind, outcome(run), " ".join(when), NOTHING.join(blocks))

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
                    yield said(word, event.data[name])


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
