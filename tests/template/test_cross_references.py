"""References to other runbooks that nobody can ever settle."""

from __future__ import annotations

import json

from tests.conftest import Workplace
from tests.making import put


def test_rb220_an_after_that_no_other_runbook_can_settle(work: Workplace) -> None:
    """A place that nobody declared, and a step that another release does not have, are told; what is there is not."""
    settings = "[tool.nbrunbook.environments]\neu = {group = 'production'}\nus = {group = 'production'}\n"
    (work.root / "pyproject.toml").write_text(settings)
    put(work.root, templates__one="- [ ] a {#stop}", templates__two="- [ ] b {#b after='one#stop@eu stop@production'}")
    put(work.root, templates__three="- [ ] c {#c}\n- [ ] d {#d after='one#stpo c@prodction gone#x one#stop'}")
    assert work.run("lint", "templates/three.md", "--format", "json") == 1
    told = [(each["id"], each["message"], each["hint"]) for each in json.loads(work.out)["findings"]]
    assert told == [
        ("RB220", "after=one#stpo names no step of one", "did you mean stop?"),
        ("RB220", "after=c@prodction names no environment and no group", "did you mean production?"),
    ]
    put(work.root, templates__four="- [ ] a {#a}\n- [ ] b {#b after='four#b four#a one#stop'}")
    work.run("lint", "templates/four.md", "--format", "json")
    told = [each["message"] for each in json.loads(work.out)["findings"]]
    assert told == ["after=four#b names this step itself, which would wait for ever"]
    assert work.run("lint", "templates/two.md") == 1, "b waits for stop here, which it does not have"
    assert "RB108" in work.out
    assert "RB220" not in work.out
