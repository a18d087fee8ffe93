"""nbrunbook cut: the parts of the next release get its name."""

from __future__ import annotations

from tests.conftest import Workplace
from tests.making import listing, put, run_git


def test_cut_moves_the_parts(work: Workplace) -> None:
    """All files of templates/next are those of the release afterwards, byte by byte."""
    put(work.root / "templates", next__a="- [ ] a {#a}", next__b="- [ ] b {#b}")
    (work.root / "templates" / "next" / "picture.png").write_bytes(b"x")
    before = listing(work.root / "templates" / "next")
    assert work.run("cut", "2026.12.0") == 0, work.err
    assert work.out == "templates/2026.12.0  2 parts, 2 steps\n"
    assert listing(work.root / "templates" / "2026.12.0") == before
    assert not (work.root / "templates" / "next").exists()


def test_cut_without_parts_says_what_makes_one(work: Workplace) -> None:
    """Nothing in templates/next is an error that names the way on."""
    assert work.run("cut", "1.0") == 1
    assert "templates/next holds no parts" in work.err
    assert "nbrunbook new NAME --next" in work.err


def test_two_pull_requests_that_add_a_step_merge(work: Workplace) -> None:
    """Each adds a part to templates/next: git merges both without a conflict, and the release has both steps."""
    put(work.root / "templates", next__start="- [ ] start {#start}")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "Begin"]):
        run_git(work.root, *arguments)
    for name in ("one", "two"):
        run_git(work.root, "switch", "-qc", name, "main")
        put(work.root / "templates", **{f"next__{name}": f"# Part {name}\n- [ ] {name} {{#{name}}}"})
        run_git(work.root, "add", ".")
        run_git(work.root, "commit", "-qm", f"Add {name}")
    run_git(work.root, "switch", "-q", "main")
    for name in ("one", "two"):
        run_git(work.root, "merge", "-q", "--no-edit", name)
    assert work.run("cut", "1.0") == 0
    assert work.out == "templates/1.0  3 parts, 3 steps\n"
    run_git(work.root, "add", "-A")
    renamed = run_git(work.root, "status", "--porcelain").splitlines()
    assert sorted(line[:2] for line in renamed) == ["R ", "R ", "R "]


def test_what_is_refused_is_one_line(work: Workplace) -> None:
    """A name that is taken exits 1 with one error, and nothing on stdout."""
    put(work.root / "templates", next__a="- [ ] a {#a}", taken__a="- [ ] a {#a}")
    assert work.run("cut", "taken") == 1
    assert (work.out, work.err) == ("", "error: templates/taken exists; expected a release without a template\n")


def test_steps_are_counted_as_plan_counts_them(work: Workplace) -> None:
    """A group is no step, what is only if needed is counted apart, and what does not apply is not counted."""
    grouped = "- [ ] Drain {#drain .group}\n  - [ ] Web {#web}\n- [ ] Never {#never when=\"release == 'x'\"}"
    put(work.root / "templates", next__one=f"{grouped}\n\n## Back {{.if-needed}}\n\n- [ ] Undo {{#undo}}")
    assert work.run("cut", "1.0") == 0
    counted = "1 step, and 1 only if needed"
    assert work.out == f"templates/1.0  1 part, {counted}\n"
    assert work.run("plan", "templates/1.0") == 0
    assert f"\n{counted}, 0 findings" in work.out


def test_what_plan_refuses_is_cut_and_said(work: Workplace) -> None:
    """A duration that the project's value makes senseless is said once the parts have their release."""
    put(work.root / "templates", next__one="- [ ] A {#a wait={{release}}}")
    assert work.run("cut", "1.0") == 0
    assert work.out == "templates/1.0  1 part, steps that cannot be counted\n"
    assert "no duration" in work.err
