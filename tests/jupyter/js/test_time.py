"""How long something still takes, and when something was, in words."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from nbrunbook.runbook.times import marked
from tests.jupyter.js.conftest import OpenPage
from tests.making import AT

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (-5, "0 min 0 s"),
        (0, "0 min 0 s"),
        (1, "0 min 1 s"),
        (59 * MINUTE + 59 * SECOND, "59 min 59 s"),
        (HOUR - 1, "1 h 0 min"),
        (3 * HOUR + 12 * MINUTE + 59 * SECOND, "3 h 12 min"),
        (DAY, "1 d 0 h"),
        (2 * DAY + 3 * HOUR + 59 * MINUTE, "2 d 3 h"),
    ],
)
def test_a_span_in_words(page: Page, ms: int, words: str) -> None:
    """Two units, to the second below an hour; what has begun of a second counts, and nothing is below zero."""
    assert page.evaluate("async (ms) => (await import('/js/time.js')).span(ms)", ms) == words


@pytest.mark.parametrize(
    ("ms", "words"), [(-1, "0 s"), (999, "0 s"), (59_999, "59 s"), (60_000, "1 min 0 s"), (4_000_000, "1 h 6 min")]
)
def test_how_long_something_lasts_by_now(page: Page, ms: int, words: str) -> None:
    """In seconds while those are what one waits for; what has not passed yet does not count."""
    assert page.evaluate("async (ms) => (await import('/js/time.js')).lasting(ms)", ms) == words


TOLD = """async (words) => {
  const { nodes, plain } = await import("/js/time.js");
  const place = document.createElement("p");
  place.append(...nodes(words));
  const titles = [...place.querySelectorAll("time")].map(({ dateTime, title }) => [dateTime, title]);
  return { shown: place.textContent, plain: plain(words), titles, inside: place.innerHTML };
}"""
DONE = f"done by ana, {marked(AT)(AT)} — at last"


@pytest.mark.parametrize(
    ("zone", "shown", "offset"),
    [
        ("UTC", "22 Nov 14:02", "UTC"),
        ("Europe/Berlin", "22 Nov 15:02", "UTC+1"),
        ("America/New_York", "22 Nov 09:02", "UTC-5"),
        ("Asia/Kathmandu", "22 Nov 19:47", "UTC+5:45"),
        ("Pacific/Kiritimati", "23 Nov 04:02", "UTC+14"),
    ],
)
def test_an_instant_is_told_in_the_browser_s_zone(open_page: OpenPage, zone: str, shown: str, offset: str) -> None:
    """What the kernel marked is an element in the words; its tooltip has UTC with seconds and year, and the zone."""
    page = open_page(zone=zone)
    page.clock.set_fixed_time("2026-11-30T00:00:00Z")
    told = page.evaluate(TOLD, DONE)
    assert told["shown"] == told["plain"] == f"done by ana, {shown} — at last"
    assert told["titles"] == [["2026-11-22T14:02:00.000Z", f"22 Nov 2026 14:02:00 UTC; shown in {offset}"]]


def test_the_hour_that_comes_twice_is_told_apart_in_the_tooltip(open_page: OpenPage) -> None:
    """Where summer time ends, both hours read alike, and say in which zone they are."""
    page, titles = open_page(zone="Europe/Berlin"), []
    page.clock.set_fixed_time("2026-11-30T00:00:00Z")
    for hour in (0, 1):
        told = page.evaluate(TOLD, marked(AT)(AT.replace(month=10, day=25, hour=hour, minute=30)))
        assert told["shown"] == "25 Oct 02:30"
        titles.append(told["titles"][0][1])
    assert titles == [
        "25 Oct 2026 00:30:00 UTC; shown in UTC+2",
        "25 Oct 2026 01:30:00 UTC; shown in UTC+1",
    ]


@pytest.mark.parametrize(
    ("zone", "now", "shown"),
    [
        ("UTC", "2026-12-31T23:45:00Z", "31 Dec 23:30"),
        ("UTC", "2027-01-01T00:15:00Z", "31 Dec 2026 23:30"),
        ("Europe/Berlin", "2026-12-31T22:45:00Z", "1 Jan 2027 00:30"),
        ("Europe/Berlin", "2027-01-01T00:15:00Z", "1 Jan 00:30"),
    ],
)
def test_another_year_is_told(open_page: OpenPage, zone: str, now: str, shown: str) -> None:
    """The year stands where it is another one than now, both as they are in the browser's zone."""
    page = open_page(zone=zone)
    page.clock.set_fixed_time(now)
    eve = AT.replace(month=12, day=31, hour=23, minute=30)
    assert page.evaluate(TOLD, marked(eve)(eve))["shown"] == shown


@pytest.mark.parametrize(
    "words",
    ["", "2026-11-22T14:02:00.000Z", "\0now\0", "\0<b>\0", "\0", '<time datetime="2026-11-22">x</time>', "\0\0\0"],
)
def test_what_is_no_mark_stays_text(page: Page, words: str) -> None:
    """Nothing but an instant between two marks becomes an element."""
    told = page.evaluate(TOLD, words)
    assert (told["shown"], told["plain"], told["titles"]) == (words, words, [])
    assert "<" not in told["inside"]


def test_words_that_are_the_same_are_not_set_again(open_page: OpenPage) -> None:
    """A screen reader says a live region again when its nodes change: marked words that read the same leave them."""
    changes = """async (words) => {
      const { make, setText } = await import("/js/elements.js");
      const place = make("span", { textContent: words });
      const [first] = place.querySelectorAll("time");
      setText(place, words);
      const stayed = place.querySelector("time") === first;
      setText(place, words + "!");
      return [stayed, place.textContent.endsWith("!"), place.querySelectorAll("time").length];
    }"""
    assert open_page(zone="Asia/Kathmandu").evaluate(changes, DONE) == [True, True, 1]
