"""nbrunbook textconv: print a notebook as text, for git."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nbrunbook.documents import textconv
from nbrunbook.errors import NbrunbookError


@click.command(name="textconv")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
def command(path: Path) -> None:
    """Print a notebook as text, so that git diff, git log -p and git show read well.

    Whatever is no notebook, such as one with conflict markers, is printed as it stands.
    docs/reviewing.md says how to set it up.

    \b
    Example:
      nbrunbook textconv templates/1.0.ipynb
    """
    if path.is_dir():
        raise NbrunbookError(f"{path}: a folder", "a file")
    content = path.read_bytes()
    text = textconv.text(content)
    sys.stdout.flush()
    # Bytes, as git wants them whatever the terminal's encoding is.
    sys.stdout.buffer.write(content if text is None else text.encode())
