"""What a search looks through."""

from __future__ import annotations

from nbrunbook.jupyter.texts import Texts
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
    texts = Texts(session)
    found = {each["id"]: (each["title"], each["text"].strip()) for each in texts.steps()}
    assert found == {
        "export": ("Export", "To the bucket."),
        "check": ("Check it", "Its size."),
        "look": ("Look at (from Export)", ""),
    }
    session.add("More", after="look")
    assert [each["id"] for each in texts.steps()] == ["export", "check", "look", "added-more"]
