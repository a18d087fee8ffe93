"""Drawing: a section looks the same in the widget, in a runbook at rest and in the record."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbrunbook.project.settings import is_production
from nbrunbook.runbook import closing, replay
from nbrunbook.runbook.html import GLYPHS, header_html, section_html, sign_off_html
from nbrunbook.runbook.plain import ASCII_BOXES, header_text, section_text
from nbrunbook.runbook.plan import Plan
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.status import STATUSES
from tests.making import AT, HOSTILE, clock, event, kinds, plan_of, with_event
from tests.runbook.conftest import HEADER, text_of, with_facts


def _html(done: Progress, section: str = "tell-people", **more: object) -> str:
    return section_html(done, section, str, **{"now": AT, **more})  # type: ignore[arg-type]


def test_boxes_stand_where_the_author_put_them() -> None:
    """Steps, plain bullets, paragraphs and bodies keep their order; each step has one box."""
    drawn = _html(with_facts())
    order = ["Intro", "Mail", "A body that stays", "plain bullet", "Board", "All:", "Web", "Old"]
    assert sorted(order, key=drawn.index) == order
    assert re.findall(r'data-step="(\w+)" data-status="([\w-]+)"', drawn)[:2] == [("mail", "open"), ("board", "open")]
    assert drawn.count('class="nbr-box"') == 4


@pytest.mark.parametrize("length", range(1, 24))
def test_a_long_id_loses_no_box(length: int) -> None:
    """A step has its box however long its section's name and its own are, wherever its id is cut."""
    for title in ("abcdefghi " * 5, f"Mail {{#{'p' * length}{'-abcdefghi' * 6}}}"):
        done = replay.start(plan_of(f"## {'s' * length}\n- [ ] {title.strip()}"))
        (step,) = done.plan.steps
        drawn = section_html(done, step.section, str, now=AT)
        assert drawn.count('class="nbr-box"') == 1
        assert f'data-step="{step.id}"' in drawn


def test_a_pinned_id_stays_to_the_letter() -> None:
    """An id that the author pinned is never cut, however long it is."""
    long = "-".join(["mail"] * 20)
    done = plan_of(f"- [ ] Mail {{#{long}}}\n- [ ] Board {{#board after={long}}}")
    assert [step.id for step in done.steps] == [long, "board"]


def test_numbered_steps_stay_numbered() -> None:
    """A numbered list of steps is still one."""
    assert "<ol>" in _html(with_facts(), "then")


def test_nothing_can_be_clicked() -> None:
    """A checkbox without a kernel could be clicked and would record nothing, so there is none."""
    drawn = _html(with_facts())
    assert not re.search(r"<(input|button|form|script|select|textarea)\b|\bon\w+=", drawn)


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_its_signs(status: str) -> None:
    """Each status has a glyph and an ASCII box of its own."""
    assert len(set(GLYPHS.values())) == len(GLYPHS) == len(STATUSES)
    assert GLYPHS[status]
    assert ASCII_BOXES[status]


def test_notes_and_evidence_are_shown() -> None:
    """Notes stand under their step, and evidence too."""
    done = with_event(
        with_facts(("noted", "mail"), note="no answer yet"), event("ticked", "board", seq=3, evidence="u")
    )
    told = '<time datetime="2026-11-22T14:02:00.000Z">22 Nov 2026 14:02 UTC</time>'
    for shown, at in ((text_of(done), "22 Nov 14:02 UTC"), (_html(done), told)):
        assert f"no answer yet — ana (declared), {at}" in shown
        assert "vidence: u" in shown


def test_evidence_is_put_in_once_it_is_known() -> None:
    """A {{name}} of an `as` says where it comes from, and then what it is."""
    assert "See (from Board)" in re.sub(r"<[^>]+>", "", _html(with_facts(), "then"))
    known = with_facts(("ticked", "board"), evidence="<b>https://x</b>")
    assert "See &lt;b&gt;https://x&lt;/b&gt;" in _html(known, "then")


def test_a_long_text_is_reached_with_the_keyboard() -> None:
    """What scrolls in a box of its own takes the focus; what is short does not."""
    assert '<span class="nbr-note" tabindex="0">xxx' in _html(with_facts(("noted", "mail"), note="x" * 601))
    assert "tabindex" not in _html(with_facts(("noted", "mail"), note="x" * 60))


@pytest.mark.parametrize(("days", "overdue"), [(0, False), (2, True)])
def test_a_due_step_is_overdue_after_its_time(days: int, overdue: bool) -> None:
    """A step that is due says until when, and that it is overdue."""
    done, now = with_facts(), AT + timedelta(days=days)
    assert ("OVERDUE" in text_of(done, "then", now=now)) is overdue
    assert ("nbr-overdue" in _html(done, "then", now=now)) is overdue
    assert "due 23 Nov 14:02 UTC" in text_of(done, "then", now=now)


def test_links_are_rewritten() -> None:
    """A relative link is rewritten for the folder in which it is shown."""
    drawn = section_html(with_facts(), "tell-people", lambda target: f"../{target}", now=AT)
    assert 'href="../notes.md"' in drawn


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", ["note", "reason", "evidence", "for"])
def test_what_was_typed_is_text(text: str, name: str) -> None:
    """Everything typed is shown as text: no element, no attribute, no control character comes of it."""
    done = with_facts(("noted", "mail"), ("skipped", "mail"), ("ticked", "board"), **{name: text})
    plain, drawn = (
        _html(with_facts(("noted", "mail"), ("skipped", "mail"), ("ticked", "board"), **{name: "x"})),
        _html(done),
    )
    assert re.findall(r"</?(\w+)", drawn) == re.findall(r"</?(\w+)", plain)
    for shown in (drawn, text_of(done)):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_value_is_text(text: str) -> None:
    """A parameter's value comes out as text, wherever it was put in."""
    if "\x1b" in text:
        text = text.replace("\x1b", "")
    markdown = "- [ ] See {{what}} and `{{what}}` {#see}"
    declare = f"what: str = {text!r}"
    done = replay.start(plan_of(markdown, declare=declare))
    drawn = section_html(done, "steps", str, now=AT)
    assert set(re.findall(r"<(\w+)", drawn)) == {"ul", "li", "span", "code"}
    assert "\u202e" not in section_text(done, "steps", clock())


@pytest.mark.parametrize(
    ("environment", "marked"),
    [("staging", False), ("production", True), ("production-eu", True), ("prod", True), ("preprod", False)],
)
def test_production_is_marked(environment: str, marked: bool) -> None:
    """Production cannot be mistaken: its header says so."""
    done = replay.start(plan_of("- [ ] A {#a}", environment=environment))
    drawn = header_html(done, now=AT, production=is_production(environment), **HEADER)
    assert ("PRODUCTION" in drawn) is marked
    assert ("nbr-production" in drawn) is marked


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_header_is_text(text: str) -> None:
    """Nothing in the header becomes an element or steers a screen."""
    done = with_event(with_facts(), event("noted", seq=2, note=text))
    facts = {**HEADER, "key": text, "origin": [("Deployed", text)]}
    elements = re.findall(
        r"</?(\w+)",
        header_html(
            with_event(with_facts(), event("noted", note="x")),
            now=AT,
            production=False,
            **HEADER,
            origin=[("Deployed", "x")],
        ),
    )
    assert re.findall(r"</?(\w+)", header_html(done, now=AT, production=False, **facts)) == elements
    assert "\x1b" not in header_text(done, clock(), **facts)


def test_a_long_list_of_open_steps_is_cut() -> None:
    """A hundred open steps are counted, and a dozen listed."""
    done = replay.start(plan_of("\n".join(f"- [ ] Step {number} {{#s{number}}}" for number in range(100))))
    assert closing.sign_off_text(done, clock()).splitlines()[-1] == "… and 88 more"
    assert sign_off_html(done, now=AT).count("<li>") == 13


NOW = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)


def drawn(made: Plan) -> str:
    """Return all sections of a plan as HTML."""
    done = replay.start(made)
    return "".join(section_html(done, section.id, str, now=NOW) for section in made.sections)


def test_what_a_plan_draws_has_values_and_links() -> None:
    """References of other cells, values in titles, links and code, and other tools' braces are drawn."""
    text = "- [ ] **{{x}}** `{{x}}` [a](https://e.com/{{x}}) [notes] {{ .State }} {#a}\n\n      {{x}} ${{ github.sha }}"
    out = drawn(kinds(text, "[notes]: https://e.com/{{x}}", x="2.10"))
    for expected in ("<strong>2.10</strong>", "<code>2.10</code>", "2.10 ${{ github.sha }}", "{{ .State }}"):
        assert expected in out
    assert out.count('href="https://e.com/2.10"') == 2


WITH_VALUES = """# {{x}} {owner="{{x}}"}
{{x}}

- [ ] {{x}} {#a evidence="{{x}}"}
  {{x}}
  [{{x}}](https://e.com/{{x}}) [r] `{{x}}` <b title="{{x}}">{{x}}</b>
- [ ] **{{x}}** {#b}
  - {{x}} {#c}
    - [ ] a{{x}} *{{x}}* {#d}

| {{x}} |
|-------|
| {{x}} |

    {{x}}

> {{x}}

```
{{x}}
```

[r]: {{x}}/y
"""


LINES = st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20)


NASTY = st.text("ab1 -*_`~#>|<!&;:/.[](){}\\\"'=\u202e", max_size=16)


NOT_FOLLOWED = re.compile(r"(?!(?:https?|mailto|tel):)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
"""What begins an address of a scheme that no link may have."""


@cache
def structure(value: str) -> tuple[Any, ...]:
    """Return what a value may never change: the steps, and the tags and boxes that are drawn."""
    made = kinds(WITH_VALUES, x=value)
    out = drawn(made)
    tags = re.findall(r"</?\w+|data-step=\"\w*\"|nbr-box", out)
    return [(step.id, step.parent, step.kind, step.flags) for step in made.steps], tags


@settings(max_examples=60)
@given((LINES | NASTY).filter(bool))
def test_a_value_adds_no_step_no_id_and_no_markup(value: str) -> None:
    """Whatever value a parameter has, a plan has the same steps and is drawn with the same markup.

    But for the link whose address it begins, where it makes that one of a scheme that nobody may follow.
    """
    assert structure(value) == structure("word:" if NOT_FOLLOWED.match(value) else "word")


def test_a_value_makes_no_link_that_may_not_be_followed() -> None:
    """Of all markup only that link goes."""
    assert [steps_and_tags[1].count("<a") for steps_and_tags in map(structure, ("word", "word:"))] == [2, 1]


ITEMS = st.lists(
    st.tuples(st.integers(0, 3), st.booleans(), st.text("ab ü*_`[]()!#+-.:{}|~&0'\"", max_size=8).map(str.strip)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60)
@given(ITEMS)
def test_a_generated_checklist_keeps_all_its_boxes(items: list[tuple[int, bool, str]]) -> None:
    """Every box that an author wrote is a step, and is drawn once, with its own words and no id."""
    depth, lines = -1, []
    for number, (wanted, box, text) in enumerate(items):
        depth = min(wanted, depth + 1)
        lines.append(f"{'  ' * depth}- {'[ ] ' if box else ''}t{text} {{#n{number}}}")
    made = kinds("\n".join(lines), "- [ ] last {#last}")
    out = drawn(made)
    assert sum(step.kind == "manual" for step in made.steps) == sum(box for _, box, _ in items) + 1
    assert [out.count(f'data-step="{step.id}"') for step in made.steps] == [1] * len(made.steps)
    assert out.count("nbr-box") == sum(not step.is_group for step in made.steps)


@pytest.mark.parametrize(
    "first", ["- - [ ] a {#a}", "1. - [ ] a {#a}", "- # b\n  - [ ] a {#a}", "- > b\n  - [ ] a {#a}"]
)
def test_a_bullet_without_a_title_is_no_step(first: str) -> None:
    """A plain bullet without words of its own is no group, and what is drawn shows no attribute."""
    made = kinds(first)
    assert [step.id for step in made.steps] == ["a"]
    assert "{#" not in drawn(made)


@pytest.mark.parametrize(
    "html",
    [
        "<title>",
        "<script>",
        "<style>",
        "<textarea>",
        "<template>",
        "<iframe>",
        "<noscript>",
        "<xmp>",
        "<plaintext>",
        "<div>",
        "<b>",
    ],
)
@pytest.mark.parametrize(
    "text", ["- [ ] Look at the {} {{#a}}\n- [ ] b {{#b}}", "- [ ] a {{#a}}\n\n  {}\n\n- [ ] b {{#b}}"]
)
def test_no_html_swallows_a_box(text: str, html: str) -> None:
    """A tag that an author wrote, or left open, takes no later step away."""
    out = drawn(kinds(text.format(html)))
    assert (out.count("nbr-box"), out.count("data-step=")) == (2, 2)


@pytest.mark.parametrize("comments", ["<!-- optional -->", "<!-- a\n  b -->"])
def test_no_comment_swallows_a_box(comments: str) -> None:
    """The same comment behind a title and in its body leaves the step as it is."""
    made = kinds(f"- [ ] a {{#a}} <!-- optional -->\n  body {comments}\n- [ ] b {{#b}}")
    out = drawn(made)
    assert (out.count("nbr-box"), "body" in out, made.sections[0].text.count("{#")) == (2, True, 2)
