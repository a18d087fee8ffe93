"""Parameters: values for what was declared, of their types, on one line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbrunbook.errors import ParameterError
from nbrunbook.project.versions import Version
from nbrunbook.runbook.parameters import Secret, bind_values, parse, require_all, shown
from nbrunbook.template import declarations
from tests.making import parameter_of


@pytest.mark.parametrize(
    ("source", "text", "value"),
    [
        ("x: str", "2.10", "2.10"),
        ("x: str", "007", "007"),
        ("x: str", "true", "true"),
        ("x: str", "", ""),
        ("x: int", "-2", -2),
        ("x: float", "2", 2.0),
        ("x: bool", "no", False),
        ("x: bool", "True", True),
        ("x: Literal['1', '2']", "1", "1"),
        ("x: Literal[1, 2]", "1", 1),
        ("x: list[str]", "eu, us", ["eu", "us"]),
        ("x: list[int]", "[1, 2]", [1, 2]),
        ("x: int | None", "None", None),
        ("x: Secret", "API_TOKEN_2", Secret("API_TOKEN_2")),
        ("x: Version", "v2.10", Version("v2.10")),
        ("x: Version | None", "none", None),
    ],
)
def test_a_text_is_parsed_by_the_annotation(source: str, text: str, value: Any) -> None:
    """What is given on the command line becomes what the annotation says, and 2.10 stays a text."""
    found = parse(parameter_of(source), text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("x: int", "two"), ("x: int", "2.0"), ("x: int", ""), ("x: float", "nan"), ("x: float", "inf"),
        ("x: bool", "maybe"), ("x: Literal['a']", "b"), ("x: Literal['a']", ""), ("x: list[int]", "1,b"),
        ("x: list[str]", "[1]"), ("x: list[str]", "[oops"), ("x: Secret", ""),
        ("x: Version", "latest"), ("x: Version", ""), ("x: Version", "2.5\n"),
    ],
)  # fmt: skip
def test_a_text_of_the_wrong_type_is_refused(source: str, text: str) -> None:
    """A value of the wrong type is an error that names the parameter."""
    with pytest.raises(ParameterError, match=r"^parameter x: "):
        parse(parameter_of(source), text)


@pytest.mark.parametrize(
    "secret", ["hunter2", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "eyJhbGciOi.J9", "a b", "1ABC", "A-B"]
)
def test_a_literal_secret_is_refused(secret: str) -> None:
    """A secret itself is refused, and the error does not repeat it."""
    with pytest.raises(ParameterError, match="does not look like the name of an environment variable") as caught:
        parse(parameter_of("x: Secret"), secret)
    assert secret not in str(caught.value)


def test_a_literal_secret_in_the_settings_is_refused() -> None:
    """The table of an environment takes the name of a variable only."""
    declared = [parameter_of("token: Secret")]
    with pytest.raises(ParameterError, match="does not look like the name of an environment variable") as caught:
        bind_values(declared, {"token": "hunter2"}, {})
    assert "hunter2" not in str(caught.value)
    assert bind_values(declared, {"token": "TOKEN"}, {}) == {"token": Secret("TOKEN")}


@pytest.mark.parametrize(
    "mark", ["\n", "\r", "\x00", "\x1b", "\x0b", "\x0c", "\x7f", "\x85", "\u2028", "\u2029", "\ud800"]
)
@pytest.mark.parametrize("source", ["x: str", "x: list[str]", "x: str | None"])
def test_a_value_is_one_line(source: str, mark: str) -> None:
    """A value with a line break, a control character or half of a surrogate pair is refused."""
    with pytest.raises(ParameterError, match=r"line break or control character"):
        parse(parameter_of(source), f"a{mark}b")


@given(st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"])))
def test_a_str_takes_any_line_of_text(text: str) -> None:
    """Any text without control characters is a str as it stands."""
    assert parse(parameter_of("x: str"), text) == text


def test_given_values_come_before_the_table_before_defaults() -> None:
    """The command line wins over the environment's table, and that over the default."""
    declared, _ = declarations.read("a = 'd'\nb = 'd'\nc = 'd'\nd: str")
    bound = bind_values(declared, {"a": "t", "b": "t", "unused": 1}, {"a": "g"})
    assert bound == {"a": "g", "b": "t", "c": "d"}


@pytest.mark.parametrize(
    ("declared", "value"), [("x: str", 2.1), ("x: int", "2"), ("x: bool", 1), ("x: list[str]", "eu")]
)
def test_a_value_of_the_table_must_fit(declared: str, value: Any) -> None:
    """TOML has types of its own: 2.10 without quotes is no text."""
    with pytest.raises(ParameterError, match=r"^parameter x: "):
        bind_values([parameter_of(declared)], {"x": value}, {})


def test_an_unknown_name_is_refused() -> None:
    """A name that no parameter has is an error that says which parameter_of is near."""
    with pytest.raises(ParameterError, match="did you mean 'kind'"):
        bind_values([parameter_of("kind = 'a'")], {}, {"knd": "b"})


def test_a_missing_value_is_refused() -> None:
    """A parameter without a value is an error that says how to give it."""
    with pytest.raises(ParameterError, match=r"parameter x: no value; .*-p x VALUE"):
        require_all([parameter_of("x: int")], {})
    require_all([parameter_of("x: int")], {"x": 0})


def test_an_instantiation_without_a_value_writes_nothing(work: Any) -> None:
    """A missing, unknown or wrong value is an error before anything is written."""
    path = work.template("- [ ] a {#a}", parameters="replicas: int")
    for given_ in ([], ["-p", "replicas", "two"], ["-p", "replicas", "2", "-p", "replica", "2"]):
        assert work.run("instantiate", path, "-e", "staging", *given_) == 1
        assert "replica" in work.err
    assert not (work.root / "runbooks").exists()


def test_a_secret_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Secret shows its name, and gives its value only where the variable is set."""
    secret = Secret("DEPLOY_API_TOKEN")
    with pytest.raises(LookupError, match="DEPLOY_API_TOKEN"):
        _ = secret.value
    monkeypatch.setenv("DEPLOY_API_TOKEN", "hunter2")
    assert secret.value == "hunter2"
    assert "hunter2" not in f"{secret!r} {secret} {shown(secret)}"


@pytest.mark.parametrize("name", ["", "hunter2", "token", "2A", "A-B", "A B", "A\n"])
def test_a_secret_holds_a_name(name: str) -> None:
    """A Secret that is made from a literal secret is refused without repeating it."""
    with pytest.raises(ValueError, match="NAME of an environment variable"):
        Secret(name)


@pytest.mark.parametrize(
    ("value", "text"), [(["eu", "us"], "eu, us"), (2, "2"), (True, "True"), (Secret("TOKEN"), "TOKEN")]
)
def test_values_are_shown_as_text(value: Any, text: str) -> None:
    """A value is put in for {{name}} as a person writes it."""
    assert shown(value) == text
