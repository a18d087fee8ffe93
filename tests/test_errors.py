"""Errors: how each words itself."""

from __future__ import annotations

import pickle
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbrunbook import errors
from nbrunbook.errors import NbrunbookError, RunbookExistsError

CLASSES = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, NbrunbookError)]


def _drawn() -> dict[str, str | None]:
    """Each error's name and its parent's, as the module's docstring draws them."""
    found: dict[str, str | None] = {}
    above: list[str] = []
    for line in str(errors.__doc__).splitlines():
        match = re.match(r"([│├└─ ]*)(\w+Error)\b", line)
        if match:
            depth = len(match[1]) // 4
            above = [*above[:depth], match[2]]
            found[match[2]] = above[-2] if depth else None
    return found


def test_the_tree_is_drawn() -> None:
    """The docstring draws every error there is, under its parent."""
    parents = {each.__name__: each.__bases__[0].__name__ if each is not NbrunbookError else None for each in CLASSES}
    assert _drawn() == parents


@pytest.mark.parametrize("error", CLASSES)
def test_names_end_in_error(error: type[NbrunbookError]) -> None:
    """Every error's name ends in Error, and it has one sentence."""
    assert error.__name__.endswith("Error")
    assert error.__doc__


def test_a_message_says_what_was_found_expected_and_what_to_do() -> None:
    """A message holds its three parts, and leaves out those that are not there."""
    assert str(NbrunbookError("found x", "y", "do z")) == "found x; expected y; do z"
    assert str(NbrunbookError("found x")) == "found x"


MESSAGES = [
    (errors.ProjectNotFoundError(Path("/a")), ["/a", "pyproject.toml"]),
    (errors.ConfigurationError(Path("p.toml"), "unknown key 'x'", "one of: y"), ["p.toml", "'x'", "one of: y"]),
    (errors.UnknownEnvironmentError("stagin", ["staging", "production"]), ["production, staging", "'staging'?"]),
    (errors.NotebookError(Path("a.ipynb"), "empty", "a notebook"), ["a.ipynb", "empty"]),
    (errors.ParameterError.unknown("relase", ["release"]), ["relase", "did you mean 'release'?"]),
    (errors.UnknownRunbookError("staging/1.1", ["staging/1.0"], "j.db"), ["staging/1.1", "j.db", "'staging/1.0'?"]),
    (errors.UnknownRunbookError("staging/1.1", [], "j.db"), ["nbrunbook instantiate"]),
    (errors.RunbookExistsError("staging/1.0", "open"), ["staging/1.0 (open)", "--again"]),
    (errors.UnknownStepError("staging/1.0", "mial", ["mail"]), ["staging/1.0", "'mial'", "'mail'?"]),
    (errors.UnknownSectionError("tel", ["tell"]), ["'tel'", "one of: tell", "'tell'?"]),
    (errors.UnknownPlanError("abc" * 10), ["abcabcabcabc…", "read the runbook again"]),
    (errors.NotLiveError("no journal", "make one"), ["NOT LIVE", "make one"]),
    (errors.AuthorCellError(Path("r.ipynb"), 3, "abc", "ValueError", "no"), ["cell 3", "abc", "ValueError: no"]),
    (errors.RefusedError("cannot tick a", "behind a gate", "wait"), ["cannot tick a: behind a gate", "wait"]),
    (errors.JournalBusyError("j.db", 4.0), ["j.db", "4 s", "nothing was recorded"]),
    (errors.JournalBrokenError("staging/1.0", 3, "edited"), ["staging/1.0", "event 3", "edited"]),
]


@pytest.mark.parametrize(("error", "parts"), MESSAGES, ids=[type(error).__name__ for error, _ in MESSAGES])
def test_messages_hold_the_facts(error: NbrunbookError, parts: list[str]) -> None:
    """Each error names what was found, where, and what to do."""
    for part in parts:
        assert part in str(error)


def test_findings_are_counted_and_listed() -> None:
    """A template's error lists its findings, one a line."""
    error = errors.TemplateError(Path("t.ipynb"), ["RB101 one", "RB103 two"])  # type: ignore[list-item]
    assert str(error).splitlines()[1:] == ["  RB101 one", "  RB103 two"]
    assert "2 findings" in str(error)


def test_long_lists_are_cut() -> None:
    """A hundred names are not all listed."""
    error = errors.UnknownStepError("staging/1.0", "?", [f"step-{number:03}" for number in range(100)])
    assert "and 88 more" in str(error)
    assert "step-050" not in str(error)


@pytest.mark.parametrize(("name", "close"), [("relase", "release"), ("xyz", None), ("", None)])
def test_the_nearest_name_is_offered(name: str, close: str | None) -> None:
    """A mistyped name gets the closest one, and a senseless one gets none."""
    assert errors.nearest(name, ["release", "environment"]) == close


@given(st.text())
def test_nothing_that_steers_a_screen_is_visible(text: str) -> None:
    """What is shown holds no control, direction or surrogate character but tabs and line breaks."""
    shown = errors.visible(text)
    assert not [each for each in shown if unicodedata.category(each) in ("Cc", "Cs") and each not in "\t\n"]
    assert not set(shown) & set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x1b")


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs"))))
def test_what_a_person_can_read_stays(text: str) -> None:
    """Letters, digits, signs and spaces are shown as they are."""
    assert errors.visible(text) == text


@pytest.mark.parametrize("state", ["open", "signed off"])
def test_keys_in_commands_are_quoted(state: str) -> None:
    """What a shell would part, a suggested command quotes."""
    assert f" 'staging/a b'{'' if state == 'open' else ' --reason …'}'" in str(RunbookExistsError("staging/a b", state))


def test_an_error_comes_from_another_process_as_it_was() -> None:
    """One that is raised where tests run in parallel keeps its words and its facts."""
    error = errors.UnknownEnvironmentError("prod", ["production"])
    come = pickle.loads(pickle.dumps(error))
    assert (type(come), str(come), vars(come)) == (type(error), str(error), vars(error))
