"""The errors that nbrunbook expects, and how each words itself.

NbrunbookError                  told in one or two lines, exit status 1
├── ProjectError                the project or its configuration
│   ├── ProjectNotFoundError
│   ├── ConfigurationError
│   └── UnknownEnvironmentError
├── GitError                    git is missing, or cannot say
├── NotebookError               a file that is no notebook we can read
├── TemplateError               findings that stop a template
├── ParameterError              a value that a template cannot take
├── RunbookError                about one runbook
│   ├── UnknownRunbookError
│   ├── RunbookExistsError
│   ├── UnknownStepError
│   ├── UnknownSectionError
│   ├── UnknownPlanError
│   ├── NotLiveError
│   └── AuthorCellError
├── RefusedError                what the rules of progress do not allow now
├── JournalError                the journal cannot answer
│   ├── JournalBusyError
│   └── JournalBrokenError
├── RecordError                 a record that cannot be made or does not hold
└── LabError                    JupyterLab or a kernel did not answer

Every message says what was found, what was expected, and what to do.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import accumulate
from pathlib import Path
from typing import Any

from nbrunbook.texts import listed


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is closest to a mistyped one, or None; of many, those that begin like it count."""
    words = sorted(known, key=lambda word: word[:1] != name[:1])
    lengths = accumulate(len(word) for word in words)
    near = [word for word, length in zip(words, lengths, strict=True) if length * len(name) < 10_000]
    return next(iter(get_close_matches(name, near, n=1, cutoff=0.6)), None)


def _listed(names: Iterable[str]) -> str:
    return listed(sorted(names), 12) or "none"


def visible(text: str) -> str:
    """Return text with control and direction characters shown as codes, such as ␛ or ⟨U+202E⟩."""
    if text.isascii() and text.isprintable():  # nearly all of them, and this is asked of every word that is drawn
        return text
    return re.sub(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]",
        lambda match: chr(0x2400 + ord(match[0])) if ord(match[0]) < 0x20 else f"⟨U+{ord(match[0]):04X}⟩",
        text,
    )


def one_line(text: str) -> str:
    """Return text with its line breaks shown, so that it cannot pass for another line."""
    return " ⏎ ".join(text.splitlines())


def bug(error: Exception) -> str:
    """Return a fault of our own in words."""
    return f"a bug in nbrunbook: {type(error).__name__}: {error}"


class NbrunbookError(Exception):
    """An expected error: what was found, what was expected, what to do."""

    def __init__(self, found: str, expected: str = "", do: str = "") -> None:
        self.found, self.expected, self.do = found, expected, do
        parts = [found, f"expected {expected}" if expected else "", do]
        super().__init__("; ".join(part for part in parts if part))

    def __reduce__(self) -> tuple[Any, ...]:
        """Say how it comes back from another process, as where tests run in parallel: its facts made its words."""
        return type(self).__new__, (type(self), *self.args), self.__dict__


class ProjectError(NbrunbookError):
    """The project or its configuration."""


class ProjectNotFoundError(ProjectError):
    """No project at or above a folder."""

    def __init__(self, start: Path) -> None:
        self.start = start
        super().__init__(
            f"no project at or above {start}",
            "a pyproject.toml with [tool.nbrunbook], an nbrunbook.toml or a git repository",
            "add the line [tool.nbrunbook] to the pyproject.toml of the project",
        )


class ConfigurationError(ProjectError):
    """A file of configuration that says something that is not known."""

    def __init__(self, path: Path, found: str, expected: str, *, between: str = ": ") -> None:
        self.path = path
        super().__init__(f"{path}{between}{found}", expected)


class UnknownEnvironmentError(ProjectError):
    """An environment that the configuration does not declare."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name, self.known = name, sorted(known)
        close = nearest(name, self.known)
        super().__init__(
            f"unknown environment {name!r}",
            f"one of: {_listed(self.known)}",
            f"did you mean {close!r}?" if close else "declare it in [tool.nbrunbook.environments]",
        )


class GitError(NbrunbookError):
    """git is missing, failed, or does not know what was asked."""


class NotebookError(NbrunbookError):
    """A file that cannot be read as a notebook."""

    def __init__(self, path: Path, found: str, expected: str, do: str = "") -> None:
        self.path = path
        super().__init__(f"{path}: {found}", expected, do)


class TemplateError(NbrunbookError):
    """A template whose findings stop it from becoming a runbook."""

    def __init__(self, path: Path, problems: Sequence[object]) -> None:  # Problems, which say themselves
        self.path, self.problems = path, problems
        lines = "".join(f"\n  {problem}" for problem in problems)
        count = "1 finding stops" if len(problems) == 1 else f"{len(problems)} findings stop"
        super().__init__(f"{path}: {count} this template from becoming a runbook{lines}")


class ParameterError(NbrunbookError):
    """A parameter whose name or value the template cannot take."""

    def __init__(self, name: str, found: str, expected: str, do: str = "") -> None:
        self.name = name
        super().__init__(f"parameter {name}: {found}", expected, do)

    @classmethod
    def unknown(cls, name: str, known: Iterable[str]) -> ParameterError:
        """Return the error for a name that no parameter of the template has."""
        known = sorted(known)
        close = nearest(name, known)
        hint = f"did you mean {close!r}?" if close else ""
        return cls(name, "unknown", f"one of: {_listed(known)}", hint)


class RunbookError(NbrunbookError):
    """About one runbook."""


class UnknownRunbookError(RunbookError):
    """A key that the journal does not hold."""

    def __init__(self, key: str, known: Iterable[str], journal: str) -> None:
        self.key, self.known = key, sorted(known)
        close = nearest(key, self.known)
        super().__init__(
            f"no runbook {key!r} in {journal}",
            f"one of: {_listed(self.known)}" if self.known else "",
            f"did you mean {close!r}?" if close else "'nbrunbook instantiate TEMPLATE -e ENVIRONMENT' makes one",
        )


class RunbookExistsError(RunbookError):
    """A deployment that has a runbook already."""

    def __init__(self, key: str, state: str, *, has_steps: bool = True) -> None:
        self.key, self.state = key, state
        if state.startswith("skipped"):
            found, do = (
                f"the release never went there: {key} ({state})",
                "'instantiate … --again' starts a runbook after all",
            )
        else:
            found = f"this deployment has a runbook already: {key} ({state})"
            opens = f"'nbrunbook work {shlex.quote(key)}' opens it, "
            if not state.startswith("open"):
                opens = f"'nbrunbook reopen {shlex.quote(key)} --reason …' goes on with it, " if has_steps else ""
            do = f"{opens}'instantiate … --again' starts a second one"
        super().__init__(found, "", do)


class UnknownStepError(RunbookError):
    """A step that a runbook's plan does not have."""

    def __init__(self, key: str, step: str, known: Iterable[str]) -> None:
        self.key, self.step, self.known = key, step, sorted(known)
        close = nearest(step, self.known)
        super().__init__(
            f"{key} has no step {step!r}",
            f"one of: {_listed(self.known)}",
            f"did you mean {close!r}?" if close else "",
        )


class UnknownSectionError(RunbookError):
    """A section that a plan does not have."""

    def __init__(self, section: str, known: Iterable[str]) -> None:
        self.section, self.known = section, sorted(known)
        close = nearest(section, self.known)
        super().__init__(
            f"there is no section {section!r}",
            f"one of: {_listed(self.known)}",
            f"did you mean {close!r}?" if close else "",
        )


class UnknownPlanError(RunbookError):
    """The plan of a revision that was not read yet: somebody has just revised the runbook."""

    def __init__(self, digest: str) -> None:
        self.digest = digest
        super().__init__(f"a revision whose plan was not read yet ({digest[:12]}…)", "", "read the runbook again")


class NotLiveError(RunbookError):
    """A notebook that cannot reach its journal: nothing in it is recorded."""

    def __init__(self, why: str, do: str) -> None:
        super().__init__(f"NOT LIVE: {why}", "", do)


class AuthorCellError(RunbookError):
    """A cell of the author's that failed under `--execute`."""

    def __init__(self, path: Path, cell: int, cell_id: str, name: str, value: str) -> None:
        self.path, self.cell, self.cell_id = path, cell, cell_id
        super().__init__(
            f"{path}: the author's cell {cell} (id {cell_id}) failed: {name}: {one_line(value)}",
            "",
            "the runbook is complete; its output holds the traceback",
        )


class RefusedError(NbrunbookError):
    """What the rules of progress do not allow now, and why."""

    def __init__(self, what: str, why: str, do: str = "") -> None:
        self.what, self.why = what, why
        super().__init__(f"{what}: {why}", "", do)


class JournalError(NbrunbookError):
    """The journal cannot be opened, read or written."""


NOTHING_RECORDED = "nothing was recorded"
"""What an error says where it is certain that no event was written."""


class JournalBusyError(JournalError):
    """Somebody else holds the journal's lock for longer than we may wait.

    `recorded` says what became of what was to be written, in words; it is empty where we only looked.
    """

    def __init__(self, where: str, seconds: float, *, recorded: str = NOTHING_RECORDED) -> None:
        self.where, self.seconds, self.recorded = where, seconds, recorded
        super().__init__(
            f"{where} is locked by another program and did not come free in {seconds:g} s",
            "",
            "; ".join(part for part in (recorded, "try again") if part),
        )


class JournalBrokenError(JournalError):
    """A row of the journal that cannot be read, or does not hold: an event, or with seq 0 what is said of a runbook."""

    def __init__(self, key: str, seq: int, found: str, do: str = "") -> None:
        self.key, self.seq = key, seq
        event = f"journal of {key}, event {seq}: " if seq else ""
        super().__init__(f"{event}{found}", "an unbroken chain of hashes" if seq else "", do)


class RecordError(NbrunbookError):
    """A record that cannot be made, or one that does not hold."""


class LabError(NbrunbookError):
    """JupyterLab, its server or a kernel is missing or did not answer."""
