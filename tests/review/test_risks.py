"""What makes a release riskier: each rule, and its opposite, which is none."""

from __future__ import annotations

import pytest

from nbrunbook.review import risks
from nbrunbook.review.compare import compare
from tests.comparing import reviewed, reviewed_code, side
from tests.conftest import ROOT
from tests.template.conftest import BATCH

STEP = "- [ ] First {#first}\n- [ ] Press it {#press%s}\n- [ ] Last {#last}"
SECTION = "## A\n- [ ] a {#a}\n## B {#b%s}\n- [ ] b {#b1}"
LATER = "- [ ] a {#a}\n- [ ] g {#g .gate}\n- [ ] b {#b}"
LOOSE = "- [ ] a {#a}\n- [ ] b {#b}\n- [ ] g {#g .gate}"
CASES: dict[str, tuple[str, str, str]] = {
    "a gate of a step": ("gate", STEP % " .gate", STEP % ""),
    "a gate of a heading": ("gate", SECTION % " .gate", SECTION % ""),
    "a removed gate": ("gate", STEP % " .gate .optional", "- [ ] First {#first}\n- [ ] Last {#last}"),
    "a removed gate section": ("gate", SECTION % " .gate", "## A\n- [ ] a {#a}"),
    "a step that moved above its gate": ("unguarded", LATER, "- [ ] a {#a}\n- [ ] b {#b}\n- [ ] g {#g .gate}"),
    "a gate that moved": ("unguarded", f"{LATER}\n- [ ] c {{#c}}", f"{LOOSE}\n- [ ] c {{#c}}"),
    "an approval": ("approval", STEP % " .approval", STEP % ""),
    "irreversible": ("irreversible", STEP % "", STEP % " .irreversible"),
    "a new irreversible step": ("irreversible", "- [ ] a {#a}", "- [ ] a {#a}\n- [ ] b {#b .irreversible}"),
    "a removed step": ("removed", STEP % "", "- [ ] First {#first}\n- [ ] Last {#last}"),
    "optional": ("optional", STEP % "", STEP % " .optional"),
    "an optional section": ("optional", SECTION % "", SECTION % " .optional"),
    "a step that moved to an optional section": (
        "optional",
        "## A\n- [ ] a {#a}\n- [ ] x {#x}\n## B {.optional}\n- [ ] b {#b}",
        "## A\n- [ ] a {#a}\n## B {.optional}\n- [ ] b {#b}\n- [ ] x {#x}",
    ),
    "an if-needed section": ("if-needed", SECTION % "", SECTION % " .if-needed"),
    "a step that moved to an if-needed section": (
        "if-needed",
        "## A\n- [ ] a {#a}\n- [ ] x {#x}\n## B {.if-needed}\n- [ ] b {#b}",
        "## A\n- [ ] a {#a}\n## B {.if-needed}\n- [ ] b {#b}\n- [ ] x {#x}",
    ),
    "a section below an if-needed one": (
        "if-needed",
        "## A\n- [ ] a {#a}\n### B\n- [ ] b {#b}",
        "## A {.if-needed}\n- [ ] a {#a}\n### B\n- [ ] b {#b}",
    ),
    "a lost box": ("no-box", "- [ ] a {#a}\n  - [ ] b {#b}", "- a {#a}\n  - [ ] b {#b}"),
    "a group": ("no-box", "- [ ] a {#a}\n  - [ ] b {#b}", "- [ ] a {#a .group}\n  - [ ] b {#b}"),
    "once": ("once", STEP % "", STEP % " .once"),
    "evidence": ("evidence", STEP % ' evidence="a link"', STEP % ""),
    "a when": ("when-narrowed", STEP % "", STEP % " when=\"kind == 'a'\""),
    "a when of a section": ("when-narrowed", SECTION % "", SECTION % " when=\"kind == 'a'\""),
    "one more term": ("when-narrowed", STEP % ' when="a"', STEP % ' when="a and b"'),
    "one choice less": ("when-narrowed", STEP % ' when="a or b or c"', STEP % ' when="c or a"'),
    "another when": ("when-changed", STEP % " when=\"kind == 'a'\"", STEP % " when=\"kind == 'b'\""),
    "a step that moved under a when": (
        "when-narrowed",
        '- [ ] a {#a when="n"}\n  - [ ] b {#b}\n- [ ] x {#x}',
        '- [ ] a {#a when="n"}\n  - [ ] b {#b}\n  - [ ] x {#x}',
    ),
    "an after": ("after", STEP % " after=first", STEP % ""),
    "one after of two": ("after", STEP % ' after="first last"', STEP % " after=last"),
    "a wait": ("wait", STEP % " wait=24h", STEP % ""),
    "a shorter wait": ("wait", STEP % " wait=1d", STEP % " wait=23h"),
    "a due": ("due", STEP % " due=7d", STEP % ""),
    "a later due": ("due", STEP % " due=24h", STEP % " due=2d"),
}
HARMLESS: dict[str, tuple[str, str]] = {
    "a wider when": (STEP % ' when="a and b"', STEP % ' when="b"'),
    "no when any more": (STEP % ' when="a"', STEP % ""),
    "the same when": (STEP % ' when="a==1"', STEP % ' when="(a == 1)"'),
    "one more after": (STEP % " after=first", STEP % ' after="last, first"'),
    "a longer wait": (STEP % " wait=1h", STEP % " wait=2h"),
    "an equal wait": (STEP % " wait=1d", STEP % " wait=24h"),
    "an earlier due": (STEP % " due=2d", STEP % " due=24h"),
    "an equal due": (STEP % " due=1d", STEP % " due=24h"),
    "a new due": (STEP % "", STEP % " due=24h"),
    "another evidence": (STEP % ' evidence="a link"', STEP % ' evidence="a number"'),
    "another owner": (STEP % " owner=ana", STEP % " owner=bob"),
    "a removed optional step": (STEP % " .optional", "- [ ] First {#first}\n- [ ] Last {#last}"),
    "a step that moved below a gate": (LOOSE, LATER),
    "a new step": (LATER, f"{LATER}\n- [ ] c {{#c}}"),
    "a reworded step": (LATER, LATER.replace("] b", "] c")),
}
"""Their opposites, but for those that are risks by themselves."""


@pytest.mark.parametrize("case", CASES)
def test_what_takes_care_away_is_riskier(case: str) -> None:
    """Each way to make a release riskier is found, and comes first."""
    risk, old, new = CASES[case]
    found = reviewed(old, new)
    assert risk in found.changes[0].risks


@pytest.mark.parametrize("case", ["an approval", "evidence", "a wait", "an after", "once", "a gate of a heading"])
def test_the_opposite_is_not_riskier(case: str) -> None:
    """What adds care is a change without a risk."""
    _, old, new = CASES[case]
    found = reviewed(new, old)
    assert found.changes
    assert found.riskier == ()


@pytest.mark.parametrize("case", HARMLESS)
def test_what_takes_nothing_away_is_not_riskier(case: str) -> None:
    """A change that takes no care away shows and carries no risk."""
    found = reviewed(*HARMLESS[case])
    assert found.changes
    assert found.riskier == ()


LOOK = "@check('a'{})\ndef look(): return LIMIT\nLIMIT = 1"
ACT = "@action('a'{})\ndef act(): ..."
FILL = (
    BATCH.replace("['eu']", "['eu', 'us']{}")
    + "@fill.left\ndef _(db): return LIMIT\nLIMIT = 1\ndef own(): return LIMIT"
)
NIGHT = ", throttle=window('22:00', '06:00')"
OF_CODE: dict[str, tuple[str, str, str]] = {
    "a step that a machine does now": ("acts", "", ACT.format("")),
    "a check that acts now": ("acts", LOOK.format(""), ACT.format("")),
    "a check that a person does now": ("by-hand", LOOK.format(""), ""),
    "an action that a person does now": ("by-hand", ACT.format(""), "import os"),
    "a function": ("does", LOOK.format(""), LOOK.format("").replace("return LIMIT", "return 0")),
    "what a function uses": ("does", LOOK.format(""), LOOK.format("").replace("= 1", "= 2")),
    "attempts": ("attempts", LOOK.format(""), LOOK.format(", attempts=3")),
    "more attempts": ("attempts", LOOK.format(", attempts=3"), LOOK.format(", attempts=20")),
    "attempts of a parameter": ("attempts", LOOK.format(", attempts=3"), LOOK.format(", attempts=tries")),
    "a longer timeout": ("timeout", ACT.format(", timeout='90s'"), ACT.format(", timeout='2m'")),
    "no timeout": ("timeout", ACT.format(", timeout='90s'"), ACT.format("")),
    "a timeout of a parameter": ("timeout", ACT.format(", timeout='90s'"), ACT.format(", timeout=limit")),
    "a batch where a person did it": ("acts", "", FILL.format("")),
    "a batch that a person does now": ("by-hand", FILL.format(""), "import os"),
    "a function of a batch": ("does", FILL.format(""), FILL.format("").replace("(db, rows): ...", "(db, rows): go()")),
    "what a batch's function uses": ("does", FILL.format(""), FILL.format("").replace("= 1", "= 2")),
    "what holds a batch back": (
        "does",
        FILL.format(", throttle=own").replace("LIMIT = 1", ""),
        FILL.format(", throttle=own")
        .replace("LIMIT = 1", "")
        .replace("def own(): return LIMIT", "def own(): return 0"),
    ),
    "a database more": ("databases", FILL.format(""), FILL.format("").replace("'us'", "'us', 'asia'")),
    "a database less": ("databases", FILL.format(""), FILL.format("").replace(", 'us'", "")),
    "databases of a parameter": ("databases", FILL.format(""), FILL.format("").replace("['eu', 'us']", "places")),
    "a longer target": ("target", FILL.format(", target='500ms'"), FILL.format(", target='2s'")),
    "the usual target": ("target", FILL.format(", target='500ms'"), FILL.format("")),
    "a target of a parameter": ("target", FILL.format(""), FILL.format(", target=limit")),
    "other hours": ("throttle", FILL.format(NIGHT), FILL.format(NIGHT.replace("06", "08"))),
    "all hours": ("throttle", FILL.format(NIGHT), FILL.format("")),
    "quarantine": ("quarantine", FILL.format(""), FILL.format(", on_error='quarantine'")),
    "more errors": ("max_errors", FILL.format(", max_errors=9"), FILL.format(", max_errors=10")),
    "any number of errors": ("max_errors", FILL.format(", max_errors=9"), FILL.format(", max_errors=None")),
    "a chunk twice": ("repeatable", FILL.format(""), FILL.format(", repeatable=True")),
}
HARMLESS_CODE: dict[str, tuple[str, str]] = {
    "a check where a person looked": ("", LOOK.format("")),
    "a check with limits where a person looked": ("", LOOK.format(", attempts=3, timeout='90s'")),
    "fewer attempts": (LOOK.format(", attempts=20"), LOOK.format(", attempts=3")),
    "another pause": (LOOK.format(", every='30s'"), LOOK.format(", every='5m'")),
    "a shorter timeout": (ACT.format(", timeout='2m'"), ACT.format(", timeout='90s'")),
    "a timeout": (ACT.format(""), ACT.format(", timeout='90s'")),
    "a comment": (LOOK.format(""), "# why\n" + LOOK.format("")),
    "databases in another order": (FILL.format(""), FILL.format("").replace("'eu', 'us'", "'us', 'eu'")),
    "a shorter target": (FILL.format(", target='2s'"), FILL.format(", target='500ms'")),
    "a larger first chunk": (FILL.format(""), FILL.format(", batch_size=500")),
    "hours": (FILL.format(""), FILL.format(NIGHT)),
    "no quarantine": (FILL.format(", on_error='quarantine'"), FILL.format(", on_error='stop'")),
    "fewer errors": (FILL.format(", max_errors=10"), FILL.format(", max_errors=9")),
    "once": (FILL.format(", repeatable=True"), FILL.format(", repeatable=False")),
    "another function": (LOOK.format(""), LOOK.format("") + "\ndef other(): ..."),
}


@pytest.mark.parametrize("case", OF_CODE)
def test_what_makes_an_automated_step_riskier(case: str) -> None:
    """It is told of the step itself, and comes first."""
    risk, old, new = OF_CODE[case]
    (found,) = reviewed_code(old, new).riskier
    assert (found.subject, found.id, risk in found.risks) == ("step", "a", True)


def test_limits_that_go_with_the_machine_are_no_risk() -> None:
    """Where a person does a step now, that is the one thing to look at."""
    (found,) = reviewed_code(LOOK.format(", attempts=3, timeout='90s'"), "").riskier
    assert found.risks == ("by-hand",)


@pytest.mark.parametrize("case", HARMLESS_CODE)
def test_what_does_not(case: str) -> None:
    """It shows, and carries no risk."""
    found = reviewed_code(*HARMLESS_CODE[case])
    assert found.changes
    assert found.riskier == ()


def test_each_risk_has_a_case() -> None:
    """No risk stands in the table that no rule finds."""
    cases = {risk for risk, _, _ in (*CASES.values(), *OF_CODE.values())}
    assert cases | {"secret", "reach"} == set(risks.RISKS)


def test_each_risk_stands_in_the_docs() -> None:
    """docs/reviewing.md has the table of the code, word for word and in its order."""
    page = (ROOT / "docs" / "reviewing.md").read_text(encoding="utf-8")
    assert "".join(f"| {risk} | {words} |\n" for risk, words in risks.RISKS.items()) in page


def test_a_secret_that_became_plain_is_riskier() -> None:
    """Its value would be written down in every runbook."""
    old = side("- [ ] a {#a}", parameters='token: Secret = Secret("TOKEN")')
    new = side("- [ ] a {#a}", parameters='token: str = "TOKEN"')
    found = compare(old, new)
    assert found.riskier[0].risks == ("secret",)
    assert compare(new, old).riskier == ()


@pytest.mark.parametrize(
    ("old", "new", "narrower"),
    [
        ("a", "a and b", True),
        ("a and b", "a", False),
        ("a or b", "a", True),
        ("a", "a or b", False),
        ("a", "b", False),
        ("a and b", "b and a", False),
        ("a and (b)", "a and b and c", True),
        ("a or b", "(a or b) and c", True),
        ("a (", "a and b", False),
    ],
)
def test_narrower_is_said_only_where_it_is_proved(old: str, new: str, narrower: bool) -> None:
    """One more `and` term or one `or` term less is narrower; of anything else nothing is claimed."""
    assert risks.is_narrower(old, new) is narrower
