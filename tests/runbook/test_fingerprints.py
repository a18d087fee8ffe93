"""Fingerprints: what is another thing to do, and what is not."""

from __future__ import annotations

import pytest

from nbrunbook.documents import top_level
from nbrunbook.runbook.fingerprints import Fingerprints

CODE = '''import os, json
from cdn import purge, warm

LIMIT = 3
OTHER = 4
SETTINGS = {"a": 1}
SETTINGS["b"] = 2


def helper(text):
    """Say it."""
    return json.dumps([text, LIMIT])


class Client:
    def get(self):
        return SETTINGS


def step():
    local = OTHER_TEXT = "local"  # a comment
    return helper(local), Client().get(), missing


def other():
    return OTHER, warm()
'''


def _of(source: str, function: str = "step") -> str:
    return Fingerprints(top_level.statements(source)).of(function)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"local"', '"remote"'),
        ("[text, LIMIT]", "[LIMIT, text]"),
        ("LIMIT = 3", "LIMIT = 4"),
        ("LIMIT = 3", "LIMIT = 3.0"),
        ('SETTINGS["b"] = 2', "SETTINGS.update(b=2)"),
        ("import os, json", "import os\nimport ujson as json"),
        ("return SETTINGS", "return dict(SETTINGS)"),
        ("def step():", "async def step():"),
        ("def step():", "@cached\ndef step():"),
        ("def step():", "missing = 1\ndef step():"),
        ("import os, json", "import os, json\nfrom more import *"),
        ("LIMIT = 3", "LIMIT = 3\nif os:\n    LIMIT = 4"),
    ],
)
def test_what_does_something_else(old: str, new: str) -> None:
    """The function, and the names that it uses in however many steps, wherever they are bound."""
    assert old in CODE
    assert _of(CODE) != _of(CODE.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  # a comment", ""),
        ("LIMIT = 3", "\n\n# how many\nLIMIT = (3)"),
        ('"local"', "'local'"),
        ('"local"', 'u"local"'),
        ("OTHER = 4", "OTHER = 5"),
        ("warm()", "warm(1)"),
        ("import os, json", "import os, json, re"),
        ("purge, warm", "purge"),
        ("import os, json", "import json\nimport os"),
        ("\n\nclass Client", "\n\ndef unrelated(): ...\n\n\nclass Client"),
    ],
)
def test_what_does_the_same(old: str, new: str) -> None:
    """Comments, layout, quotes and names that it does not use."""
    assert old in CODE
    assert _of(CODE) == _of(CODE.replace(old, new, 1))


def test_it_is_the_same_with_every_python() -> None:
    """A plan holds it: what is hashed is ours, and not how some Python prints a tree."""
    found = _of("def f(a, *, b=1.5):\n    return f'{a!r:>{b}} é\\U0001fae8'", "f")
    assert found == "1ff6b993563a059681cdadb84f6d10d075d92432eca9f1e3a7812898335e07db"


def test_functions_that_use_each_other_are_told_apart() -> None:
    """They go by the same statements, and a step that is bound to the other one does something else."""
    code = Fingerprints(top_level.statements("def a(): b()\ndef b(): a()"))
    assert code.needed("a") == code.needed("b")
    assert code.of("a") != code.of("b")


def test_names_that_use_each_other_end() -> None:
    """A circle of functions is gone through once."""
    assert Fingerprints(top_level.statements("def a(): b()\ndef b(): a()\nc = 1")).needed("a") == [0, 1]


@pytest.mark.parametrize(
    "deep", ["[" * 140 + "]" * 140, "(" * 90 + "1" + ",)" * 90, "+".join("1" * 280), "-" * 280 + "1"]
)
def test_what_is_written_deep_has_one_too(deep: str) -> None:
    """As deep as Python that anybody could read may be: nothing breaks, and a change in it is seen."""
    one, other = (_of(f"def f(): return {text}", "f") for text in (deep, deep.replace("1", "2") + " or 0"))
    assert one != other
    assert Fingerprints(top_level.statements(f"def f(): return {deep}")).texts("f")


def test_what_is_bound_again_and_again_is_linear() -> None:
    """Each use of a name is of all statements that bind it, however many there are of both."""
    code = "x = 1\n" * 3000 + "\n".join(f"def f{number}(): return x" for number in range(1000))
    assert len(Fingerprints(top_level.statements(code)).needed("f7")) == 3001


FILL = """LIMIT = 1
def own(): return LIMIT
fill = batch("a", databases=["eu"], throttle=own)
@fill.fetch
def _(db, cursor, batch_size): return OTHER
@fill.process
def _(db, rows): ...
OTHER = 2
mend = batch("b", databases=["eu"])
@mend.fetch
def _(db, cursor, batch_size): return THIRD
THIRD = 3
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LIMIT = 1", "LIMIT = 2"),
        ("OTHER = 2", "OTHER = 3"),
        ("(db, rows): ...", "(db, rows): go()"),
        ("@fill.process", "@fill.left"),
        ("OTHER = 2", "OTHER = 2\n@fill.left\ndef _(db): ..."),
    ],
)
def test_a_batch_is_all_its_functions(old: str, new: str) -> None:
    """A batch is told by its variable, whatever its functions are called; another one's are none of it."""
    assert _of(FILL, "fill") != _of(FILL.replace(old, new), "fill")
    assert _of(FILL, "mend") == _of(FILL.replace(old, new), "mend")
    assert _of(FILL, "fill") == _of(FILL.replace("THIRD = 3", "THIRD = 4"), "fill")


def test_only_our_batches_are_changed_by_what_stands_above_a_function() -> None:
    """Plans of before stay what they are: another library's decorator changes nothing."""
    code = "app = make()\n@app.fetch\ndef a(): return LIMIT\nLIMIT = {}\ndef step(): return app"
    assert _of(code.format(1)) == _of(code.format(2))
