"""Protection: what guards a step where it stands."""

from __future__ import annotations

from nbrunbook.review import protection
from tests.comparing import reviewed, side


def test_a_gate_that_went_into_an_if_needed_section_is_riskier() -> None:
    """There it holds back only what stands in that section, and nobody has to open it."""
    old = "## A\n- [ ] g {#g .gate}\n## B {.if-needed}\n- [ ] b {#b}\n## C\n- [ ] c {#c}"
    new = "## A\n- [ ] a {#a}\n## B {.if-needed}\n- [ ] g {#g .gate}\n- [ ] b {#b}\n## C\n- [ ] c {#c}"
    assert protection.behind_gates(side(old)) == {"step:g": ["c"]}
    assert protection.behind_gates(side(new)) == {"step:g": ["b"]}
    assert reviewed(old, new).riskier[0].edit("behind") is None
    assert "unguarded" in reviewed(old, new).riskier[0].risks
