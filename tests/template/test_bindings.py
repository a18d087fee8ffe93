"""What an author's code cells say of the steps that the machine does."""

from __future__ import annotations

from pathlib import Path

from nbrunbook.template import bindings
from tests.conftest import PARAMETERS
from tests.template.conftest import template_of

CODE = """import os
from nbrunbook import action, check

@check("a", attempts=3)
def look(): return os.name

# no step of its own
@nbrunbook.action("b")
async def go(run): ...

fill = batch("c", databases=["eu"])
"""
STEPS = "- [ ] a {#a}\n- [ ] b {#b}\n- [ ] c {#c}"


def test_what_is_bound(tmp_path: Path) -> None:
    """Kind, step and function, in order; of a batch, the variable that holds it."""
    found = template_of(tmp_path, STEPS, code=CODE).bindings
    names = [each.function_name for each in found.listed]
    assert [each.kind for each in found.listed] == ["check", "action", "batch"]
    assert (names, sorted(found.by_step)) == (["look", "go", "fill"], ["a", "b", "c"])


def test_a_template_without_any_is_not_automated(tmp_path: Path) -> None:
    """One batch is enough."""
    assert not template_of(tmp_path, STEPS, code="import os").bindings.automated
    assert template_of(tmp_path, STEPS, code="import os\nfill = batch('c', databases=[])").bindings.automated


def test_what_a_decorator_says_is_none_of_what_is_done(tmp_path: Path) -> None:
    """The fingerprint stays where attempts change, or another name is imported beside `check`."""
    one, other, third = (
        template_of(tmp_path, STEPS, code=code).bindings.fingerprints.of("look")
        for code in (CODE, CODE.replace("=3", "=4").replace("action, ", ""), CODE.replace("os.name", "os.sep"))
    )
    assert one == other != third


def test_the_code_of_a_run(tmp_path: Path) -> None:
    """Each code cell as it is written; of the parameters the imports alone, since a run brings the values."""
    declared = f"from typing import Literal\nfrom nbrunbook import Secret, check\n\n{PARAMETERS}"
    found = template_of(tmp_path, STEPS, parameters=declared, code=CODE)
    assert found.code == ("from typing import Literal\nfrom nbrunbook import Secret, check", CODE)
    assert template_of(tmp_path, STEPS, code=CODE).code == (CODE,)
    assert template_of(tmp_path, STEPS, code=" \n").code == ()


def test_code_that_is_no_python_is_left_as_it_is() -> None:
    """Reading never fails: the linter says what is wrong."""
    assert bindings.plan_code(["release: str = ("], ["def (", ""]) == ("def (",)


def test_an_id_is_the_same_however_its_letters_are_composed(tmp_path: Path) -> None:
    """As everywhere else: editors write an umlaut in one way or the other."""
    found = template_of(tmp_path, "- [ ] a {#pr\u00fcfen}", code="@check('pru\u0308fen')\ndef look(): ...")
    assert list(found.bindings.by_step) == ["pr\u00fcfen"]
    assert found.problems == ()


def test_the_batches_that_a_cell_gives_a_function() -> None:
    """Told from it alone, by their variables."""
    code = "@fill.fetch\ndef a(): ...\n@other.left\n@mend.process\ndef b(): ...\n@app.route\ndef c(): ..."
    assert bindings.batches_given(code) == {"fill", "other", "mend"}
    assert bindings.batches_given("def (") == frozenset()
