"""The author's code cells, read without running them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from nbrunbook.documents import notebook, python_source
from nbrunbook.errors import nearest
from nbrunbook.runbook.parameters import SECRET_NAME
from nbrunbook.template.placed_cells import File, Place
from nbrunbook.template.problems import Problem
from nbrunbook.texts import short

DEFINES = ("action", "batch", "check", "Secret", "Version")
"""What may be called at the top level, since it has no effect."""

PACKAGE = ("nbrunbook", "nb")
"""How authors call the package in front of a dot."""

MAGIC = re.compile(r"^\s*(?:(?:\w[\w., ]*=\s*)?[%!].*|\?{1,2}[\w.]+|[\w.]+\?{1,2})\s*$")
"""A line of IPython's, not of Python's (https://ipython.readthedocs.io/en/stable/interactive/magics.html)."""

SECRET_HOLDER = re.compile(
    r"(?i)(?:^|[_-])(?:password|passwd|passphrase|pwd|secret|token|credentials?|(?:api|access|private|secret)_?key)$"
)
"""A name whose value should not be written down."""

SECRET_SHAPE = re.compile(
    r"""(?x)
    \b(?:AKIA|ASIA)[0-9A-Z]{16}\b                           # AWS
    | \bgh[pousr]_[A-Za-z0-9]{30} | \bgithub_pat_\w{22}     # GitHub
    | \bglpat-[\w-]{20}                                     # GitLab
    | \bxox[abeoprs]-[\w-]{10}                              # Slack
    | \b[sr]k_live_[0-9A-Za-z]{10}                          # Stripe
    | \bAIza[\w-]{35}\b                                     # Google
    | \bpypi-[\w-]{50}                                      # PyPI
    | (?<![\w-])eyJ[\w-]{8,}+\.eyJ[\w-]{8,}+\.[\w-]{8}     # a JSON web token
    | -----BEGIN\ [A-Z ]{,40}PRIVATE\ KEY-----
    | (?<=[a-z0-9+.-])://[^\s/:@{}<>$"']{1,200}+:(?![*x.]{1,200}+@)[^\s/:@{}<>$"']{3,500}+@  # a password in an address
    """
)
"""What looks like a secret wherever it stands.

Linear: what may repeat is bounded, or begins where the run before it ended.
"""

SECRET_HINTS = ("AKIA", "ASIA", "gh", "glpat-", "xox", "k_live_", "AIza", "pypi-", "eyJ", "PRIVATE KEY", "://")
"""One of these stands in each of them."""

STAND_IN = re.compile(
    r"(?i)^(?:$|[<{$]|x{3,}$|\.{3}$|\*+$|your|change|example|dummy|todo|none$|secret$|password$|token$)"
)
"""A value that only holds the place of a secret."""


def problems(files: Sequence[File], step_ids: AbstractSet[str]) -> Iterator[Problem]:
    """Yield what is wrong in code cells and parameters; a secret itself is never shown."""
    places = [place for file in files for place in file.places]
    for place in places:
        if place.cell["cell_type"] != "code":
            yield from _shapes(place, [])
            continue
        code = _read(place.cell["source"])
        yield from _secrets(place, code.tree)
        if "parameters" not in notebook.tags(place.cell):
            yield from _runs(place, code)
            yield from _bindings(place, code.tree, step_ids)


@dataclass(frozen=True, kw_only=True)
class _Code:
    """A code cell as read."""

    tree: ast.Module | None
    """None where it is not Python."""
    magic: Mapping[int, str]
    """Lines of IPython's -> what they begin with."""


def _read(source: str) -> _Code:
    """Python as it stands; where that is none, with IPython's lines taken out."""
    tree = _parsed(source)
    if tree is not None:
        return _Code(tree=tree, magic={})
    lines = source.split("\n")
    if source.lstrip().startswith("%%"):
        first = next(number for number, line in enumerate(lines, 1) if line.strip())
        return _Code(tree=ast.Module(body=[], type_ignores=[]), magic={first: lines[first - 1].split()[0]})
    magic = {number: line.split()[0] for number, line in enumerate(lines, 1) if MAGIC.match(line)}
    python = [re.sub(r"\S.*", "pass", line) if number in magic else line for number, line in enumerate(lines, 1)]
    return _Code(tree=_parsed("\n".join(python)), magic=magic)


def _parsed(source: str) -> ast.Module | None:
    try:
        return ast.Module(body=python_source.statements(source), type_ignores=[])
    except SyntaxError:
        return None


# What runs at each opening


def _runs(place: Place, code: _Code) -> Iterator[Problem]:
    if code.tree is None:
        yield place.problem("RB218", "the cell is not Python", "sessions run Python: mend it, or make it a raw cell")
        return
    calls = {line: text for statement in code.tree.body for line, text in _calls(statement)}
    for line, text in sorted({**code.magic, **calls}.items()):
        hint = "put an effect into a function, or make it a step that a person does"
        yield place.problem("RB213", f"{short(text)} runs each time that the runbook is opened", hint, line)


def _calls(node: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, what is called, without what it gets) of what runs when a statement does: a function's body does not."""
    if isinstance(node, ast.ClassDef):
        yield from (call for statement in node.body for call in _calls(statement))
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        yield from (call for default in defaults for call in _calls(default))
    elif isinstance(node, ast.Call) and _called(node) not in DEFINES:
        yield node.lineno, f"{python_source.shown(node.func).splitlines()[0]}(…)"
    else:
        for child in ast.iter_child_nodes(node):
            yield from _calls(child)


def _called(node: ast.Call) -> str:
    """The name of nbrunbook's that is called: `check` for check(…) and nbrunbook.check(…)."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr if isinstance(node.func.value, ast.Name) and node.func.value.id in PACKAGE else ""
    return node.func.id if isinstance(node.func, ast.Name) else ""


# What is bound to steps


def _bindings(place: Place, tree: ast.Module | None, step_ids: AbstractSet[str]) -> Iterator[Problem]:
    for call in _binding_calls(tree):
        first = call.args[0] if call.args else None
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            message = f"{_called(call)}(…) does not name its step by a text"
            yield place.problem("RB115", message, f'write the id itself: {_called(call)}("id")', call.lineno)
        elif first.value not in step_ids:
            close = nearest(first.value, step_ids)
            hint = f"did you mean {close!r}?" if close else "an id of a step in Markdown: {#id}"
            yield place.problem("RB115", f"{_called(call)}({first.value!r}) names no step", hint, call.lineno)


def _binding_calls(tree: ast.Module | None) -> Iterator[ast.Call]:
    """@check("id"), @action("id") and name = batch("id", …)."""
    for node in ast.walk(tree) if tree else ():
        made: list[ast.expr] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            made = node.decorator_list
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            made = [node.value]
        wanted = ("batch",) if isinstance(node, ast.Assign | ast.AnnAssign) else ("action", "check")
        yield from (call for call in made if isinstance(call, ast.Call) and _called(call) in wanted)


# What should be a Secret


def _secrets(place: Place, tree: ast.Module | None) -> Iterator[Problem]:
    named = sorted({line for line, name, value in _named(tree) if SECRET_HOLDER.search(name) and _is_secret(value)})
    for line in named:
        message = "a value that looks like a secret is written down"
        hint = 'name the environment variable that holds it: name: Secret = Secret("NAME")'
        yield place.problem("RB212", message, hint, line)
    yield from _shapes(place, named)


def _shapes(place: Place, known: Sequence[int]) -> Iterator[Problem]:
    for number, line in enumerate(place.cell["source"].split("\n"), 1):
        hinted = any(hint in line for hint in SECRET_HINTS)
        if hinted and number not in known and SECRET_SHAPE.search(line):
            hint = "take it out, and make it void where it is valid: git keeps it"
            yield place.problem("RB212", "what looks like a secret is written down", hint, number)


def _is_secret(value: str) -> bool:
    return not STAND_IN.search(value) and not SECRET_NAME.fullmatch(value) and " " not in value.strip()


def _named(tree: ast.Module | None) -> Iterator[tuple[int, str, str]]:
    """(line, name, value) of each text that is given to a name: x = "…", f(x="…"), {"x": "…"}, d["x"] = "…"."""
    for node in ast.walk(tree) if tree else ():
        pairs: list[tuple[ast.expr | str | None, ast.expr | None]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign):
            pairs = [(node.target, node.value)]
        elif isinstance(node, ast.keyword):
            pairs = [(node.arg, node.value)]
        elif isinstance(node, ast.Dict):
            pairs = list(zip(node.keys, node.values, strict=True))
        elif isinstance(node, ast.arguments):
            named = [*node.posonlyargs, *node.args][-len(node.defaults) :] if node.defaults else []
            pairs = [(each.arg, value) for each, value in zip(named, node.defaults, strict=False)]
            pairs += [(each.arg, value) for each, value in zip(node.kwonlyargs, node.kw_defaults, strict=True)]
        for target, value in pairs:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.lineno, _name(target), value.value


def _name(target: ast.expr | str | None) -> str:
    if isinstance(target, ast.Subscript):
        target = target.slice
    if isinstance(target, ast.Constant):
        return str(target.value)
    if isinstance(target, ast.Attribute):
        return target.attr
    return target.id if isinstance(target, ast.Name) else target if isinstance(target, str) else ""
