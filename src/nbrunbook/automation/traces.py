"""Traces: what a run leaves on its host, in its folder: whether anything of it lives, and what came out."""

from __future__ import annotations

import os
import shutil
import socket
from contextlib import suppress
from pathlib import Path

from nbrunbook.automation import lock, output
from nbrunbook.automation.masking import as_text
from nbrunbook.automation.outcome import Outcome
from nbrunbook.documents import files
from nbrunbook.runbook.status import Heard


def texts(found: Outcome) -> dict[str, str]:
    """Return what came out as an event has it."""
    each = {"value": found.value, "message": found.message, "traceback": found.traceback, "output": found.output}
    data = {name: as_text(text.encode("utf-8", "replace")) for name, text in each.items() if text}
    return data | {"seconds": f"{found.seconds:.3f}", "attempts": str(found.attempts)}


def whole(found: Outcome, log: Path) -> bytes | None:
    """Return all that was written, where its end in `found` is not all; None where it is, or where the log is gone."""
    content = None
    with suppress(OSError), files.opened(log) as file:
        content = file.read(output.LOG + output.TAIL)
    return content if content and len(content) > len(found.output.encode()) else None


def is_over(folder: Path) -> bool:
    """Tell whether nothing of the run in a folder of this host lives any more; one that is gone is over."""
    try:
        return lock.is_free(folder)
    except OSError:  # another user's
        return False


def clear(folder: Path) -> None:
    """Take a run's folder away, once the journal has what came out."""
    if folder.is_symlink():  # its code has moved it
        folder.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def is_free(heard: Heard) -> bool | None:
    """Tell whether nothing of a run lives any more; None where it is not for this host, or this user, to say."""
    folder = Path(heard.folder)
    try:
        is_ours = heard.host == socket.gethostname() and heard.folder
        is_here = is_ours and os.path.lexists(folder / lock.PLACE)
        return lock.is_free(folder) if is_here else None
    except OSError:  # another user's, or its code has put something else there
        return None
