"""Starters: templates worth copying, which ship with nbrunbook."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nbrunbook.documents import attributes
from nbrunbook.documents.markdown.reading import read_markdown
from nbrunbook.errors import NbrunbookError, nearest
from nbrunbook.runbook.sections import slug
from nbrunbook.template import front_matter
from nbrunbook.template.front_matter import PartedFile

FOLDER = Path(__file__).parent / "starters"
HEADING = "Name of the change"
"""What a starter's heading says where the new template's name belongs."""
CODE = re.compile(r"\n```python automation\n(.*?)```\n", re.DOTALL)
"""The fence of functions that do steps; a new notebook gets it as a cell, and a Markdown file has no code."""


@dataclass(frozen=True, kw_only=True)
class Starter:
    """A template to start from."""

    name: str
    description: str
    """One sentence."""
    own: tuple[str, ...]
    """The parameters whose values differ from part to part."""
    found: PartedFile
    code: str
    """Functions that do some of its steps; empty for none."""


def starters() -> list[Starter]:
    """Return all starters, by name."""
    return [_read(path) for path in sorted(FOLDER.glob("*.md"))]


def find_starter(name: str) -> Starter:
    """Return a starter by its name; NbrunbookError, with the nearest, where there is none of that name."""
    known = {path.stem: path for path in sorted(FOLDER.glob("*.md"))}
    if name not in known:
        close = nearest(name, known)
        do = f"did you mean {close!r}?" if close else "'nbrunbook new --list' describes them"
        raise NbrunbookError(f"no starter {name!r}", f"one of: {', '.join(known)}", do)
    return _read(known[name])


def _read(path: Path) -> Starter:
    written = path.read_text(encoding="utf-8")
    found, code = front_matter.split(CODE.sub("", written)), CODE.search(written)
    own = tuple(attributes.references(found.setting("own")))
    about = found.setting("description")
    return Starter(name=path.stem, description=about, own=own, found=found, code=code[1].rstrip() if code else "")


def for_release(starter: Starter) -> PartedFile:
    """Return what a release's template starts with."""
    return replace(starter.found, text=starter.found.text.replace(HEADING, "After the release of {{release}}"))


def for_part(starter: Starter, name: str) -> PartedFile:
    """Return what a part starts with: ids, and names of its own, begin with the part's.

    So two parts of one release that come from the same starter fit together.
    A number in front of the name is the part's place in the release, and no word of the change.
    """
    name, words, prefix = _named(name)
    text = starter.found.text.replace(HEADING, _title(name))
    items = read_markdown(text).items
    evidence = [found["as"] for item in items if item.attributes and "as" in (found := item.attributes.keys)]
    declared = starter.found.parameters
    for own in (*starter.own, *evidence):
        text = text.replace(f"{{{{{own}}}}}", f"{{{{{prefix}_{own}}}}}").replace(f"as={own}", f"as={prefix}_{own}")
        declared = declared and re.sub(rf"^{own}\b", f"{prefix}_{own}", declared, flags=re.MULTILINE)
    text = text.replace("{{release}}#", f"{{{{release}}}}#{words}-")  # what a migration waits for
    return replace(starter.found, parameters=declared, text=_with_ids(text, words))


def code_for_part(starter: Starter, name: str) -> str:
    """Return the code of a part from a starter: ids, its functions and parameters of its own begin with its name."""
    _, words, prefix = _named(name)
    functions = re.findall(r"^(?:def )?(\w+)(?:\(| = batch\()", starter.code, re.MULTILINE)
    code = _renamed(starter.code, {*starter.own, *functions}, f"{prefix}_")
    return re.sub(r'^(@check|@action|\w+ = batch)\("', rf'\1("{words}-', code, flags=re.MULTILINE)


def _renamed(code: str, names: Container[str], prefix: str) -> str:
    """Python with something in front of some names, but no attribute, argument or word in a text."""
    lines = code.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    for before, token, after in reversed(list(zip(tokens, tokens[1:], tokens[2:], strict=False))):
        own = token.type == tokenize.NAME and token.string in names
        if own and before.string != "." and not (before.string in ("(", ",") and after.string == "="):
            row, column = token.start
            lines[row - 1] = f"{lines[row - 1][:column]}{prefix}{lines[row - 1][column:]}"
    return "".join(lines)


def _named(name: str) -> tuple[str, str, str]:
    """A part's name without its number, as ids say it, and as Python does."""
    name = re.sub(r"^\d+[-_.]+", "", name) or name
    words = slug(name) or "part"
    own = words.replace("-", "_")
    return name, words, own if re.match(r"[A-Za-z]", words) else f"part_{own}"


def _title(name: str) -> str:
    words = re.sub(r"[-_\s]+", " ", name).strip()
    return re.sub(r"([\\`\[\]{}<>&~$^=+!()])", r"\\\1", words[:1].upper() + words[1:])


def _with_ids(text: str, words: str) -> str:
    """The text with `words` in front of every id, also where an `after` names it."""
    document = read_markdown(text)
    lines = document.text.split("\n")
    for item in document.items:
        if item.attributes and item.block:
            line = lines[item.last_line]
            at = line.rindex(item.block)
            lines[item.last_line] = line[:at] + _block(item.attributes, words) + line[at + len(item.block) :]
    return "\n".join(lines)


def _block(found: attributes.Attributes, words: str) -> str:
    keys = dict(found.keys)
    if "after" in keys:
        keys["after"] = ",".join(_prefixed(attributes.references(keys["after"]), words))
    own = _prefixed([found.id] if found.id else [], words)
    return attributes.show(replace(found, id=own[0] if own else None, keys=keys))


def _prefixed(ids: Sequence[str], words: str) -> list[str]:
    return [f"{words}-{each}" for each in ids]
