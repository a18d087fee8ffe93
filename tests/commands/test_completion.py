"""What a shell completes."""

from __future__ import annotations

import ast
import os
import pty
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import click
import pytest

from nbrunbook.commands import VERBS, completion
from nbrunbook.work import naming
from tests.conftest import PARAMETERS, ROOT, Workplace
from tests.making import listing, registered

PATIENT = "from nbrunbook.commands import completion, main; completion.ANSWER_SECONDS = 60; main()"
"""On a machine that is busy with other tests."""
PROGRAM = f"""#!{sys.executable}
import os, sys
from nbrunbook.commands import completion, main
completion.ANSWER_SECONDS = 60
main() if "_NBRUNBOOK_COMPLETE" in os.environ else print("given", sys.argv[1:])
"""
"""It completes; whatever else it is asked to do it says instead."""
STEPS = (
    "- [ ] A {#a}\n- [ ] B {#b .approval}\n- [ ] C waits {#c after=b}\n- [ ] G {#g}\n  - [ ] D {#d}\n"
    "\n## If it fails {#fails .if-needed}\n- [ ] Roll back {#back}\n"
)


def completed(*words: str, shell: str = "bash") -> list[str]:
    """What a shell is told to complete the last word with, in a process of its own, which says nothing else."""
    given = {"COMP_WORDS": "\n".join(("nbrunbook", *words)), "COMP_CWORD": str(len(words))}
    command = [sys.executable, "-c", PATIENT]
    environment = {**os.environ, **given, "_NBRUNBOOK_COMPLETE": f"{shell}_complete"}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = [line for line in ran.stdout.splitlines() if line]
    return [line.removeprefix("plain,") for line in lines] if shell == "bash" else lines


def test_verbs_are_completed_without_loading_them() -> None:
    """Each with what it does, where the shell shows it."""
    assert completed("") == list(VERBS)
    assert completed("ti") == ["tick"]
    assert completed("ti", shell="zsh") == ["plain", "tick", VERBS["tick"]]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["tick", ""], ["staging/1.0", "production/1.0"]),
        (["tick", "pro"], ["production/1.0"]),
        (["work", "sta"], ["staging/1.0"]),
        (["reopen", "demo"], ["demo/1.0"]),
        (["tick", "demo"], []),
        (["status", "demo"], ["demo/1.0"]),
        (["journal", "de"], ["demo/1.0"]),
        (["journal", "i"], ["init"]),
        (["journal", "demo/1.0", "--j"], ["--json"]),
        (["verify", "x"], ["file,x"]),
        (["tick", "staging/1.0", ""], ["b", "c", "g", "d", "back"]),
        (["tick", "staging/1.0", "b", ""], ["c", "g", "d", "back"]),
        (["untick", "staging/1.0", ""], ["a"]),
        (["approve", "staging/1.0", ""], ["b"]),
        (["note", "staging/1.0", "--step", ""], ["a", "b", "c", "g", "d", "back"]),
        (["add", "staging/1.0", "X", "--after", "b"], ["b", "back"]),
        (["close", "staging/1.0", ""], ["fails"]),
        (["tick", "staging/9", ""], []),
        (["status", "-e", ""], ["staging", "demo", "production"]),
        (["pending", "-e", "p"], ["production"]),
        (["history", "--release", ""], ["1.0"]),
    ],
)
def test_what_there_is_is_completed(work: Workplace, words: list[str], names: list[str]) -> None:
    """Keys of the project, open ones for who works; steps to which the verb applies; environments and releases."""
    registered(STEPS)
    registered("- [ ] A {#a .optional}", key="demo/1.0")
    registered("- [ ] A {#a}", key="production/1.0")
    assert work.run("tick", "staging/1.0", "a") == work.run("sign-off", "demo/1.0") == 0
    assert sorted(completed(*words)) == sorted(names)


def test_what_the_machine_does_is_completed(work: Workplace) -> None:
    """`run` has the automated steps, `check` the checks alone, `batch` the batches."""
    code = "@check('a')\ndef look(): ...\n@action('b')\ndef act(): ...\nfill = batch('c', databases=['eu'])\n"
    code += "@fill.fetch\ndef _(db, cursor, batch_size): ...\n@fill.process\ndef _(db, rows): ...\n"
    path = work.template(STEPS, parameters=f"from nbrunbook import action, batch, check\n{PARAMETERS}", code=code)
    assert work.run("instantiate", path, "-e", "staging") == 0, work.err
    assert completed("run", "") == completed("check", "") == ["staging/1.0"]
    assert completed("run", "staging/1.0", "") == ["a", "b", "c"]
    assert completed("run", "staging/1.0", "b", "") == ["a", "c"]
    assert completed("check", "staging/1.0", "") == ["a"]
    assert completed("batch", "size", "100", "staging/1.0", "") == ["c"]


def test_nothing_is_said_and_nothing_made(tmp_path: Path, work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a project, without a journal and with one that is broken there is nothing to complete, in silence."""
    before = listing(work.root)
    for words in (["tick", ""], ["tick", "a/1", ""], ["status", "-e", ""], ["journal"], ["work", "--z"]):
        assert completed(*words) == ([] if words != ["journal"] else ["journal"])
    assert listing(work.root) == before
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", str(tmp_path / "pyproject.toml"))
    assert completed("tick", "") == []
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    monkeypatch.chdir(outside)
    assert completed("tick", "") == []


def test_a_journal_that_does_not_answer_completes_nothing(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell has its line back after ANSWER_SECONDS, whatever the journal's machine does."""
    monkeypatch.setattr(completion, "ANSWER_SECONDS", 0.05)
    gate = threading.Event()
    monkeypatch.setattr(naming, "project_here", lambda: gate.wait(30))
    begun = time.monotonic()
    context = click.Context(click.Command("tick"))
    assert completion.open_keys(context, click.Argument(["key"]), "") == []
    assert time.monotonic() - begun < 20
    gate.set()


def test_jupyter_is_not_loaded(work: Workplace) -> None:
    """Nor anything else that takes long: what completes looks into the journal alone."""
    registered(STEPS)
    code = (
        "import sys\nfrom nbrunbook.commands import run\ntry:\n    run([])\nfinally:\n"
        "    print(*[name for name in ('nbformat', 'jupyter_client', 'IPython', 'nbconvert') if name in sys.modules])"
    )
    given = {"COMP_WORDS": "nbrunbook\ntick\nstaging/1.0\n", "COMP_CWORD": "3", "_NBRUNBOOK_COMPLETE": "bash_complete"}
    ran = subprocess.run([sys.executable, "-c", code], env={**os.environ, **given}, capture_output=True, text=True)
    assert sorted(ran.stdout.split()) == ["plain,a", "plain,b", "plain,back", "plain,c", "plain,d", "plain,g"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_a_title_is_one_line_without_control_characters(work: Workplace, shell: str) -> None:
    """Shells part their lists at line breaks and tabs: a title holds none, and is cut."""
    title = "A, \x1b[2Jtab\there; $(touch pwned) " + "long " * 30
    registered(f"- [ ] {title} {{#a}}")
    lines = completed("tick", "staging/1.0", "", shell=shell) if shell == "zsh" else _fish("tick staging/1.0 ")
    assert lines[:2] == ["plain", "a"] if shell == "zsh" else lines[0].startswith("plain,a\t")
    assert len(lines) == (3 if shell == "zsh" else 1)
    shown = lines[-1].rpartition("\t")[2]
    assert re.fullmatch(r"A, ␛\[2Jtab here; \$\(touch pwned\) long.*…", shown)


def _fish(line: str) -> list[str]:
    given = {"COMP_WORDS": f"nbrunbook {line}", "COMP_CWORD": "", "_NBRUNBOOK_COMPLETE": "fish_complete"}
    command = [sys.executable, "-c", PATIENT]
    ran = subprocess.run(command, env={**os.environ, **given}, capture_output=True, text=True, check=True)
    return ran.stdout.splitlines()


@pytest.mark.parametrize(
    ("typed", "given"),
    [
        ("nbrunbook tick sta", ["tick", "staging/1.0"]),
        ("nbrunbook tick staging/1.0@", ["tick", "staging/1.0@2"]),
        ("nbrunbook tick staging/1.0@2", ["tick", "staging/1.0@2"]),
        ("nbrunbook tick staging/1.0@2 a", ["tick", "staging/1.0@2", "a2"]),
        ("nbrunbook tick demo", ["tick", "demo/4 $(x)"]),
        (r"nbrunbook tick demo/4\ \$\(x\) o", ["tick", "demo/4 $(x)", "only"]),
    ],
)
@pytest.mark.on("sqlite")
def test_a_real_bash_completes_a_line(work: Workplace, typed: str, given: list[str]) -> None:
    """Switched on as the docs say: also a second runbook, whose @ bash parts, and a name with what it would run."""
    registered("- [ ] A {#a1}")
    registered("- [ ] A {#a2}", key="staging/1.0@2")
    registered("- [ ] A {#only}", key="demo/4 $(x)")
    (work.root / "bin").mkdir()
    (work.root / "bin" / "nbrunbook").write_text(PROGRAM, encoding="utf-8")
    (work.root / "bin" / "nbrunbook").chmod(0o755)
    switches = re.findall(r"^(eval .*bash_source.*)$", (ROOT / "docs" / "installation.md").read_text(), re.MULTILINE)
    leader, follower = pty.openpty()
    environment = {**os.environ, "PATH": f"{work.root / 'bin'}:{os.environ['PATH']}", "TERM": "dumb"}
    with subprocess.Popen(
        ["bash", "--norc", "-i"], cwd=work.root, env=environment, start_new_session=True,
        stdin=follower, stdout=follower, stderr=follower,
    ) as process:  # fmt: skip
        os.close(follower)
        try:
            os.write(leader, f"bind 'set enable-bracketed-paste off'; {switches[0]}; echo rea''dy\n".encode())
            _until(leader, r"ready\r")
            os.write(leader, f"{typed}\t\n".encode())
            assert ast.literal_eval(_until(leader, r"given (\[.*\])\r")) == given
        finally:
            process.kill()
    os.close(leader)


def _until(leader: int, pattern: str) -> str:
    """Read from a terminal until it shows something; return that."""
    got = ""
    while not (found := re.search(pattern, got)):
        got += os.read(leader, 65_536).decode()
    return found[1] if found.groups() else found[0]
