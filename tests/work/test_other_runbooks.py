"""Steps that other runbooks settle: once for a group, and after steps of other environments and releases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nbrunbook.errors import RefusedError
from nbrunbook.journal.reading import Reader
from nbrunbook.project.operator import declared
from nbrunbook.project.settings import find_project
from nbrunbook.record import verify
from nbrunbook.runbook import events
from nbrunbook.runbook.attempt import LONGEST_TEXT
from nbrunbook.runbook.waiting import ready_at
from nbrunbook.work.archive import archive
from nbrunbook.work.session import Session
from tests.conftest import Workplace
from tests.making import forget, registered, session_on, why_not

REGIONS = """
[project]
name = "shop"
[tool.nbrunbook.environments]
staging = {}
eu = {group = "production"}
us = {group = "production"}
"""
MAIL = '- [ ] Mail support {#mail .once evidence="which list" as=list}\n- [ ] Tell {{list}} {#tell}'
STOP = "- [ ] Stop writing the column {#stop}\n- [ ] Look {#look .optional}"


@pytest.fixture
def regions(work: Workplace) -> Workplace:
    """A project whose production is two environments."""
    (work.root / "pyproject.toml").write_text(REGIONS, encoding="utf-8")
    return work


def made(*keys: str, text: str = MAIL) -> list[Session]:
    """Register a runbook for each key and return their sessions."""
    for key in keys:
        registered(text, key=key)
    return [session_on(key) for key in keys]


def why(at: Session, step_id: str) -> str:
    """Return why a step may not be ticked now; empty where it may."""
    at.refresh()
    return why_not(at.progress, "ticked", step_id, now=events.now()) or ""


# Once for a group


def test_one_environment_settles_a_once_step_for_all(regions: Workplace) -> None:
    """What eu ticked is done in us too, by the same operator, with the evidence, and says where."""
    eu, us = made("eu/1.0", "us/1.0")
    eu.append("ticked", "mail", data={"evidence": "all@"})
    assert us.refresh()
    state = us.progress.of("mail")
    assert (state.status, state.where, state.evidence) == ("done", "eu/1.0", "all@")
    assert us.progress.settled == 1
    assert us.progress.title(us.step("tell")) == "Tell all@"
    assert not us.refresh()


def test_what_was_said_elsewhere_stays_after_the_sign_off(regions: Workplace) -> None:
    """It was not redacted, and nobody says that it was, until somebody redacts it."""
    eu, us = made("eu/1.0", "us/1.0", text="- [ ] Mail support {#mail .once evidence=list}")
    eu.append("ticked", "mail", data={"evidence": "all@example.com", "note": "they were asleep"})
    us.append("signed_off")
    assert regions.run("status", "us/1.0") == 0
    assert "redacted" not in regions.out
    assert "they were asleep" in regions.out
    assert "all@example.com" in regions.out
    path = archive(us, find_project()).path
    page = path.read_text(encoding="utf-8")
    assert "they were asleep" in page
    assert "redacted" not in page
    eu.redact(2, "a name")
    seq = us.events[-2].seq if us.events[-1].kind == "archived" else us.events[-1].seq
    us.redact(seq, "a name")
    assert regions.run("status", "us/1.0") == 0
    assert "they were asleep" not in regions.out
    assert "redacted" in regions.out


def test_a_once_step_outside_the_group_stays_open(regions: Workplace) -> None:
    """Staging belongs to no group: nobody settles anything for it."""
    eu, staging = made("eu/1.0", "staging/1.0")
    eu.append("ticked", "mail", data={"evidence": "all@"})
    staging.refresh()
    assert staging.progress.of("mail").status == "open"


def test_another_release_settles_nothing(regions: Workplace) -> None:
    """Once means once for each release."""
    eu, us = made("eu/1.0", "us/2.0")
    eu.append("ticked", "mail", data={"evidence": "all@"})
    us.refresh()
    assert us.progress.of("mail").status == "open"


def test_a_once_step_is_undone_where_it_was_done(regions: Workplace) -> None:
    """What eu ticked is not for us to untick; when eu does, it is open in us again."""
    eu, us = made("eu/1.0", "us/1.0")
    eu.append("ticked", "mail", data={"evidence": "all@"})
    with pytest.raises(RefusedError, match=r"settled in eu/1\.0.*undo it there"):
        us.append("unticked", "mail", data={"reason": "wrong list"})
    with pytest.raises(RefusedError, match=r"already done by ana.* in eu/1\.0"):
        us.append("ticked", "mail", data={"evidence": "all@"})
    eu.append("unticked", "mail", data={"reason": "wrong list"})
    us.refresh()
    assert us.progress.of("mail").status == "open"


def test_a_sign_off_keeps_who_settled_it(regions: Workplace) -> None:
    """What eu undoes after us has signed off changes nothing in us, not even for another journal's reader."""
    eu, us = made("eu/1.0", "us/1.0")
    eu.append("ticked", "mail", data={"evidence": "all@"})
    us.append("ticked", "tell")
    us.sign_off(None)
    eu.append("unticked", "mail", data={"reason": "wrong list"})
    for again in (session_on("us/1.0"), Session(us.journal, us.runbook, us.operator)):
        assert (again.progress.of("mail").status, again.progress.of("mail").where) == ("done", "eu/1.0")
        assert not again.progress.required_open


def test_a_sign_off_keeps_what_was_left_open(regions: Workplace) -> None:
    """What eu settles after us has signed off changes nothing in us either."""
    eu, us = made("eu/1.0", "us/1.0", text=MAIL.replace(".once", ".once .optional"))
    us.append("ticked", "tell")
    us.sign_off(None)
    eu.append("ticked", "mail", data={"evidence": "all@"})
    assert session_on("us/1.0").progress.of("mail").status == "open"


def test_a_redacted_sign_off_looks_again(regions: Workplace) -> None:
    """Where what a sign-off kept was blanked, what the others say now is all that is known."""
    eu, us = made("eu/1.0", "us/1.0")
    eu.append("ticked", "mail", data={"evidence": "all@"})
    us.append("ticked", "tell")
    us.redact(us.sign_off(None).seq, "an address")
    assert session_on("us/1.0").progress.of("mail").where == "eu/1.0"


def test_a_sign_off_keeps_whatever_the_others_said(regions: Workplace) -> None:
    """Evidence as long as it may be there is none too long for the sign-off here."""
    eu, us = made("eu/1.0", "us/1.0")
    eu.append("ticked", "mail", data={"evidence": "x" * LONGEST_TEXT})
    us.append("ticked", "tell")
    us.sign_off(None)
    assert us.progress.of("mail").where == "eu/1.0"


def test_a_sign_off_keeps_what_was_settled_just_before_it(regions: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """What eu settles while us signs off is kept, since the sign-off needed it."""
    eu, us = made("eu/1.0", "us/1.0")
    us.append("ticked", "tell")
    refresh = us.refresh

    def late() -> bool:
        changed = refresh()
        eu.append("ticked", "mail", data={"evidence": "all@"})
        return changed

    monkeypatch.setattr(us, "refresh", late)
    us.sign_off(None)
    again = Session(us.journal, us.runbook, us.operator)
    assert again.progress.of("mail").where == "eu/1.0"


def test_the_runbook_that_settled_it_is_named(regions: Workplace) -> None:
    """Of several runbooks of a deployment the one where it was ticked is the one to undo it in."""
    (first,) = made("eu/1.0")
    first.append("abandoned", data={"reason": "rolled back"})
    second, us = made("eu/1.0@2", "us/1.0")
    second.append("ticked", "mail", data={"evidence": "all@"})
    us.refresh()
    assert us.progress.of("mail").where == "eu/1.0@2"


def test_a_reopened_runbook_looks_again(regions: Workplace) -> None:
    """After a reopening what the others say now counts."""
    eu, us = made("eu/1.0", "us/1.0")
    eu.append("ticked", "mail", data={"evidence": "all@"})
    us.append("ticked", "tell")
    us.sign_off(None)
    eu.append("unticked", "mail", data={"reason": "wrong list"})
    us.append("reopened", data={"reason": "look again"})
    us.refresh()
    assert us.progress.of("mail").status == "open"


def test_the_record_says_where_it_was_settled(regions: Workplace) -> None:
    """The record of us shows that eu mailed, and verifies."""
    eu, us = made("eu/1.0", "us/1.0")
    eu.append("ticked", "mail", data={"evidence": "all@"})
    us.append("ticked", "tell")
    us.sign_off(None)
    written = archive(us, find_project())
    page = written.path.read_text(encoding="utf-8")
    assert "in eu/1.0" in page
    assert "elsewhere: {" not in page  # what a machine reads stands in the JSON
    assert verify.verify(written.path).fault is None


def test_the_journal_is_for_people(regions: Workplace) -> None:
    """The line of a sign-off does not hold the JSON that it keeps."""
    eu, us = made("eu/1.0", "us/1.0")
    eu.append("ticked", "mail", data={"evidence": "all@"})
    us.append("ticked", "tell")
    us.sign_off(None)
    assert regions.run("journal", "us/1.0") == 0
    assert regions.out.endswith("  ana (declared)  signed_off\n")


def test_an_abandoned_runbook_does_not_count(regions: Workplace) -> None:
    """Nobody knows what an abandoned runbook's ticks are worth."""
    eu, us = made("eu/1.0", "us/1.0")
    eu.append("ticked", "mail", data={"evidence": "all@"})
    eu.append("abandoned", data={"reason": "rolled back"})
    us.refresh()
    assert us.progress.of("mail").status == "open"


def test_nothing_is_read_where_no_step_asks(regions: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A runbook of ordinary steps looks into no other one."""
    (eu,) = made("eu/1.0", text=STOP)
    monkeypatch.delattr(Reader, "runbooks")
    eu.append("ticked", "stop")
    assert not eu.refresh()


# After steps elsewhere

DROP = "- [ ] Drop it {#drop after=%s wait=24h}"


def test_a_step_waits_for_every_environment_of_a_group(regions: Workplace) -> None:
    """after=stop@production is not settled before eu and us have both done it."""
    text = f"{STOP}\n{DROP % 'stop@production'}"
    eu, us = made("eu/1.0", "us/1.0", text=text)
    assert "in eu/1.0 (open)" in why(eu, "drop")
    eu.append("ticked", "stop")
    assert why(eu, "drop") == "it comes after “Stop writing the column” in us/1.0 (open)"
    at = us.append("ticked", "stop").at
    assert "it waits until" in why(eu, "drop")
    assert ready_at(eu.progress, eu.step("drop")) == at + timedelta(hours=24)


def test_an_environment_without_a_runbook_is_waited_for(regions: Workplace) -> None:
    """What was not instantiated there was not done there."""
    (eu,) = made("eu/1.0", text=f"{STOP}\n{DROP % 'stop@production'}")
    eu.append("ticked", "stop")
    assert why(eu, "drop") == "it comes after stop in us/1.0 (not instantiated)"


def test_a_step_of_another_release_is_waited_for_in_the_whole_group(regions: Workplace) -> None:
    """The second half of a removal waits until every region runs the first."""
    eu, us = made("eu/1.0", "us/1.0", text=STOP)
    (second,) = made("eu/2.0", text=DROP % "1.0#stop")
    eu.append("ticked", "stop")
    assert why(second, "drop") == "it comes after “Stop writing the column” in us/1.0 (open)"
    us.append("skipped", "stop", data={"reason": "no such column"})
    assert "it waits until" in why(second, "drop")


def test_a_reference_may_name_one_environment(regions: Workplace) -> None:
    """1.0#stop@eu asks eu only."""
    eu, _ = made("eu/1.0", "us/1.0", text=STOP)
    (second,) = made("us/2.0", text=DROP % "1.0#stop@eu")
    eu.append("ticked", "stop")
    assert "it waits until" in why(second, "drop")


def test_a_signed_off_runbook_has_settled_all_its_steps(regions: Workplace) -> None:
    """An optional step that was left open holds back nobody after the sign-off."""
    (staging,) = made("staging/1.0", text=STOP)
    (second,) = made("staging/2.0", text=DROP % "1.0#look")
    staging.append("ticked", "stop")
    assert why(second, "drop") == "it comes after “Look” in staging/1.0 (open)"
    staging.sign_off(None)
    assert "it waits until" in why(second, "drop")


def test_a_sign_off_does_not_start_a_wait_again(regions: Workplace) -> None:
    """The wait counts from the step itself, also once its runbook is signed off."""
    (staging,) = made("staging/1.0", text=STOP)
    (second,) = made("staging/2.0", text=DROP % "1.0#stop")
    at = staging.append("ticked", "stop").at
    staging.clock = lambda: at + timedelta(hours=30)
    staging.sign_off(None)
    second.refresh()
    assert ready_at(second.progress, second.step("drop")) == at + timedelta(hours=24)


def test_a_skipped_release_holds_back_nobody(regions: Workplace) -> None:
    """Where a release never went, its steps are no reason to wait."""
    (staging,) = made("staging/1.0", text=STOP)
    (second,) = made("staging/2.0", text=DROP % "1.0#stop")
    staging.append("skipped", data={"reason": "never went there"})
    assert "it waits until" in why(second, "drop")


def test_a_release_that_was_never_asked_for_holds_back_nobody(regions: Workplace) -> None:
    """Before an environment's `since` there is nothing to wait for."""
    settings = REGIONS.replace('us = {group = "production"}', 'us = {group = "production", since = "2.0"}')
    (regions.root / "pyproject.toml").write_text(settings, encoding="utf-8")
    (eu,) = made("eu/1.0", text=STOP)
    (second,) = made("eu/2.0", text=DROP % "1.0#stop")
    eu.append("ticked", "stop")
    assert "it waits until" in why(second, "drop")


def test_a_record_counts_where_the_journal_was_lost(regions: Workplace) -> None:
    """A fresh clone's journal does not know the first half; its record says when it was signed off."""
    (staging,) = made("staging/1.0", text=STOP)
    staging.append("ticked", "stop")
    signed = staging.sign_off(None)
    archive(staging, find_project())
    staging.journal.close()
    forget(regions)
    (second,) = made("staging/2.0", text=DROP % "1.0#stop")
    assert "it waits until" in why(second, "drop")
    assert ready_at(second.progress, second.step("drop")) == signed.at + timedelta(hours=24)


def test_a_step_that_another_release_does_not_have_is_said(regions: Workplace) -> None:
    """A mistyped id is told, not waited for in silence."""
    made("staging/1.0", text=STOP)
    (second,) = made("staging/2.0", text=DROP % "1.0#stpo")
    assert why(second, "drop") == "it comes after stpo in staging/1.0 (which has no such step)"


def test_a_place_that_nobody_declared_is_said(regions: Workplace) -> None:
    """A mistyped group is told, not waited for in silence."""
    (staging,) = made("staging/1.0", text=f"{STOP}\n{DROP % 'stop@prodction'}")
    assert why(staging, "drop") == "it comes after stop in prodction, which nobody declared"


def test_a_once_step_settles_an_after_for_the_whole_group(regions: Workplace) -> None:
    """after=mail@production is settled when one of them mailed."""
    text = f"{MAIL}\n- [ ] Ask {{#ask after=mail@production}}"
    eu, us = made("eu/1.0", "us/1.0", text=text)
    eu.append("ticked", "mail", data={"evidence": "all@"})
    assert why(us, "ask") == why(eu, "ask") == ""


def test_the_second_runbook_of_a_deployment_counts(regions: Workplace) -> None:
    """Of several runbooks of one deployment the latest is asked."""
    (first,) = made("staging/1.0", text=STOP)
    first.append("ticked", "stop")
    made("staging/1.0@2", text=STOP)
    (second,) = made("staging/2.0", text=DROP % "1.0#stop")
    assert why(second, "drop") == "it comes after “Stop writing the column” in staging/1.0 (open)"


def test_two_operators_settle_a_once_step_at_the_same_time(regions: Workplace) -> None:
    """Both did it, both are in the journal, and each runbook shows its own."""
    eu, us = made("eu/1.0", "us/1.0")
    kim = declared("kim", "env")
    us.others = None  # it has not heard of the other yet
    eu.append("ticked", "mail", data={"evidence": "all@"})
    us.append("ticked", "mail", data={"evidence": "some@"}, operator=kim)
    again = session_on("us/1.0")
    state = again.progress.of("mail")
    assert state.by is not None
    assert (state.by.operator, state.where, state.evidence) == ("kim", "", "some@")
