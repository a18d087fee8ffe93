"""Typed parameters, read without running their cell."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbrunbook.errors import ParameterError
from nbrunbook.runbook.parameters import MISSING, Parameter, Secret, bind_values, parse, require_all, shown
from nbrunbook.template import declarations

DESIGN = '''"""What this release takes."""
from typing import Literal
from nbrunbook import Secret

release: str = "2026.12.0"                     # what is being shipped
environment: str = "staging"                   # where it goes
kind: Literal["major", "minor", "patch"] = "minor"
base_url: str = "https://staging.example.com"  # root of the site
replicas: int = 2
api_token: Secret = Secret("DEPLOY_API_TOKEN") # read from the operator's environment
'''


def one(source: str) -> Parameter:
    """Return the only parameter that a source declares."""
    found, faults = declarations.read(source)
    assert not faults
    return found[0]


def test_the_design_reads() -> None:
    """Name, annotation, default and comment are read, in order; imports and a docstring may stand beside them."""
    found, faults = declarations.read(DESIGN)
    assert not faults
    assert [each.name for each in found] == ["release", "environment", "kind", "base_url", "replicas", "api_token"]
    assert [each.type.name for each in found[2:]] == ["Literal['major', 'minor', 'patch']", "str", "int", "Secret"]
    assert [each.default for each in found[3:]] == ["https://staging.example.com", 2, Secret("DEPLOY_API_TOKEN")]
    assert (found[0].help, found[4].help, found[0].line) == ("what is being shipped", "", 5)


def test_nothing_is_run() -> None:
    """Reading a cell has no effect, whatever stands in it."""
    found, faults = declarations.read("import does_not_exist\nx: int = 1 / 0\nraise SystemExit")
    assert (found, [fault.line for fault in faults]) == ([], [2, 3])


@pytest.mark.parametrize(
    ("source", "base", "default"),
    [
        ("x: str", "str", MISSING),
        ("x = 'a'", "str", "a"),
        ("x = 2", "int", 2),
        ("x = True", "bool", True),
        ("x = 1.5", "float", 1.5),
        ("x = -3", "int", -3),
        ("x = ['a']", "list", ["a"]),
        ("x: list[int] = [1, 2]", "list", [1, 2]),
        ("x: str | None = None", "str", None),
        ("x: Optional[int] = 3", "int", 3),
        ("x: 'str' = 'a'", "str", "a"),
        ("x: typing.Literal[1, 'a'] = 'a'", "literal", "a"),
        ("x: Secret", "Secret", MISSING),
    ],
)
def test_what_can_be_declared(source: str, base: str, default: Any) -> None:
    """A declaration has a type, or takes that of its default; without a default a value must be given."""
    found = one(source)
    assert (found.type.base, found.default, found.required) == (base, default, default is MISSING)


@pytest.mark.parametrize(
    "source",
    [
        "x: str = 1", "x: int = True", "x: int = '2'", "x: Literal['a'] = 'b'", "x: str = None", "x: float = 1e999",
        "x: dict = {}", "x: str | int = 1", "x = (1, 2)", "x = {}", "x = f'{1}'", "x = open('f')", "x, y = 1, 2",
        "x.y = 1", "print(1)", "if True: x = 1", "x = (", "x: str = 'a\\nb'", "x: Secret = 'abc'",
        "x: Secret = Secret('abc')", "x: Secret = Secret('a-literal-secret')", "x = 1\nx = 2", "x = '\\ud800'",
        "x\0 = 1", "x = b'a'",
    ],
)  # fmt: skip
def test_what_is_not_understood_is_a_fault(source: str) -> None:
    """A declaration that is not understood, or whose default does not fit, is data: a fault with its line."""
    _, faults = declarations.read(source)
    assert [fault.line for fault in faults] == [source.count("\n") + 1]
    assert faults[0].message
    assert faults[0].expected


@pytest.mark.parametrize("annotation", ['"str |"', '""', '"1 2"', "Literal[b'a']", "Literal[...]"])
def test_a_senseless_annotation_is_a_fault(annotation: str) -> None:
    """An annotation that does not parse, or that holds what no text on a command line can mean, is a fault."""
    _, faults = declarations.read(f"x: {annotation}")
    assert [fault.line for fault in faults] == [1]


def test_the_comment_of_a_long_declaration_stands_behind_it() -> None:
    """The comment behind a declaration's last line is its help; a # in a text is none."""
    assert one('x: list[str] = [\n  "#a",\n]  # regions').help == "regions"


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
    ],
)
def test_a_text_is_parsed_by_the_annotation(source: str, text: str, value: Any) -> None:
    """What is given on the command line becomes what the annotation says, and 2.10 stays a text."""
    found = parse(one(source), text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("x: int", "two"), ("x: int", "2.0"), ("x: int", ""), ("x: float", "nan"), ("x: float", "inf"),
        ("x: bool", "maybe"), ("x: Literal['a']", "b"), ("x: Literal['a']", ""), ("x: list[int]", "1,b"),
        ("x: list[str]", "[1]"), ("x: list[str]", "[oops"), ("x: Secret", ""),
    ],
)  # fmt: skip
def test_a_text_of_the_wrong_type_is_refused(source: str, text: str) -> None:
    """A value of the wrong type is an error that names the parameter."""
    with pytest.raises(ParameterError, match=r"^parameter x: "):
        parse(one(source), text)


@pytest.mark.parametrize(
    "secret", ["hunter2", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "eyJhbGciOi.J9", "a b", "1ABC", "A-B"]
)
def test_a_literal_secret_is_refused(secret: str) -> None:
    """A secret itself is refused, and the error does not repeat it."""
    with pytest.raises(ParameterError) as caught:
        parse(one("x: Secret"), secret)
    assert secret not in str(caught.value)


def test_a_literal_secret_in_the_settings_is_refused() -> None:
    """The table of an environment takes the name of a variable only."""
    declared = [one("token: Secret")]
    with pytest.raises(ParameterError) as caught:
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
        parse(one(source), f"a{mark}b")


def test_a_choice_is_one_line_too() -> None:
    """A Literal cannot bring in what a str could not."""
    _, faults = declarations.read('x: Literal["a\\nb"] = "a\\nb"')
    assert len(faults) == 1


@settings(deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"])))
def test_a_str_takes_any_line_of_text(text: str) -> None:
    """Any text without control characters is a str as it stands."""
    assert parse(one("x: str"), text) == text


def test_release_and_environment_are_always_there() -> None:
    """`release` and `environment` are added in front where the author left them out."""
    added = declarations.with_standard([one("environment: str = 'demo'"), one("x = 1")], "1.0")
    assert [(each.name, each.default) for each in added] == [("release", "1.0"), ("environment", "demo"), ("x", 1)]
    assert declarations.with_standard([], "1.0")[1].required


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
        bind_values([one(declared)], {"x": value}, {})


def test_an_unknown_name_is_refused() -> None:
    """A name that no parameter has is an error that says which one is near."""
    with pytest.raises(ParameterError, match="did you mean 'kind'"):
        bind_values([one("kind = 'a'")], {}, {"knd": "b"})


def test_a_missing_value_is_refused() -> None:
    """A parameter without a value is an error that says how to give it."""
    with pytest.raises(ParameterError, match=r"parameter x: no value; .*-p x VALUE"):
        require_all([one("x: int")], {})
    require_all([one("x: int")], {"x": 0})


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
