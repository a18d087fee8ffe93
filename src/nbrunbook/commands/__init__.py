"""The command line: one verb a file, loaded only when it is called.

Exit status: 0 fine; 1 the answer is no, or an expected error; 2 usage; 3 a bug of ours; 130 interrupted.
"""

from __future__ import annotations

import gc
import importlib
import io
import os
import sys

import click
from click.shell_completion import CompletionItem

from nbrunbook import __version__
from nbrunbook.commands import program, terminal
from nbrunbook.errors import NbrunbookError

VERBS = {
    "init": "Set a repository up.",
    "new": "Start a template for a release, or a part of the next one.",
    "cut": "Give the parts in templates/next their release.",
    "lint": "Say what is wrong in templates, and mend it.",
    "plan": "Show a template's steps, parameters and findings.",
    "diff": "Show what changed in the steps.",
    "import": "Turn a Markdown checklist into a template.",
    "export": "Write steps as a task list in Markdown.",
    "rehearse": "Go through a template on trial, for CI.",
    "textconv": "Print a notebook as text, for git.",
    "instantiate": "Make the runbook of a release for an environment.",
    "pending": "Show which releases are not done where.",
    "work": "Open a runbook live in JupyterLab.",
    "status": "Show how far runbooks are.",
    "take": "Say that you are busy with steps.",
    "tick": "Record steps as done.",
    "run": "Have the machine do steps.",
    "check": "Have checks look again.",
    "batch": "Pause, resume, stop or size a batch; show how far it is.",
    "untick": "Take a tick or a skip back.",
    "skip": "Record steps as skipped, with a reason.",
    "note": "Write a note on a step or on the runbook.",
    "approve": "Approve a step before somebody else does it.",
    "revise": "Bring a runbook up to date with its template.",
    "add": "Put a step that nobody foresaw into a runbook.",
    "close": "Close a section again that is only if needed.",
    "sign-off": "Say that a runbook is complete.",
    "reopen": "Open a runbook again that was closed.",
    "abandon": "Say that nobody is going to complete a runbook.",
    "redact": "Blank what an event says.",
    "journal": "Show the events of a runbook; make a journal.",
    "archive": "Write the record of a signed-off runbook.",
    "verify": "Check that nothing in records and the journal was edited.",
    "history": "Show what happened to deployments over time.",
}
GROUPS = {
    "The main way": ("new", "instantiate", "work", "archive"),
    "Authors": ("init", "plan", "lint", "rehearse", "import", "cut"),
    "Reviewers": ("diff", "export", "textconv"),
    "Releases, in CI and by hand": ("pending", "status", "revise", "history"),
    "Operators, at a step": ("take", "tick", "run", "check", "batch", "untick", "skip", "note", "approve", "add"),
    "Operators, at a runbook": ("close", "sign-off", "reopen", "abandon"),
    "Journal and records": ("journal", "verify", "redact"),
}
"""The verbs by who needs them."""


COMPLETES = "_NBRUNBOOK_COMPLETE"
"""The variable with which a shell asks click what completes a line."""


class LazyGroup(click.Group):
    """Loads a verb's module when the verb is called, so that starting takes no time."""

    def list_commands(self, _: click.Context) -> list[str]:
        """Return the verbs in the order of a runbook's life."""
        return list(VERBS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        """Return one verb, or None where there is none of that name."""
        if name not in VERBS:
            return None
        program.refuse(name)
        module = importlib.import_module(f"nbrunbook.commands.{name.replace('-', '_').replace('import', 'import_')}")
        if not gc.isenabled():  # see `main`
            gc.freeze()
            gc.enable()
        command: click.Command = module.command
        return program.renamed(command)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Complete the verbs and what they do, without loading them."""
        verbs = [CompletionItem(verb, help=VERBS[verb]) for verb in VERBS if verb.startswith(incomplete)]
        return [*verbs, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs by who needs them, without loading them."""
        width = max(map(len, VERBS))
        for group, verbs in GROUPS.items():
            with formatter.section(group):
                there = [name for name in verbs if name not in program.here().instead]
                formatter.write_dl([(name.ljust(width), VERBS[name]) for name in there])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="nbrunbook %(version)s")
def cli() -> None:
    """Runbooks for the manual steps after a release.

    \b
    nbrunbook plan templates/1.0.ipynb                    look at a template
    nbrunbook instantiate templates/1.0.ipynb -e staging  make its runbook
    nbrunbook work staging/1.0                            work on it in JupyterLab
    nbrunbook archive staging/1.0                         keep the record
    """


def main() -> None:
    """Run the command line, and turn errors into words and an exit status.

    Garbage is collected once the verb is loaded, and never among what was loaded: that stays to the end, and
    looking through it took a quarter of `status`. What a terminal's encoding cannot show is replaced: what was
    recorded must not end in a traceback because of an arrow.
    """
    gc.disable()
    show_all_letters()
    sys.exit(run_line(sys.argv[1:]))


def show_all_letters() -> None:
    """Have what the encoding of stdout and stderr lacks replaced."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def called(arguments: list[str]) -> tuple[int, str]:
    """Call one command line and return its exit status, and the words of an expected error: nobody was told of that."""
    try:
        return _called(arguments), ""
    except click.ClickException as error:
        return error.exit_code, error.format_message()
    except NbrunbookError as error:
        return 1, program.as_called(str(error))


def _called(arguments: list[str]) -> int:
    result = program.renamed(cli).main(args=arguments, prog_name=program.name(), standalone_mode=False)
    sys.stdout.flush()
    return result if isinstance(result, int) else 0


def run_line(arguments: list[str]) -> int:
    """Run one command line, with errors in words, and return its exit status."""
    # Python gives None for a stream that the shell has closed.
    sys.stdout, sys.stderr = (stream or io.TextIOWrapper(io.BytesIO()) for stream in (sys.stdout, sys.stderr))
    try:
        if COMPLETES in os.environ:
            from nbrunbook.commands import completion

            completion.set_up()
        return _called(arguments)
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        return 130
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        return 130
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        terminal.tell(said.getvalue().rstrip("\n"))
        return error.exit_code
    except NbrunbookError as error:
        terminal.tell_error(error)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        tell = "check that it is there and may be read and written"
        terminal.tell_error(f"{name}{error.strerror or error}; {tell}")
        return 1
    except Exception as error:
        terminal.tell(f"bug in nbrunbook: {type(error).__name__}: {error}; log: {_log()}")
        return 3


run = run_line
"""Its name until the verb `run` is loaded, whose module takes that in this package."""


def _log() -> str:
    """Write the traceback down, and return where."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="nbrunbook-", suffix=".log", delete=False, encoding="utf-8", errors="backslashreplace"
    ) as file:
        file.write(f"nbrunbook {__version__}, Python {sys.version}\n{sys.argv!r}\n{traceback.format_exc()}")
    return file.name
