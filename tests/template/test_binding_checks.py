"""Decorators above functions: what can be wrong with them, and with the code that a run loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.documents import notebook
from nbrunbook.template.template import read_template
from tests.conftest import PARAMETERS, template_bytes
from tests.template.conftest import BATCH, ids_of, problems_of

STEPS = "- [ ] a {#a}\n- [ ] b {#b}\n- [ ] c {#c .group}\n  - [ ] d {#d}\n- e {#e}\n  - [ ] f {#f}"
DECLARED = f"""{PARAMETERS}
retries: int = 3
none: int = 0
pause: str = "30s"
words: str = "soon"
given: str
limit: str | None = None
ratio: float = 0.5"""


def _ids(folder: Path, code: str) -> list[str]:
    return ids_of(folder, STEPS, parameters=DECLARED, code=code)


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("@check('mail-suport')\ndef _(): pass", "mail-support"),
        ("@nbrunbook.action('mail-suport', once=True)\ndef _(): pass", "mail-support"),
        (BATCH.replace("'a'", "'far away'"), "{#id}"),
        ("@check(name)\ndef _(): pass", '@check("id")'.replace("@", "")),
    ],
)
def test_rb115_a_decorator_that_names_no_step(tmp_path: Path, code: str, hint: str) -> None:
    """A decorator names a step by its literal id; another one stops the template, with the nearest id."""
    found = problems_of(template_bytes("- [ ] a {#mail-support}", code=code), tmp_path)
    assert [problem.id for problem in found] == ["RB115"]
    assert hint in found[0].hint


def test_rb122_a_decorator_above_a_class(tmp_path: Path) -> None:
    """It would do nothing, and its step would look as if a person did it."""
    content = template_bytes("- [ ] a {#a}", code="@check('a')\nclass A: ...")
    found = problems_of(content, tmp_path)
    assert [(each.id, each.message) for each in found] == [("RB122", "check(…) stands above a class")]
    assert ids_of(tmp_path, "- [ ] a {#a}", code="@dataclass\nclass A: ...") == []


def test_rb115_a_decorator_that_names_a_step(tmp_path: Path) -> None:
    """What names a step is no finding, and neither is another library's decorator of another name."""
    code = "@check('a')\ndef a(): run()\n\n" + BATCH.replace("'a'", "'b'")
    assert ids_of(tmp_path, "- [ ] a {#a}\n- [ ] b {#b}", code=code + "@app.task(3)\ndef f(): go()") == []


@pytest.mark.parametrize(
    "code", ["@check\ndef look(): ...", "@nb.action\ndef look(): ...", "@check()\ndef look(): ..."]
)
def test_rb115_a_decorator_without_an_id(tmp_path: Path, code: str) -> None:
    """One without a call names nothing either."""
    assert _ids(tmp_path, code) == ["RB115"]


@pytest.mark.parametrize(
    "code",
    [
        "from elsewhere import check\n@check('x')\ndef look(): ...",
        "def check(x): ...\n@check('x')\ndef look(): ...",
        "import elsewhere as nb\n@nb.check('x')\ndef look(): ...",
    ],
)
def test_rb115_another_library_s_decorator(tmp_path: Path, code: str) -> None:
    """What the code itself calls `check` otherwise is none of ours."""
    assert "RB115" not in _ids(tmp_path, code)


@pytest.mark.parametrize(
    "code",
    [
        "from nbrunbook import check as looks\n@looks('x')\ndef look(): ...",
        "import nbrunbook as rb\n@rb.action('x')\ndef look(): ...",
        "import nbrunbook\n@nbrunbook.check('x')\nasync def look(): ...",
    ],
)
def test_rb115_however_it_was_imported(tmp_path: Path, code: str) -> None:
    """The names under which an author imports it are known."""
    assert _ids(tmp_path, code) == ["RB115"]


def test_rb120_a_step_that_two_decorators_bind(tmp_path: Path) -> None:
    """The second one is told, with where the first one is; a batch counts too."""
    code = "@check('a')\ndef look(): ...\n@action('a')\ndef go(): ...\n" + BATCH
    found = [each for each in problems_of(template_bytes(STEPS, code=code), tmp_path) if each.id == "RB120"]
    assert [(each.line, "line 1" in each.message) for each in found] == [(3, True), (5, True)]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("check('a', 3)", "in first place"),
        ("check('a', atempts=3)", "did you mean attempts"),
        ("action('a', attempts=3)", "it knows timeout"),
        ("check('a', **more)", "write each argument out"),
        ("check('a', attempts=0)", "attempts=0"),
        ("check('a', attempts=True)", "attempts=True"),
        ("check('a', attempts='3')", "attempts='3'"),
        ("check('a', attempts=10**9)", "attempts is computed"),
        ("check('a', attempts=-1)", "attempts is computed"),
        ("check('a', every='5 minutes')", "such as 30s, 5m or 2h"),
        ("check('a', every=30)", "every=30"),
        ("check('a', every=None)", "every=None"),
        ("check('a', every=f'{pause}')", "every is computed"),
        ("check('a', timeout='0s')", "timeout='0s'"),
        ("check('a', attempts=retrys)", "did you mean retries"),
        ("check('a', attempts=pause)", "which is a str"),
        ("check('a', every=ratio)", "which is a float"),
        ("check('a', attempts=none)", "which is 0 by default"),
        ("check('a', every=words)", "which is 'soon' by default"),
        ("check('a', every=limit)", "which is None by default"),
    ],
)
def test_rb121_an_argument_that_cannot_be_used(tmp_path: Path, said: str, words: str) -> None:
    """Literals and names of parameters that fit, and nothing that is not known."""
    content = template_bytes(STEPS, parameters=DECLARED, code=f"@{said}\ndef look(): ...")
    (found,) = [each for each in problems_of(content, tmp_path) if each.id == "RB121"]
    assert words in f"{found.message} {found.hint}"


@pytest.mark.parametrize(
    "said",
    [
        "check('a', attempts=retries, every=pause, timeout=limit)",
        "check('a', every=given, timeout=None)",
        "action('a', timeout='2m')",
        "action('a')",
    ],
)
def test_rb121_what_can(tmp_path: Path, said: str) -> None:
    """A parameter without a default is looked at once it has a value."""
    assert _ids(tmp_path, f"@{said}\ndef look(): ...") == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("@check('a')\ndef look(url): ...", "takes url"),
        ("@check('a')\ndef look(run, *, url='x'): ...", "takes url"),
        ("@check('a')\ndef look(*run): ...", "takes *run"),
        ("@check('a')\ndef look(run, /): ...", "takes run, /"),
        ("@check('a')\ndef look(**run): ...", "takes **run"),
        ("class A:\n    @check('a')\n    def look(self): ...", "stands inside"),
        ("def f():\n    @check('a')\n    def look(): ...", "stands inside"),
        ("if x:\n    @check('a')\n    def look(): ...", "stands inside"),
        ("@check('a')\ndef look():\n    yield 1", "yields"),
        ("@check('a')\nasync def look():\n    yield 1", "yields"),
        ("@check('a')\ndef look(): ...\nlook = 1", "something else is called look"),
        ("@check('a')\ndef look(): ...\n@check('b')\ndef look(): ...", "something else is called look"),
        ("@check('a')\ndef retries(): ...", "something else is called retries"),
    ],
)
def test_rb122_a_function_that_cannot_be_a_step_s(tmp_path: Path, code: str, words: str) -> None:
    """A run calls it by its name at the top level, with `run` or nothing, and it does something then."""
    content = template_bytes(STEPS, parameters=DECLARED, code=code)
    found = [each for each in problems_of(content, tmp_path) if each.id == "RB122"]
    assert found
    assert all(words in each.message for each in found)


@pytest.mark.parametrize(
    "code",
    [
        "@check('a')\ndef look(run): ...",
        "@check('a')\ndef look(*, run=None): ...",
        "@check('a')\nasync def look():\n    def g(): yield 1\n    await g()",
        "@check('a')\n@check('b')\ndef look(): ...",
        "@check('a')\n@cached\ndef look(): ...\nlook.x = 1",
    ],
)
def test_rb122_a_function_that_can(tmp_path: Path, code: str) -> None:
    """One function may do two steps, and other decorators may stand above it."""
    assert _ids(tmp_path, code) == []


@pytest.mark.parametrize("step", ["c", "e"])
def test_rb123_an_automated_step_without_a_box(tmp_path: Path, step: str) -> None:
    """A group is settled when its steps are: there is nothing for a machine to do."""
    parent = step if step == "c" else "e"
    assert _ids(tmp_path, f"@check('{parent}')\ndef look(): ...") == ["RB123"]


@pytest.mark.parametrize(
    "code",
    [
        "%time 1",
        "!ls",
        "%%bash\nls",
        "x = !ls",
        "def (",
        "await go()",
        "x = [a async for a in b]",
        "async with a: pass",
        "def f(): display(1)",
        "get_ipython().run()",
        "if __name__ == '__main__': pass",
        "import __main__",
        "from __main__ import a",
    ],
)
def test_rb124_code_that_only_a_notebook_runs(tmp_path: Path, code: str) -> None:
    """With automated steps it stops the template, in whatever cell, since each run loads all of them."""
    path = tmp_path / "1.0.ipynb"
    document = notebook.parse(template_bytes(STEPS, code="@check('a')\ndef look(): ..."), path)
    cells = [*document.cells, notebook.code_cell("more", code)]
    path.write_bytes(notebook.dump(notebook.document(cells, document.metadata)))
    found = [each.id for each in read_template(path).problems if each.id != "RB213"]
    assert found == ["RB124"]
    assert "RB124" not in _ids(tmp_path, code)


@pytest.mark.parametrize(
    "code",
    [
        "from IPython.display import display\ndef f(): display(1)",
        "def f(display): display(1)",
        "async def f(): await go()",
        "def f():\n    return [a async for a in b]",
        "x = 10 % 3",
    ],
)
def test_rb124_code_that_a_run_loads(tmp_path: Path, code: str) -> None:
    """What is imported, or awaited in a function, is plain Python."""
    assert _ids(tmp_path, code + "\n@check('a')\ndef look(): ...") == []
