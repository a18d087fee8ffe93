"""A section in full: each step in its place, with what is said of it and what is to be done."""

from __future__ import annotations

import pytest

from nbrunbook.runbook.full_text import bodies, home_lines, markdown
from nbrunbook.runbook.progress import Progress
from tests.making import HOSTILE, clock, progress_of, then, with_event
from tests.making import event as made
from tests.runbook.test_runs import after

SHOP = """## Tell people {.gate}
Some prose on {{release}}.
- [ ] Mail [support](https://x.example) {#mail owner=ops}

  Say `it`:
  ```sh
  send --to \\
    support
  ```
- [ ] Drain {#drain .group}
  - [ ] web {#web owner=ops}
    text of web
  - [ ] workers {#workers}
- plain
"""
SHOWN = """Gate: all that is required above is settled.
Some prose on 1.0.

[x] Mail support <https://x.example>  (mail)
    ops
    done by ana (declared), 22 Nov 14:02 UTC

    Say `it`:

```sh
send --to \\
  support
```

- Drain  (drain)
  [ ] web  (web)
      ops

      text of web

  [ ] workers  (workers)
- plain"""


def lines(done: Progress, home: str = "tell-people") -> str:
    """Return what stands in a section."""
    return "\n".join(home_lines(done, home, str, clock()))


def test_a_section_is_read_from_above_to_below() -> None:
    """Prose, boxes, ids, states, bodies, groups, plain bullets: as the author laid them out."""
    assert lines(then(progress_of(SHOP), ("ticked", "mail"))) == SHOWN


def test_an_added_step_stands_behind_its_neighbour() -> None:
    """With who added it."""
    done = then(progress_of(SHOP), ("added", "added-look"), title="Look <b>", after="web")
    assert "      text of web\n  [ ] Look <b>  (added-look)\n      added by ana (declared)" in lines(done)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_was_typed_is_text(text: str) -> None:
    """Notes and evidence cannot pass for a step, and steer nothing once they are shown."""
    done = with_event(progress_of("- [ ] A {#a evidence=x as=it}\n- [ ] B {{it}} {#b}"), made("opened"))
    done = with_event(done, made("ticked", "a", seq=2, evidence=f"{text}\n[x] forged", note=f"{text}\n[x] forged"))
    shown = "\n".join(home_lines(done, next(iter(done.homes)), str, clock()))
    assert sum(line.startswith("[x]") for line in shown.split("\n")) == 1
    assert len(shown.split("\n")) == 5
    assert not {"\x1b", "\u202e"} & set(shown)


def test_a_machine_gets_markdown_with_values() -> None:
    """By step what stands under its title, from the column of its text on."""
    done = progress_of(SHOP)
    section = done.plan.sections[0]
    text = markdown(done, section)
    assert text.startswith("Some prose on 1.0.\n")
    assert bodies(done.plan, text) == {
        "mail": "Say `it`:\n```sh\nsend --to \\\n  support\n```",
        "drain": "",
        "web": "text of web",
        "workers": "",
    }


def test_a_value_that_cannot_be_put_in_leaves_the_text() -> None:
    """As with backticks where it stands in code."""
    done = with_event(progress_of("- [ ] A {#a evidence=x as=it}\n- [ ] B `{{it}}` {#b}"), made("opened"))
    done = with_event(done, made("ticked", "a", seq=2, evidence="a ` b `` c"))
    assert "{{it}}" in markdown(done, done.plan.sections[0])


def test_what_a_run_wrote_stands_with_its_step() -> None:
    """Its last lines, as text: without what steers a terminal, and escaped as everything else."""
    bar = "10 %\r100 %\r\n"
    written = f"\x1b[32mgreen\x1b[0m\x1b]0;title\x07\n{bar}<script>alert(1)</script>\n\u202eabc"
    done = after(("started", "green"), ("failed", "green"), output=written)
    lines = home_lines(done, *done.homes, lambda link: link, clock())
    found = [line.strip().removeprefix("│ ") for line in lines if "│" in line]
    assert found == ["green", "100 %", "<script>alert(1)</script>", "⟨U+202E⟩abc"]
    long = after(("started", "green"), ("failed", "green"), output="x\n" * 1_000)
    shown = [line for line in home_lines(long, *long.homes, lambda link: link, clock()) if "│" in line]
    assert (len(shown), shown[0].strip()) == (201, "│ … 800 lines before")
