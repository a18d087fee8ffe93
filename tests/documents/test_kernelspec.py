"""Kernel specifications: the kernel is the interpreter that runs nbrunbook."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import pytest

from nbrunbook.documents import kernelspec


@pytest.mark.parametrize("author", [{}, {"kernelspec": None}, {"kernelspec": {}}, {"kernelspec": {"name": 7}}])
def test_kernel_metadata_is_always_whole(author: dict[str, object]) -> None:
    """Kernel metadata is written in full, whatever the author's notebook says."""
    made = kernelspec.notebook_metadata(author)
    assert made["kernelspec"] == {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    assert made["language_info"]["name"] == "python"


def test_the_authors_kernel_name_stays() -> None:
    """The name that the author's notebook asks for is kept."""
    made = kernelspec.notebook_metadata({"kernelspec": {"name": "shop-env", "language": "python"}})
    assert made["kernelspec"]["name"] == "shop-env"


def test_a_kernel_is_this_interpreter(tmp_path: Path) -> None:
    """A kernel of any name starts the interpreter that runs nbrunbook; writing it twice is safe."""
    for _ in range(2):
        kernelspec.write(tmp_path, "Shop-Env")
    spec = json.loads((tmp_path / "kernels" / "shop-env" / "kernel.json").read_text(encoding="utf-8"))
    assert spec["argv"][0] == sys.executable
    assert "{connection_file}" in spec["argv"]


def test_our_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our folder stands in front of the user's own."""
    monkeypatch.delenv("JUPYTER_PATH", raising=False)
    assert kernelspec.path_with(tmp_path) == str(tmp_path)
    monkeypatch.setenv("JUPYTER_PATH", "/theirs")
    assert kernelspec.path_with(tmp_path) == f"{tmp_path}{os.pathsep}/theirs"


@pytest.mark.parametrize("before", [None, "/theirs"])
def test_a_private_kernel_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, before: str | None) -> None:
    """A private kernel is there for a while; afterwards, and after an error, all is as it was."""
    monkeypatch.delenv("JUPYTER_PATH", raising=False)
    if before:
        monkeypatch.setenv("JUPYTER_PATH", before)
    seen, place = list[Path](), tempfile.gettempdir()

    def fail() -> None:
        with kernelspec.private("python3"):
            seen.append(Path(os.environ["JUPYTER_PATH"].split(os.pathsep)[0]))
            assert (seen[0] / "kernels" / "python3" / "kernel.json").is_file()
            os.close(tempfile.mkstemp(".json")[0])
            raise ZeroDivisionError("in between")

    with pytest.raises(ZeroDivisionError, match="in between"):
        fail()
    assert os.environ.get("JUPYTER_PATH") == before
    assert not seen[0].exists()
    assert tempfile.gettempdir() == place


def test_jupyter_finds_the_private_kernel() -> None:
    """Jupyter itself finds our kernel under the name that the notebook asks for."""
    from jupyter_client.kernelspec import get_kernel_spec

    with kernelspec.private("python3"):
        assert get_kernel_spec("python3").argv[0] == sys.executable
