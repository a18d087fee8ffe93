"""The child: what a function does, and what is said of it. Each is a real process under a real supervisor."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from nbrunbook.automation import child, outcome
from nbrunbook.automation.run import Parameter
from tests.automation.conftest import Begin

SAID = {
    "nothing": ("def f(): pass", "passed", None, None),
    "a text": ("def f(): return 'fünf'", "passed", "fünf", None),
    "JSON": ("def f(): return {'ü': [1, None, True]}", "passed", '{"ü": [1, null, true]}', None),
    "what is no JSON": (
        "def f(): return {1: {2}, 'path': object}",
        *("passed", """{"1": "{2}", "path": "<class 'object'>"}""", None),
    ),
    "what JSON cannot say": ("def f(): return {(1, 2): 3}", "passed", "{(1, 2): 3}", None),
    "false": ("def f(): return False", "passed", "false", None),
    "a lone surrogate": ("def f(): return '\\udcff\\0'", "passed", "\\udcff␀", None),
    "an assertion": ("def f(): assert 1 == 2, 'health is red'", "failed", None, "health is red"),
    "an assertion without words": ("def f():\n    assert 1 == 2", "failed", None, "assert 1 == 2"),
    "an exception": ("def f(): {}['x']", "undecided", None, "KeyError: 'x'"),
    "an exception that cannot be shown": (
        "class E(Exception):\n    def __str__(self): raise E\ndef f(): raise E",
        *("undecided", None, "nbrunbook_code.E: <exception str() failed>"),
    ),
    "a value that cannot be shown": (
        "class A:\n    def __repr__(self): raise ValueError('no')\ndef f(): return A()",
        *("undecided", None, "ValueError: no"),
    ),
    "sys.exit(0)": ("import sys\ndef f(): sys.exit(0)", "undecided", None, "SystemExit: 0"),
    "an interrupt": ("def f(): raise KeyboardInterrupt", "undecided", None, "KeyboardInterrupt"),
    "os._exit(0)": (
        "import os\ndef f(): os._exit(0)",
        *("undecided", None, "its process ended with status 0, and did not say what came out"),
    ),
    "a crash": (
        "import ctypes\ndef f(): ctypes.string_at(0)",
        *("undecided", None, "ended by SIGSEGV (a crash in native code), and did not say what came out"),
    ),
    "no end of calls": (
        "def f(): return f()",
        *("undecided", None, "RecursionError: maximum recursion depth exceeded"),
    ),
    "input": ("def f(): return input()", "undecided", None, "EOFError: EOF when reading a line"),
    "async": ("import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    return 1", "passed", "1", None),
    "async that fails": ("async def f(): assert False, 'red'", "failed", None, "red"),
    "tasks that fail": (
        "import asyncio\nasync def red(): assert False, 'red'\n"
        "async def f():\n    async with asyncio.TaskGroup() as group:\n        group.create_task(red())",
        *("failed", None, "unhandled errors in a TaskGroup (1 sub-exception)"),
    ),
    "a generator": ("def f(): yield 1", "undecided", None, "TypeError: f is a generator: nothing of it was run"),
    "a warning": (
        "from nbrunbook import warn\ndef f():\n    warn('slow')\n    warn('old')\n    return 5",
        *("warned", "5", "slow\nold"),
    ),
    "a warning before a failure": (
        "from nbrunbook import warn\ndef f():\n    warn('slow')\n    assert False, 'red'",
        *("failed", None, "red"),
    ),
    "a cell that fails": ("assert False, 'at the top'\ndef f(): pass", "undecided", None, "at the top"),
    "a cell that is no Python": ("def f(:", "undecided", None, "invalid syntax"),
    "no function": ("g = 1", "undecided", None, "NameError: the code defines no function 'f'"),
    "run": ("def f(run): return run.key", "passed", "key-1", None),
    "another argument": ("def f(url='x'): return url", "passed", "x", None),
    "an argument that nobody gives": (
        "def f(url): return url",
        *("undecided", None, "TypeError: f() missing 1 required positional argument: 'url'"),
    ),
    "its module": (
        "import dataclasses, pickle, sys\n@dataclasses.dataclass\nclass P:\n    x: int\n"
        "def f(): return [pickle.loads(pickle.dumps(P(1))).x, __name__ == '__main__', sys.modules[__name__].f is f]",
        *("passed", "[1, false, true]", None),
    ),
    "source": (
        "import inspect\ndef f(): return inspect.getsource(f)",
        *("passed", "def f(): return inspect.getsource(f)", None),
    ),
    "arguments": ("import sys\ndef f(): return sys.argv", "passed", '[""]', None),
    "a copy that comes back, too": (
        "import os\ndef f(): return 'copy' if os.fork() == 0 else 'child'",
        *("passed", "child", None),
    ),
    "no files": ("import sys\ndef f():\n    sys.stdout = sys.stderr = None\n    return 1", "passed", "1", None),
    "closed files": (
        "import sys\ndef f():\n    sys.stdout.close()\n    sys.stderr.close()\n    return 1",
        *("passed", "1", None),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_what_came_out(begin: Begin, name: str) -> None:
    """Passed is what a function does that returns; failed an assertion; all else is undecided."""
    code, kind, value, message = SAID[name]
    found = begin(code).outcome()
    assert (found.kind, found.value) == (kind, value)
    assert (found.message or "").endswith(message or "")
    assert (found.message is None) == (message is None)


def test_a_traceback_begins_with_the_author_s_line(begin: Begin) -> None:
    """With the line itself, as a notebook shows it; nothing of ours is in it."""
    found = begin("x = 0\ndef f():\n    return 1 / x", cells=()).outcome()
    assert found.kind == "undecided"
    found = begin("def g(x):\n    return 1 / x\ndef f():\n    return g(0)", id="run-2").outcome()
    assert re.findall(r'File "(.*?)", line (\d+), in (\w+)\n +(.*)', found.traceback or "") == [
        ("<code cell 1>", "4", "f", "return g(0)"),
        ("<code cell 1>", "2", "g", "return 1 / x"),
    ]
    assert "nbrunbook" not in (found.traceback or "")


def test_output_keeps_the_order_of_lines(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of stdout, stderr, a program's output and what is written below Python; nothing is lost in a crash."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    code = """
import os, subprocess, sys
def f(run):
    for number in range(50):
        print(number)
        print(number, "err", file=sys.stderr)
        run.log(f"{number} \\udcff")
        subprocess.run(["echo", str(number)])
        os.write(1, b"%d\\n" % number)
    print("no end", end="")
    os.abort()
"""
    expected = "".join(f"{n}\n{n} err\n{n} \\udcff\n{n}\n{n}\n" for n in range(50)) + "no end"
    assert begin(code).outcome().output == expected


def test_parameters_are_there_before_the_first_cell(begin: Begin) -> None:
    """Each as its annotation has it; a cell may go on from it."""
    cells = (
        "from nbrunbook import Secret\ncopy = release + 'b'",
        "seen = repr([release, copy, token, since > '2.9', regions, none])",
        "release = 'c'\ndef f(): return seen, release",
    )
    parameters = (
        Parameter(name="release", type="str", value="1.0"),
        Parameter(name="token", type="NoneType", value=None),
        Parameter(name="since", type="Version", value="2.10"),
        Parameter(name="regions", type="list", value=["eu"]),
        Parameter(name="none", type="NoneType", value=None),
    )
    found = begin("", cells=cells, parameters=parameters).outcome()
    assert found.value == """["['1.0', '1.0b', None, True, ['eu'], None]", "c"]"""


def test_a_secret_is_read_by_the_child_and_masked_by_the_supervisor(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In output, value, exception and traceback; also where it is written byte by byte."""
    monkeypatch.setenv("SHOP_TOKEN", "hunter-2&more")
    code = """
import os, time, urllib.parse
def f():
    for byte in token.value.encode():
        os.write(1, bytes([byte]))
    print("\\n" + urllib.parse.quote(token.value))
    return check("hunter-2&more")
def check(value):
    assert not value, f"{value!r} is still valid"
"""
    found = begin(code, parameters=(Parameter(name="token", type="Secret", value="SHOP_TOKEN"),)).outcome()
    assert (found.kind, found.message, found.output) == ("failed", "'***' is still valid", "***\n***\n")
    assert 'return check("***")' in (found.traceback or "")


def test_the_project_s_root_is_where_it_runs(begin: Begin, tmp_path: Path) -> None:
    """Its modules can be imported, and hide none of Python's from us; what it does to its process ends with it."""
    (tmp_path / "shop.py").write_text("name = 'shop'\n", encoding="utf-8")
    (tmp_path / "json.py").write_text("raise RuntimeError('not meant')\n", encoding="utf-8")
    code = "import os, shop\nbefore = os.getcwd()\ndef f():\n    os.chdir('/')\n    os.environ.clear()\n"
    code += "    return [before, shop.name]"
    assert begin(code).outcome().value == f'["{tmp_path}", "shop"]'


def test_long_texts_are_cut_in_the_middle(begin: Begin) -> None:
    """Longer than a pipe holds, also where a letter takes twelve bytes to say."""
    found = begin("def f(): raise ValueError('🦉' * 500_000 + 'b' * 500_000)").outcome()
    half = outcome.LONGEST // 2
    assert found.message == "ValueError: " + "🦉" * (half - 12) + "\n[…]\n" + "b" * half
    assert child.LONGEST > 2 * outcome.LONGEST


@pytest.mark.parametrize("length", range(31_980, 32_010, 7))
def test_no_half_of_a_secret_is_left_where_a_text_is_cut(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """Neither where the child cuts, nor where the supervisor does: masked first, then cut."""
    monkeypatch.setenv("SHOP_TOKEN", "hunter-2-and-more")
    between = child.LONGEST // 2 - len("hunter-2-and-more") - length - 8
    code = f"def f(): return 'a' * {length} + token.value + 'b' * {between} + token.value + 'c' * 500_000"
    found = begin(code, parameters=(Parameter(name="token", type="Secret", value="SHOP_TOKEN"),)).outcome()
    assert "hunt" not in (found.value or "")
    assert "more" not in (found.value or "")


def test_a_child_imports_little() -> None:
    """Neither the journal, nor the command line, nor Jupyter, nor what dataclasses need."""
    heavy = (
        "{'sqlalchemy', 'click', 'jupyter_core', 'IPython', 'markdown_it', 'yaml', 'dataclasses', 'inspect', 'asyncio'}"
    )
    code = f"import sys, nbrunbook.automation.child\nprint({heavy} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "set()\n"
