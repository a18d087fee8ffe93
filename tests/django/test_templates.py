"""Templates in a site's apps: made after a rollout, by code that has them, beside code that has not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.django.hosts import Host

BASE = """\
from nbrunbook import extras
extras.missing = extras.BRINGS.__getitem__
def runbook(*arguments):
    return call('runbook', *arguments)
def pending():
    said = runbook('pending', '--json')
    found = json.loads(said[said.index('{'):])['pending']
    return [(each['release'], each['state'], each['template']) for each in found]
"""
"""Begins a script as where the distribution is installed with Django, and without what makes notebooks."""
IN_AN_IMAGE = {"PATH": "/nonexistent", "CI": "", "GITHUB_ACTIONS": ""}
"""No git is there."""
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\6\0\0\0\x1f\x15\xc4\x89\0\0\0\nIDATx\x9cc\0\1\0\0\5\0\1\r\n-\xb4"
    b"\0\0\0\0IEND\xaeB`\x82"
)


def shop(host: Host) -> Host:
    """Return a host with a release in two apps, one that is one app's alone, and pages of Django's among them."""
    host.template("1.0", "# Shop\n- [ ] Index {#index}\n\n![where](../static/where.png)\n")
    host.template("1.0", "# Stock\n- [ ] Count {#count}\n", app="stock")
    host.template("2.0", "# Stock\n- [ ] Close {#close}\n", app="stock")
    host.template("always/9-look", "# Look\n- [ ] Look {#look}\n", app="stock")
    host.write("shop/static/where.png", "").write_bytes(PNG)
    host.write("templates/page.html", "<html>")
    host.write("templates/welcome.md", "- [ ] no step of ours\n")
    return host


def answers(host: Host, script: str) -> Any:
    """Return what a script's last line says, in an image."""
    return host.answers(BASE + script, env=IN_AN_IMAGE)


def test_what_the_code_has_is_made_after_the_rollout_once(host: Host) -> None:
    """In an image without git, pyproject.toml and papermill: plans alone, one a release, and nothing a second time."""
    made = ["instantiate", "--pending"]
    verbs = [["journal", "init"], ["pending"], made, made, ["status", "production/1.0"], ["lint"]]
    script = f"print(json.dumps([runbook(*each) for each in {verbs}]))"
    _, before, first, again, status, lint = answers(shop(host), script)
    to_run = "manage.py runbook instantiate"
    assert f"production  1.0  not made yet, 3 steps  {to_run} shop/runbooks/1.0.md -e production\n" in before
    assert f"production  2.0  not made yet, 2 steps  {to_run} stock/runbooks/2.0.md -e production\n" in before
    assert [line for line in first.splitlines() if "no notebook yet" in line] == [
        "production/1.0  no notebook yet  3 steps",
        "production/2.0  no notebook yet  2 steps",
    ]
    assert again.endswith("nothing to make: whatever is pending there has a runbook\n")
    assert status.index("(index)") < status.index("(count)") < status.index("(look)")
    assert lint == "3 templates, 0 findings\n"
    assert not (host.root / "runbooks").exists()


def test_code_side_by_side_shows_its_own(tmp_path: Path) -> None:
    """Blue and green, or a rollback: the journal is the same, *not made yet* is what the answering code has."""
    journal = f"sqlite:///{tmp_path / 'journal.db'}"
    new, old = shop(Host(tmp_path / "new")), Host(tmp_path / "old")
    for host in (new, old):
        host.set(JOURNAL=journal)
    old.template("1.0", "# Shop\n- [ ] Index {#index}\n")
    made = """
runbook('journal', 'init')
runbook('instantiate', 'stock/runbooks/2.0.md', '-e', 'production')
print(json.dumps(pending()))
"""
    assert answers(new, made) == [
        ["1.0", "not made yet", "shop/runbooks/1.0.md"],
        ["2.0", "open", "stock/runbooks/2.0.md"],
    ]
    rolled_back = """
from datetime import UTC, datetime
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from nbrunbook.work.ledger import not_made_here
project = find_project()
here = not_made_here(project, "production", journal=Journal.open(project.journal), now=datetime.now(UTC))
made = runbook('instantiate', '--pending')
revised = runbook('revise', 'production/2.0')
print(json.dumps([[each.release for each in here], made, pending(), revised]))
"""
    here, made, left, revised = answers(old, rolled_back)
    assert here == ["1.0"]
    assert "production/1.0  no notebook yet  1 step\n" in made
    assert left == [["1.0", "open", "shop/runbooks/1.0.md"], ["2.0", "open", None]]
    assert revised.startswith("refused: the template 2.0 of production/2.0 is not there")


def test_the_plain_command_line_sees_the_same_by_a_list(host: Host) -> None:
    """With the apps' folders listed in the configuration, and without settings, the plan is the same to the digest."""
    shop(host)
    host.write("nbrunbook.toml", 'name = "shop"\ntemplates = ["release-templates", "*/runbooks"]\n')
    script = """
from nbrunbook.project.settings import find_project, project_on_disk
from nbrunbook.template import planning
from nbrunbook.template.named import read_named
from nbrunbook.template.planning import Wanted
from pathlib import Path
plans = []
for project in (find_project(), project_on_disk(Path.cwd())):
    template = read_named(project, Path("stock/runbooks/1.0.md"))
    plans.append(planning.make(template, planning.bind(project, template, Wanted(environment="production"))).digest)
print(json.dumps(plans))
"""
    mine, theirs = answers(host, script)
    assert mine == theirs
