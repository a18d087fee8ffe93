"""What a person at the terminal sees: results on stdout, talk on stderr, JSON for machines.

On a terminal lines are wrapped and coloured (see `wrapping`); in a pipe they are as they come, one a row.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TextIO

import click

from nbrunbook.commands.program import as_called
from nbrunbook.commands.wrapping import wrapped
from nbrunbook.documents.terminal_text import plain
from nbrunbook.errors import one_line, visible

if TYPE_CHECKING:
    from nbrunbook.runbook.plain import Tone

STYLES: Mapping[Tone, Mapping[str, Any]] = {
    "good": {"fg": "green"},
    "late": {"fg": "red", "bold": True},
    "faint": {"dim": True},
    "strong": {"bold": True},
}
"""How each tone looks, in all verbs; words say the same, for who sees no colours."""


def show(text: str = "", tone: Tone = "") -> None:
    """Print a result; what would steer the terminal is shown as what it is."""
    _put(visible(text), sys.stdout, tone)


def show_line(text: str, tone: Tone = "") -> None:
    """Print a result that holds what somebody wrote: its line breaks are shown, and begin no line."""
    show(one_line(text), tone)


def show_code(text: str) -> None:
    """Print what is to be copied, to the letter: no line of it is broken."""
    click.echo(visible(text))


def show_bytes(content: bytes) -> None:
    """Print what somebody wrote: to the byte into a file or a pipe, as text at a terminal, which it might steer."""
    if sys.stdout.isatty():
        show_code(plain(content.decode("utf-8", "replace")).removesuffix("\n"))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)


def show_styled(text: str, stream: TextIO | None = None) -> None:
    """Print what is visible already, with pieces that `styled` has coloured."""
    _put(text, stream or sys.stdout, "")


def tell(text: str) -> None:
    """Talk about what is going on."""
    _put(visible(as_called(text)), sys.stderr, "")


def tell_error(text: object) -> None:
    """Say what went wrong; none of it begins a line with what is a command to GitHub, as a file's name might."""
    said = visible(as_called(str(text))).replace("\n::", "␊::")
    _put(f"{styled('error:', 'late', sys.stderr)} {said}", sys.stderr, "")


def show_json(value: Any) -> None:
    """Print a result for a machine."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def pass_by(text: str) -> None:
    """Say on a terminal how far something long is, on a line that `end_with` takes away."""
    if sys.stderr.isatty():
        write_over(visible(text))


def end_with(text: str) -> None:
    """Print a result in the place of what was said on the way."""
    if sys.stderr.isatty():
        write_over()
    show(text)


def write_over(text: str = "") -> None:
    """Write a visible text over the line of stderr, a terminal, that is there."""
    click.echo(f"\r\x1b[2K{text}", err=True, nl=False)


def width(stream: TextIO | None = None) -> int | None:
    """Return how many columns a stream has, of itself or as COLUMNS says; None for one that is no terminal."""
    stream = stream or sys.stdout
    if not stream.isatty():
        return None
    try:
        return int(os.environ.get("COLUMNS") or 0) or os.get_terminal_size(stream.fileno()).columns or 80
    except (ValueError, OSError):
        return 80


def styled(text: str, tone: Tone, stream: TextIO | None = None) -> str:
    """Return a visible text in the colours of its tone, where a stream wants any (https://no-color.org)."""
    return click.style(text, **STYLES[tone]) if text and tone and wants_colour(stream) else text


def wants_colour(stream: TextIO | None = None) -> bool:
    """Tell whether a stream is a terminal that shows colours, and nobody has said not to."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return (stream or sys.stdout).isatty() and not plain


def _put(text: str, stream: TextIO, tone: Tone) -> None:
    wide = width(stream)
    lines = [each for line in text.split("\n") for each in (wrapped(line, wide) if wide else (line,))]
    click.echo("\n".join(styled(line, tone, stream) for line in lines), file=stream)
