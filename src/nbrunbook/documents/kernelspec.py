"""Kernel specifications: the kernel is always the interpreter that runs nbrunbook.

A private folder in front of JUPYTER_PATH holds a kernel of the name that the notebook asks for;
otherwise a user's own python3 kernel, or none, would answer.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""What a kernel may be called (https://jupyter-client.readthedocs.io/en/stable/kernels.html): no path."""


def name_in(metadata: Mapping[str, Any]) -> str:
    """Return the name of the kernel that a notebook's metadata asks for; python3 where it names none, or no name."""
    found = metadata.get("kernelspec")
    name = found.get("name") if isinstance(found, dict) else None
    return name if isinstance(name, str) and NAME.fullmatch(name) and len(name) <= 100 else "python3"


def notebook_metadata(author: Mapping[str, Any]) -> dict[str, Any]:
    """Return kernel metadata in full, keeping the author's kernel name.

    It is what ipykernel says of itself: Jupyter completes less on opening, and then asks to save.
    """
    return {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": name_in(author),
        },
        "language_info": {
            "codemirror_mode": {"name": "ipython", "version": sys.version_info[0]},
            "file_extension": ".py",
            "mimetype": "text/x-python",
            "name": "python",
            "nbconvert_exporter": "python",
            "pygments_lexer": f"ipython{sys.version_info[0]}",
            "version": sys.version.split()[0],
        },
    }


def write(folder: Path, name: str) -> None:
    """Write a kernel of that name into `folder`/kernels; repeating is safe. ValueError for what is no name."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no kernel's name")
    target = folder / "kernels" / name.lower()
    target.mkdir(parents=True, exist_ok=True)
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "--log-level=40", "-f", "{connection_file}"],
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "metadata": {"debugger": True},
    }
    (target / "kernel.json").write_text(json.dumps(spec, indent=1), encoding="utf-8")


def path_with(folder: Path) -> str:
    """Return JUPYTER_PATH with a folder in front."""
    rest = os.environ.get("JUPYTER_PATH")
    return os.pathsep.join([str(folder), *([rest] if rest else [])])


@contextmanager
def private(name: str) -> Iterator[None]:
    """Let kernels of that name be this interpreter, within this process, for a while.

    Temporary files that are made meanwhile go with it: an interrupted kernel leaves the one that says its ports.
    """
    before, place = os.environ.get("JUPYTER_PATH"), tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="nbrunbook-") as folder:
        write(Path(folder), name)
        os.environ["JUPYTER_PATH"] = path_with(Path(folder))
        tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = place
            if before is None:
                del os.environ["JUPYTER_PATH"]
            else:
                os.environ["JUPYTER_PATH"] = before
