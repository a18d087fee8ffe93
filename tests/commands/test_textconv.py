"""nbrunbook textconv, called as git calls it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import Workplace
from tests.making import run_git

TEXTCONV = f"'{sys.executable}' -c 'from nbrunbook.commands import main; main()' textconv"


def test_it_prints_a_template_as_text(work: Workplace) -> None:
    """A template shows as its cells, and the exit status is 0."""
    assert work.run("textconv", work.template("- [ ] a {#a}")) == 0
    assert "── markdown  #text-0\n- [ ] a {#a}\n" in work.out


@pytest.mark.parametrize("content", [b"<<<<<<< ours\n{}\n=======\n", b"\x00\xff\x1b[2J", b""])
def test_what_is_no_notebook_is_printed_as_it_stands(work: Workplace, content: bytes) -> None:
    """Git would show nothing at all where a textconv fails, so anything goes through to the byte."""
    (work.root / "a.ipynb").write_bytes(content)
    command = [sys.executable, "-c", "from nbrunbook.commands import main; main()", "textconv", "a.ipynb"]
    assert subprocess.run(command, check=True, capture_output=True).stdout == content


def test_a_file_that_is_not_there_is_one_clear_error(work: Workplace) -> None:
    """A missing file and a folder exit with 1."""
    assert work.run("textconv", "nowhere.ipynb") == 1
    assert work.err.startswith("error: nowhere.ipynb: No such file")
    assert work.run("textconv", ".") == 1
    assert "a folder" in work.err


def test_git_shows_notebooks_as_text(work: Workplace) -> None:
    """With the attribute and one line of configuration, git diff, git log -p and git show read as text."""
    run_git(work.root, "init", "-q")
    (work.root / ".gitattributes").write_text("*.ipynb diff=nbrunbook\n")
    work.template("- [ ] Press *Promote* {#promote .approval}")
    run_git(work.root, "add", ".")
    run_git(work.root, "commit", "-qm", "Begin")
    run_git(work.root, "config", "diff.nbrunbook.textconv", TEXTCONV)
    work.template("- [ ] Press *Promote* {#promote}")
    shown = [run_git(work.root, "diff")]
    run_git(work.root, "commit", "-qam", "Go on")
    shown += [run_git(work.root, "show"), run_git(work.root, "log", "-p", "-1")]
    for text in shown:
        assert "\n-- [ ] Press *Promote* {#promote .approval}\n+- [ ] Press *Promote* {#promote}\n" in text
        assert "cell_type" not in text
