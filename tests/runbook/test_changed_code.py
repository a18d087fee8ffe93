"""Whether a batch would go on with other code than it began with."""

from __future__ import annotations

from nbrunbook.runbook import offers
from nbrunbook.runbook.changed_code import CHANGED, has_changed
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.replay import apply_all, start
from tests.making import clock, event, plan_of
from tests.template.conftest import BATCH

OLD = plan_of("- [ ] A {#a}", code=BATCH)
NEW = plan_of("- [ ] A {#a}", code=BATCH.replace("(db, rows): ...", "(db, rows): return 1"))
FASTER = plan_of("- [ ] A {#a}", code=BATCH.replace("['eu']", "['eu'], target='5s'"))
PLANS = {each.digest: each for each in (OLD, NEW, FASTER)}


def _after(*happened: str) -> Progress:
    said = [each.split() for each in happened]
    events = [
        event(kind, "" if more else "a", seq=seq, **({"plan": PLANS[more[0]].digest} if more else {}))  # type: ignore[arg-type]
        for seq, (kind, *more) in enumerate(said, 1)
    ]
    return apply_all(start(OLD), events, PLANS)


def _changed(*happened: str) -> bool:
    progress = _after(*(each.replace("new", NEW.digest).replace("faster", FASTER.digest) for each in happened))
    return has_changed(progress, progress.plan.by_id["a"])


def test_a_revision_of_its_code_is_news_once() -> None:
    """From the revision on, until a run of the new code has an end."""
    assert not _changed("revised new")
    assert not _changed("started", "stopped")
    assert _changed("started", "stopped", "revised new")
    assert not _changed("started", "stopped", "revised new", "started")
    assert not _changed("started", "stopped", "revised new", "started", "stopped")


def test_its_options_are_no_code() -> None:
    """A plan says them, and a reviewer has read them."""
    assert not _changed("started", "stopped", "revised faster")


def test_one_that_is_done_goes_on_no_more() -> None:
    """That what it did is reworded is told elsewhere."""
    assert not _changed("started", "passed", "revised new")


def test_the_button_says_so() -> None:
    """Before the click that goes on with the new code, and before no other one."""
    for happened, sure in ((["started", "stopped"], ""), (["started", "stopped", "revised new"], CHANGED)):
        progress = _after(*(each.replace("new", NEW.digest) for each in happened))
        first = offers.of_step(progress, progress.plan.by_id["a"], clock())[0]
        assert (first.ask, first.sure) == ("run", sure)
