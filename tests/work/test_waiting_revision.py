"""Whether a revision waits, for whoever asks often."""

from __future__ import annotations

import pytest

from nbrunbook.errors import TemplateError
from nbrunbook.project.settings import find_project
from nbrunbook.work import revision, waiting_revision
from tests.conftest import Workplace
from tests.making import session_on
from tests.work.conftest import DECLARED, REGIONAL


def test_a_revision_waits_once_the_steps_are_others(key: str, work: Workplace) -> None:
    """Another file with the same steps brings nothing, a closed runbook takes nothing, and a fault waits."""
    project, session = find_project(), session_on(key)
    assert not waiting_revision.waits(session, project)
    assert waiting_revision.revision_waits_words(session, project) == ""
    work.template(f"{REGIONAL}\n<!-- for reviewers -->", parameters=DECLARED)
    assert not waiting_revision.waits(session, project)
    work.template("- [ ] B {#b}", parameters=DECLARED)
    assert (
        waiting_revision.revision_waits_words(session, project) == f"the template changed since: nbrunbook revise {key}"
    )
    work.template("- [ ] B {#b}\n- [ ] C {#b}", parameters=DECLARED)
    assert waiting_revision.waits(session, project)
    with pytest.raises(TemplateError, match="RB103"):
        revision.renew(session, project, {})
    session.append("abandoned", data={"reason": "rolled back"})
    assert not waiting_revision.waits(session, project)
