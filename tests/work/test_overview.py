"""Overviews: many runbooks at one glance."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from nbrunbook.journal.entries import RunbookRow
from nbrunbook.project.environments import Environment
from nbrunbook.project.settings import Project
from nbrunbook.runbook import replay
from nbrunbook.work import overview
from nbrunbook.work.overview import RunbookLine, TonedText
from tests.making import AT, clock, event, plan_of, with_event
from tests.runbook.test_runs import after

PLAN = plan_of("- [ ] A {#a due=1d owner=ops}\n- [ ] B {#b owner=web}\n- [ ] C {#c after=a}")
ROW = RunbookRow(
    digest="", project="shop", key="staging/1.0", release="1.0", environment="staging", plan_digest="", body=""
)
FOUND = Project(
    root=Path("/"),
    name="shop",
    templates=Path("/t"),
    runbooks=Path("/r"),
    records=Path("/d"),
    journal_setting="",
    environments={
        name: Environment(name=name, group=group)
        for name, group in (("staging", None), ("eu", "production"), ("us", "production"))
    },
    owners={"ops": ("ana", "ben@example.org")},
    operators={"ben@example.org": "ben"},
)


def _line(environment: str, release: str, *kinds: str, count: int = 1) -> RunbookLine:
    done = with_event(replay.start(PLAN), event("opened"))
    key = f"{environment}/{release}{f'@{count}' if count > 1 else ''}"
    if kinds and kinds[-1] in ("signed_off", "abandoned", "skipped"):
        return RunbookLine(key=key, release=release, environment=environment, closed=event(kinds[-1]))
    for step in kinds:
        done = with_event(done, event("ticked", step, seq=2))
    return RunbookLine(key=key, release=release, environment=environment, progress=done)


def _texts(rows: list[list[TonedText]]) -> list[list[str]]:
    return [[cell.text for cell in row] for row in rows]


@pytest.mark.parametrize(
    ("settled", "total", "drawn"),
    [
        (0, 9, "░░░░░░░░░░ 0/9"),
        (6, 9, "██████░░░░ 6/9"),
        (999, 1000, "█████████░ 999/1000"),
        (9, 9, "██████████ 9/9"),
        (0, 0, "██████████ 0/0"),
    ],
)
def test_a_bar_is_full_only_at_the_end(settled: int, total: int, drawn: str) -> None:
    """A bar shows the share that is settled, and is full only where all is."""
    assert overview.bar(settled, total) == drawn


def test_what_is_overdue_waiting_and_whose_it_is() -> None:
    """Of an open runbook it is known what is overdue, what waits, and who has something to do."""
    done = with_event(replay.start(PLAN), event("opened"))
    assert overview.overdue(done, now=AT) == []
    assert overview.overdue(done, now=AT + timedelta(days=2)) == ["a"]
    assert overview.waiting(done, now=AT) == ["c"]
    assert overview.owners(done) == ["ops", "web"]
    closed = with_event(done, event("abandoned", seq=2))
    late = AT + timedelta(days=2)
    assert [*overview.overdue(closed, now=late), *overview.waiting(closed, now=late), *overview.owners(closed)] == []


@pytest.mark.parametrize(
    ("person", "names"),
    [
        ("ana", {"ana", "ops"}),
        ("ben@example.org", {"ben", "ben@example.org", "ops"}),
        ("OPS", {"ops"}),
        ("eve", {"eve"}),
    ],
)
def test_whom_a_person_acts_for(person: str, names: set[str]) -> None:
    """A person answers for the owners that the configuration says, by whichever name."""
    assert overview.acts_for(person, FOUND) == names


def test_columns_stand_by_group() -> None:
    """Environments stand in the order declared, those of a group together; others come behind."""
    assert overview.columns(["demo", "us", "eu", "staging"], FOUND) == [
        ("", ("staging",)),
        ("production", ("eu", "us")),
        ("", ("demo",)),
    ]


def test_a_matrix_says_where_each_release_stands() -> None:
    """A row a release, a column an environment: signed off when, how far, given up, or nothing."""
    lines = [_line("staging", "1.0", "signed_off"), _line("eu", "1.0", "a"), _line("us", "1.0", "skipped")]
    lines += [_line("staging", "1.1", "abandoned")]
    groups = overview.columns([each.environment for each in lines], FOUND)
    rows, left_out = overview.matrix(lines, groups, clock=clock())
    assert _texts(rows) == [
        ["", "", "production", ""],
        ["", "staging", "eu", "us"],
        ["1.0", "✓ 22 Nov", "1/3", "skipped"],
        ["1.1", "abandoned", "–", "–"],
    ]
    assert left_out == 0


def test_the_latest_that_was_not_abandoned_decides() -> None:
    """Of several runbooks of a deployment the latest counts, and an abandoned one only where there is no other.

    The latest is the one of the highest number, as in `pending`, whatever a clock said.
    """
    rows, _ = overview.matrix(
        [_line("eu", "1.0", count=10), _line("eu", "1.0", "a", count=9)], [("", ("eu",))], clock=clock()
    )
    assert _texts(rows)[-1] == ["1.0", "0/3"]
    lines = [
        _line("eu", "1.0", "abandoned"),
        _line("eu", "1.0", "a", count=2),
        _line("eu", "1.0", "abandoned", count=3),
    ]
    rows, _ = overview.matrix(lines, [("", ("eu",))], clock=clock())
    assert _texts(rows)[-1] == ["1.0", "1/3"]
    rows, _ = overview.matrix([lines[0], lines[2]], [("", ("eu",))], clock=clock())
    assert _texts(rows)[-1] == ["1.0", "abandoned"]


def test_what_is_overdue_stands_out() -> None:
    """A cell says that a step is overdue, and a date of another year says which."""
    done = with_event(replay.start(PLAN), event("opened"))
    late = overview.line(ROW, done, now=AT + timedelta(days=2))
    signed = RunbookLine(
        key="eu/0.9", release="0.9", environment="eu", closed=event("signed_off", at=AT - timedelta(days=400))
    )
    groups = [("", ("staging",))]
    rows, _ = overview.matrix([late], groups, clock=clock())
    assert rows[-1][1] == TonedText(text="0/3 overdue!", tone="late")
    rows, _ = overview.matrix([signed], [("", ("eu",))], clock=clock())
    assert rows[-1][1].text == "✓ 18 Oct 2025"


def test_releases_are_sorted_and_old_ones_left_out() -> None:
    """The matrix takes an order of releases, and leaves early ones out in which nothing is open."""
    lines = [_line("eu", f"{number}", "signed_off") for number in range(30, 0, -1)]
    lines += [_line("us", "2", "a")]
    rows, left_out = overview.matrix(lines, [("", ("eu", "us"))], clock=clock(), order=int)
    assert [row[0] for row in _texts(rows)[1:]] == ["2", *(str(number) for number in range(11, 31))]
    assert left_out == 9


def test_wide_characters_are_aligned() -> None:
    """Columns are aligned by what a terminal shows, not by the number of characters."""
    rows = [[TonedText(text="リリース"), TonedText(text="x")], [TonedText(text="1.0"), TonedText(text="y")]]
    assert overview.laid_out(rows, lambda text, _: text) == ["リリース  x", "1.0       y"]


def test_a_line_is_cut_to_the_terminal() -> None:
    """A line is never wider than the terminal."""
    rows = [[TonedText(text="a" * 30), TonedText(text="b" * 30), TonedText(text="c" * 30)]]
    (found,) = overview.laid_out(rows, lambda text, _: text, width=50)
    assert found == f"{'a' * 30}  {'b' * 17}…"


def test_a_matrix_that_is_too_wide_is_parted() -> None:
    """A matrix that does not fit stands in blocks, each with the releases in front."""
    rows = [
        [TonedText(text=text) for text in ("", "one", "two", "three")],
        [TonedText(text=text) for text in ("1.0", "a", "b", "c")],
    ]
    assert [_texts(block)[1] for block in overview.blocks(rows, 14)] == [["1.0", "a", "b"], ["1.0", "c"]]
    assert len(overview.blocks(rows, None)) == 1


def test_nothing_steers_the_terminal() -> None:
    """Control characters in names are shown as what they are."""
    assert "\x1b" not in overview.laid_out([[TonedText(text="\x1b[2J")]], lambda text, _: text)[0]


def test_what_the_machine_could_not_do_stands_out() -> None:
    """In a table and in a cell: what failed, is unknown or runs, and what fails since the sign-off."""
    failed = overview.line(ROW, after(("started", "green"), ("failed", "green")), now=AT)
    unknown = overview.line(ROW, after(("started", "green")), now=AT)
    signed = replace(_line("eu", "1.0", "signed_off"), failing=(event("failed", "green"),))
    undecided = replace(_line("us", "1.0", "signed_off"), failing=(event("undecided", "green"),))
    rows = overview.table([failed, unknown, signed], bars=False, clock=clock())
    assert [row[-1] for row in rows] == [
        TonedText(text="1 failed", tone="late"),
        TonedText(text="1 unknown", tone="late"),
        TonedText(text="since 22 Nov its check 'green' fails", tone="late"),
    ]
    rows, _ = overview.matrix([failed, signed, undecided], [("", ("staging", "eu", "us"))], clock=clock())
    assert rows[-1][1:] == [
        TonedText(text="0/4 failed!", tone="late"),
        TonedText(text="✓ 22 Nov, check failed!", tone="late"),
        TonedText(text="✓ 22 Nov, check undecided!", tone="late"),
    ]
