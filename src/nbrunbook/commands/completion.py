"""What a shell completes: keys, steps, sections, environments and releases of the project here. Nothing is written.

Nobody has asked a question: whatever goes wrong, or takes longer than ANSWER_SECONDS, completes nothing, in silence.
The scripts for the shells are click's: https://click.palletsprojects.com/en/stable/shell-completion/.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class

from nbrunbook.errors import one_line, visible
from nbrunbook.texts import short

if TYPE_CHECKING:
    from nbrunbook.journal.journal import Journal
    from nbrunbook.project.settings import Project
    from nbrunbook.runbook.plan import Step
    from nbrunbook.runbook.progress import Progress

ANSWER_SECONDS = 1.5
"""How long a journal that is far away may take."""
UNQUOTED, BACKSLASHED = r"([^\w@%+=:,./-])", r"\\\\\1"
"""What bash might take for more than a letter, and how it does not: the `read` of click's script takes one away."""

Look = Callable[[click.Context], Iterable[tuple[str, str]]]
"""From what is typed already to names, and what stands behind each where the shell shows it."""
Complete = Callable[[click.Context, click.Parameter, str], "list[CompletionItem[str]]"]


def completing(look: Look, *, or_file: bool = False) -> Complete:
    """Return what completes a parameter with the names that `look` finds; a file's name may stand there, too."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        typed = ctx.params.get(param.name or "")
        given = set(typed) if isinstance(typed, tuple) else set()
        found = [
            CompletionItem(name, help=_help(title))
            for name, title in _in_time(look, ctx)
            if name.startswith(incomplete) and name not in given and name.isprintable()
        ]
        return found if found or not or_file else [CompletionItem(incomplete, type="file")]

    return complete


def _in_time(look: Look, ctx: click.Context) -> list[tuple[str, str]]:
    # Loaded when it is called, since an option's name is completed without a journal, and before time is taken.
    from nbrunbook.work import deployments, following, keys, naming  # noqa: F401

    answers: list[list[tuple[str, str]]] = []

    def answer() -> None:
        with suppress(Exception):
            answers.append(list(look(ctx)))

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    thread.join(ANSWER_SECONDS)
    return answers[0] if answers else []


def _help(title: str) -> str | None:
    """A title without anything that shells part their lists with."""
    return short(" ".join(visible(one_line(title)).split())) or None


def _journal() -> tuple[Project, Journal | None]:
    from nbrunbook.journal.journal import Journal
    from nbrunbook.work.naming import project_here

    project = project_here()
    return project, Journal.if_any(project.journal)


def _keys(*, open_only: bool) -> Look:
    def look(_: click.Context) -> Iterable[tuple[str, str]]:
        project, journal = _journal()
        return [(row.key, "") for row in journal.runbooks(project.name, open_only=open_only)] if journal else []

    return look


def _steps(applies: Callable[[Progress, Step], bool]) -> Look:
    def look(ctx: click.Context) -> Iterable[tuple[str, str]]:
        progress = _progress(ctx)
        if progress is None:
            return []
        return [(each.id, progress.title(each)) for each in progress.plan.steps if applies(progress, each)]

    return look


def _progress(ctx: click.Context) -> Progress | None:
    """How far the runbook is whose key is typed."""
    from nbrunbook.work.following import Following
    from nbrunbook.work.keys import known_runbook

    project, journal = _journal()
    key = ctx.params.get("key") or ctx.args[0]  # click does not name it behind an option that lacks its value
    return Following(journal, known_runbook(journal, project, key)).progress if journal else None


def _sections(ctx: click.Context) -> Iterable[tuple[str, str]]:
    progress = _progress(ctx)
    sections = progress.plan.sections if progress else ()
    return [(each.id, each.title) for each in sections if each.closed_by == each.id]


def _environments(_: click.Context) -> Iterable[tuple[str, str]]:
    from nbrunbook.work import deployments

    project, journal = _journal()
    names = [(name, "") for name in deployments.environments(project, journal)]
    return [*names, *((group, "a group") for group in project.groups)]


def _releases(_: click.Context) -> Iterable[tuple[str, str]]:
    project, journal = _journal()
    rows = journal.runbooks(project.name) if journal else []
    return [(name, "") for name in dict.fromkeys(row.release for row in rows)]


def _is_open(progress: Progress, step: Step) -> bool:
    return progress.of(step.id).status == "open" and not step.is_group


def _is_settled(progress: Progress, step: Step) -> bool:
    return progress.of(step.id).status in ("done", "skipped") and not step.is_group


def _lacks_approval(progress: Progress, step: Step) -> bool:
    return step.needs_approval and progress.of(step.id).approved is None and _is_open(progress, step)


open_keys = completing(_keys(open_only=True))
any_keys = completing(_keys(open_only=False))
open_keys_or_file = completing(_keys(open_only=True), or_file=True)
any_keys_or_file = completing(_keys(open_only=False), or_file=True)
any_steps = completing(_steps(lambda _, __: True))
automated_steps = completing(_steps(lambda _, step: step.automation is not None))
batches = completing(_steps(lambda _, step: step.kind == "batch"))
checks = completing(_steps(lambda _, step: step.kind == "check"))
open_steps = completing(_steps(_is_open))
settled_steps = completing(_steps(_is_settled))
steps_to_approve = completing(_steps(_lacks_approval))
sections_if_needed = completing(_sections)
environments = completing(_environments)
releases = completing(_releases)


class Bash(BashComplete):
    """Completes in bash, which takes words apart at an @, as in staging/1.0@2, and quotes nothing by itself."""

    name = "bash"
    kept = ""
    """What of the word bash keeps as it is: all before its last @."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one that is typed, and that one, put together again."""
        args, incomplete = super().get_completion_args()
        words: list[str] = []
        for each in [*args, incomplete]:
            if words and (each == "@" or words[-1].endswith("@")):
                words[-1] += each
            else:
                words.append(each)
        *args, incomplete = words
        self.kept = incomplete.rpartition("@")[0]
        return args, incomplete

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Return a name as bash puts it into the line."""
        value = str(item.value).removeprefix(self.kept)
        return f"{item.type},{re.sub(UNQUOTED, BACKSLASHED, value) if item.type == 'plain' else value}"


def set_up() -> None:
    """Let click know how bash is completed here."""
    add_completion_class(Bash)
