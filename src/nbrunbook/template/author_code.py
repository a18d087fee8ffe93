"""The author's code cells, read without running them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from nbrunbook.documents import notebook, python_source
from nbrunbook.runbook.parameters import SECRET_NAME
from nbrunbook.template.bindings import Bindings
from nbrunbook.template.placed_cells import File, Place
from nbrunbook.template.problems import Problem
from nbrunbook.template.python_cells import Code
from nbrunbook.texts import short

DEFINES = ("Secret", "Version")
"""What may be called at the top level beside the decorators, since it has no effect."""

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


def problems(files: Sequence[File], found: Bindings) -> Iterator[Problem]:
    """Yield what is wrong in code cells and parameters; a secret itself is never shown."""
    for place in [place for file in files for place in file.places]:
        if place.cell["cell_type"] != "code":
            yield from _shapes(place, [])
            continue
        code = found.cells[place]
        yield from _secrets(place, code.tree)
        if "parameters" not in notebook.tags(place.cell):
            yield from _runs(place, code, found)


# What runs at each opening


def _runs(place: Place, code: Code, found: Bindings) -> Iterator[Problem]:
    """With automated steps what is no Python stops the template: see binding_checks.py."""
    if code.tree is None:
        hint = "sessions run Python: mend it, or make it a raw cell"
        yield from () if found.automated else [place.problem("RB218", "the cell is not Python", hint)]
        return
    calls = {line: text for statement in code.tree.body for line, text in _calls(statement, found)}
    magic = {} if found.automated else code.magic
    when = "each time that the runbook is opened"
    when += ", and at every run of an automated step" if found.automated else ""
    for line, text in sorted({**magic, **calls}.items()):
        hint = "put an effect into a function, or make it a step that a person does"
        yield place.problem("RB213", f"{short(text)} runs {when}", hint, line)


def _calls(node: ast.AST, found: Bindings) -> Iterator[tuple[int, str]]:
    """(line, what is called, without what it gets) of what runs when a statement does: a function's body does not."""
    if isinstance(node, ast.ClassDef):
        yield from (call for statement in node.body for call in _calls(statement, found))
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        yield from (call for default in defaults for call in _calls(default, found))
    elif isinstance(node, ast.Call) and not _defines(node, found):
        yield node.lineno, f"{python_source.shown(node.func).splitlines()[0]}(…)"
    else:
        for child in ast.iter_child_nodes(node):
            yield from _calls(child, found)


def _defines(node: ast.Call, found: Bindings) -> bool:
    function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return found.called(node) != "" or function in DEFINES


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
