"""Declarations of parameters, written into the author's own lines."""

from __future__ import annotations

from typing import Any

import pytest

from nbrunbook.project.versions import Version
from nbrunbook.runbook.parameters import MISSING, Secret
from nbrunbook.template import declarations
from tests.making import parameter_of

STANDARD = 'release: str = "2.0"  # what is being shipped\nenvironment: str = "staging"  # where it goes'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", STANDARD),
        ("\n", STANDARD),
        ("replicas: int = 2", f"{STANDARD}\nreplicas: int = 2"),
        ('environment = "eu"\nrelease = "1"  # us', 'environment = "eu"\nrelease = "2.0"  # us'),
        ("environment: str\nrelease: str  # us", 'environment: str\nrelease: str = "2.0"  # us'),
        (
            'environment: str\nrelease: str = (\n  "ü"\n)  # “us”',
            'environment: str\nrelease: str = (\n  "2.0"\n)  # “us”',
        ),
        ('environment: str\nü = "ü"; release = "1"', 'environment: str\nü = "ü"; release = "2.0"'),
        ("release: = 1", "release: = 1"),
        ("import x\n\n# how many\nreplicas = 2", f"import x\n\n{STANDARD}\n# how many\nreplicas = 2"),
        ('"""Ours."""\nfrom x import (\n  y,\n)\nn = 2', f'"""Ours."""\nfrom x import (\n  y,\n)\n\n{STANDARD}\nn = 2'),
        ("import x; n = [\n]\nimport y", f"import x; n = [\n]\nimport y\n\n{STANDARD}"),
        ('import x\nrelease = "1"\nenvironment = "eu"', 'import x\nrelease = "2.0"\nenvironment = "eu"'),
    ],
)
def test_the_releases_name_stands_in_the_authors_line(before: str, after: str) -> None:
    """Only the value of `release` changes; what is missing stands behind the imports; what is not Python stays."""
    assert declarations.for_release(before, "2.0") == after


@pytest.mark.parametrize("release", ["1.0", "2.0 {rc} “ü”", "a'b", "$x", "{{release}}"])
def test_every_name_reads_back(release: str) -> None:
    """Whatever name a release has, the declaration holds exactly that."""
    read, faults = declarations.read(declarations.for_release('kind: str = "minor"', release))
    assert not faults
    assert {each.name: each.default for each in read}["release"] == release


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
        ("x: Version = Version('2.10')", "Version", Version("2.10")),
        ("x: Version = '2.10'", "Version", Version("2.10")),
        ("x = Version('2.10')", "Version", Version("2.10")),
        ("x: Version | None = None", "Version", None),
    ],
)
def test_what_can_be_declared(source: str, base: str, default: Any) -> None:
    """A declaration has a type, or takes that of its default; without a default a value must be given."""
    found = parameter_of(source)
    assert (found.type.base, found.default, found.required) == (base, default, default is MISSING)


@pytest.mark.parametrize(
    "source",
    [
        "x: str = 1", "x: int = True", "x: int = '2'", "x: Literal['a'] = 'b'", "x: str = None", "x: float = 1e999",
        "x: dict = {}", "x: str | int = 1", "x = (1, 2)", "x = {}", "x = f'{1}'", "x = open('f')", "x, y = 1, 2",
        "x.y = 1", "print(1)", "if True: x = 1", "x = (", "x: str = 'a\\nb'", "x: Secret = 'abc'",
        "x: Secret = Secret('abc')", "x: Secret = Secret('a-literal-secret')", "x = 1\nx = 2",
        "x: Version = 'latest'", "x: Version = Version(2.10)", "x: Version = Version()", "x: str = Version('2')",
        "x: Version = 2", "x = '\\ud800'",
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
    assert parameter_of('x: list[str] = [\n  "#a",\n]  # regions').help == "regions"


def test_a_choice_is_one_line_too() -> None:
    """A Literal cannot bring in what a str could not."""
    _, faults = declarations.read('x: Literal["a\\nb"] = "a\\nb"')
    assert len(faults) == 1


def test_release_and_environment_are_always_there() -> None:
    """`release` and `environment` are added in front where the author left them out."""
    added = declarations.with_standard([parameter_of("environment: str = 'demo'"), parameter_of("x = 1")], "1.0")
    assert [(each.name, each.default) for each in added] == [("release", "1.0"), ("environment", "demo"), ("x", 1)]
    assert declarations.with_standard([], "1.0")[1].required
