"""Small files that must not hang whoever reads them: each of a stranger's worst ends, and says what is wrong."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, Workplace

BENCHMARKS = ROOT / "benchmarks"
SECONDS = 10
MEMORY = 2_000_000_000
LENGTH = 40_000


def _bounded() -> None:
    """A processor's seconds, so that a busy machine is no reason; and some memory."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = f"import sys; sys.path.insert(0, {str(BENCHMARKS)!r})\n{script}"
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, preexec_fn=_bounded)


NAMES = _run("import hostile; print(*hostile.inputs(), sep='\\n')").stdout.splitlines()
READERS = f"""import sys; sys.path[:0] = [{str(ROOT)!r}, {str(BENCHMARKS)!r}]
import os, traceback
import hostile
from tests.attacks.test_hanging import LENGTH, _bounded
for name in sys.stdin:
    child = os.fork()
    if not child:
        sys.stdin = open(os.devnull)
        _bounded()
        try:
            hostile.read_once(name.strip(), LENGTH)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Reads each input that it is told in a process of its own, without loading everything again for each."""


@pytest.fixture(scope="module")
def readers() -> Iterator[subprocess.Popen[str]]:
    """Return what reads them, one after the other."""
    with subprocess.Popen(
        [sys.executable, "-c", READERS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as it:
        yield it


@pytest.mark.parametrize("name", NAMES)
def test_each_hostile_text_ends(name: str, readers: subprocess.Popen[str]) -> None:
    """Those that the benchmark doubles, at 40 kB."""
    assert readers.stdin
    assert readers.stdout
    print(name, file=readers.stdin, flush=True)
    assert readers.stdout.readline() == "0\n"


@pytest.mark.parametrize(
    "call",
    [
        """html.clean('<a href="foo:x">' + "<" * 200_000)""",
        """html.clean('<a href="foo:x"></a><' * 20_000)""",
        """line_ends.steady("<a" * 40_000)""",
        """line_ends.steady("<a'" * 40_000)""",
        """line_ends.steady("<a'" + '<a"' * 39_999)""",
        """line_ends.steady("<style>" * 40_000)""",
    ],
)
def test_what_is_drawn_ends(call: str) -> None:
    """Pages of which somebody else has written a part; each character is read a few times at most."""
    modules = "from nbrunbook.documents.markdown import html; from nbrunbook.record import line_ends"
    ran = _run(f"{modules}; {call}")
    assert ran.returncode == 0, ran.stderr


BOMB = "nbrunbook:\n  a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"  {name}: &{name} [{','.join([f'*{above}'] * 9)}]\n" for above, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"---\n{BOMB}---\n- [ ] A {{#a}}\n", "*a stands for something written elsewhere"),
        ("---\nnbrunbook: [" + "e, " * 20_000 + "e]\n---\n- [ ] A {#a}\n", "20,000 are read at most"),
        ("- [ ] A {#a}\n" + "x" * 400_000, "400,013 characters (expected 300,000 at most"),
        ("- [ ] A\n" * 3_000, "3,000 boxes (expected 2,000 at most"),
        ("# A {.gate}\n" * 3_000, "3,000 sections (expected 2,000 at most"),
        ("".join(f"- [ ] A {{#a{n} after=b{n} wait=x}}\n" for n in range(1_000)), "RB117"),
        ("```python parameters\nx = " + "1+" * 60_000 + "1\n```\n- [ ] A {#a}\n", "100,000 at most"),
        ('- [ ] A {#a when="' + "a or " * 1_000 + 'a"}', "1,000 at most"),
    ],
)
def test_what_is_too_much_is_refused_in_words(work: Workplace, text: str, said: str) -> None:
    """With what was found and what may be; not before it was looked at as a whole."""
    Path("templates").mkdir()
    Path("templates/1.0.md").write_text(text, encoding="utf-8")
    assert work.run("lint") == 1
    assert said in work.out + work.err, work.out[-2000:] + work.err
    assert "Traceback" not in work.err
    assert work.run("instantiate", "1.0", "-e", "staging") == 1
    assert not Path("runbooks").exists()


def test_a_paragraph_that_is_too_long_is_shown_as_it_is(work: Workplace) -> None:
    """All of it, without markup; the rest of the text has its own."""
    Path("templates").mkdir()
    long = "*word* [link](http://a.example/) " * 400
    Path("templates/1.0.md").write_text(f"{long}\n\n- [ ] *A* {{#a}}\n\n  {long}\n", encoding="utf-8")
    assert work.run("instantiate", "1.0", "-e", "staging") == 0, work.err
    shown = Path("runbooks/staging/1.0.ipynb").read_text(encoding="utf-8")
    assert "<em>A</em>" in shown
    assert shown.count("*word* [link](http://a.example/)") >= 800
    assert "<em>word" not in shown


def test_a_pattern_of_somebody_else_s_does_not_hang_init(work: Workplace) -> None:
    """A hook's `files:` is a regular expression, and some take for ever."""
    hook = "repos:\n- repo: local\n  hooks:\n  - id: nbrunbook-lint\n    files: ((a+)+)+$\n"
    Path(".pre-commit-config.yaml").write_text(hook, encoding="utf-8")
    name = "a" * 60
    Path("nbrunbook.toml").write_text(f'templates = "{name}"\n', encoding="utf-8")
    ran = _run("from nbrunbook.commands import main; main()", "init")
    assert ran.returncode == 0, ran.stderr
    assert f'templates = "{name}"' in Path("nbrunbook.toml").read_text(encoding="utf-8")
    assert Path(name).is_dir()


@pytest.mark.parametrize(
    "text",
    [
        f"```python parameters\nx = 0x{'f' * 5000}\n```\n- [ ] A {{#a}}\n",
        f"```python parameters\nx: Literal[0x{'f' * 5000}] = 1\n```\n- [ ] A {{#a}}\n",
        f'- [ ] A {{#a when="x == 0x{"f" * 900}"}}\n',
    ],
)
def test_a_number_of_too_many_digits_is_an_error(work: Workplace, text: str) -> None:
    """Python does not write it down again."""
    Path("templates").mkdir()
    Path("templates/1.0.md").write_text(text, encoding="utf-8")
    for verb in (["lint"], ["plan", "1.0"], ["instantiate", "1.0", "-e", "staging"]):
        assert work.run(*verb) == 1, work.out


def test_a_number_of_too_many_digits_in_the_configuration_is_an_error(work: Workplace) -> None:
    """Wherever it stands."""
    Path("nbrunbook.toml").write_text(f"environments.staging.since = 0x{'f' * 5000}\n", encoding="utf-8")
    assert work.run("pending") == 1
    assert "too many digits" in work.err


def test_a_pipe_in_git_s_place_is_an_error(work: Workplace) -> None:
    """It would never end."""
    os.mkfifo(".git")
    ran = _run("from nbrunbook.commands import main; main()", "status")
    assert ran.returncode == 1
    assert ".git cannot be read" in ran.stderr


@pytest.mark.parametrize("where", ["metadata", "cell"])
@pytest.mark.parametrize("deep", [150, 500, 900, 5_000])
def test_a_notebook_that_is_nested_deeply_is_one_finding(work: Workplace, where: str, deep: int) -> None:
    """The others are looked at all the same."""
    Path("templates").mkdir()
    Path("templates/2.0.md").write_text("- [x] A {#a}\n", encoding="utf-8")
    nested = '{"a":' * deep + "1" + "}" * deep
    own, cell = (nested, "{}") if where == "metadata" else ("{}", nested)
    cells = f'[{{"cell_type": "markdown", "id": "a", "metadata": {cell}, "source": "- [ ] A {{#a}}"}}]'
    text = f'{{"cells": {cells}, "metadata": {own}, "nbformat": 4, "nbformat_minor": 5}}'
    Path("templates/1.0.ipynb").write_text(text, encoding="utf-8")
    assert work.run("lint") == 1
    assert "RB100 templates/1.0.ipynb: JSON that is nested too deeply" in work.out
    assert "RB202 templates/2.0.md" in work.out
    assert work.run("pending", "-e", "staging") == 0
    assert "2.0" in work.out
