"""What a search looks through."""

from __future__ import annotations

from nbrunbook.jupyter.step_texts import StepTexts
from tests.conftest import Workplace
from tests.making import registered, session_on

STEPS = """\
# One
- [ ] Export {#export as=link evidence="link"}
  To the bucket.
  - [ ] Check it {#check}
    Its size.
- [ ] Look at {{link}} {#look}
- [ ] Never {#never when="release == 'none'"}
"""


def test_every_step_with_its_own_text(work: Workplace) -> None:
    """In order, without those that do not apply, and each without what is written in its sub-steps."""
    session = session_on(registered(STEPS))
    texts = StepTexts(session)
    found = {each["id"]: (each["title"], each["text"].strip()) for each in texts.steps()}
    assert found == {
        "export": ("Export", "To the bucket."),
        "check": ("Check it", "Its size."),
        "look": ("Look at (from Export)", ""),
    }
    session.add("More", after="look")
    assert [each["id"] for each in texts.steps()] == ["export", "check", "look", "added-more"]


def test_a_search_finds_what_the_page_shows(work: Workplace) -> None:
    """Values stand in a step's text as they do on the page, and evidence as soon as it is given."""
    steps = "- [ ] Export {#export as=graph evidence=graph}\n- [ ] Look {#look}\n  At {{graph}} of {{release}}\n"
    session = session_on(registered(steps))
    texts = StepTexts(session)
    assert texts.steps()[1]["text"] == "At (from Export) of 1.0"
    session.append("ticked", "export", data={"evidence": "7"})
    assert texts.steps()[1]["text"] == "At 7 of 1.0"
