"""Starters: templates worth copying, which ship with nbrunbook."""

from __future__ import annotations

import re
from collections.abc import Sequence
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


@dataclass(frozen=True, kw_only=True)
class Starter:
    """A template to start from."""

    name: str
    description: str
    """One sentence."""
    own: tuple[str, ...]
    """The parameters whose values differ from part to part."""
    found: PartedFile


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
    found = front_matter.split(path.read_text(encoding="utf-8"))
    own = tuple(attributes.references(found.setting("own")))
    return Starter(name=path.stem, description=found.setting("description"), own=own, found=found)


def for_release(starter: Starter) -> PartedFile:
    """Return what a release's template starts with."""
    return replace(starter.found, text=starter.found.text.replace(HEADING, "After the release of {{release}}"))


def for_part(starter: Starter, name: str) -> PartedFile:
    """Return what a part starts with: ids, and names of its own, begin with the part's.

    So two parts of one release that come from the same starter fit together.
    A number in front of the name is the part's place in the release, and no word of the change.
    """
    name = re.sub(r"^\d+[-_.]+", "", name) or name
    words = slug(name) or "part"
    text = starter.found.text.replace(HEADING, _title(name))
    items = read_markdown(text).items
    evidence = [found["as"] for item in items if item.attributes and "as" in (found := item.attributes.keys)]
    prefix = words.replace("-", "_") if re.match(r"[A-Za-z]", words) else f"part_{words.replace('-', '_')}"
    declared = starter.found.parameters
    for own in (*starter.own, *evidence):
        text = text.replace(f"{{{{{own}}}}}", f"{{{{{prefix}_{own}}}}}").replace(f"as={own}", f"as={prefix}_{own}")
        declared = declared and re.sub(rf"^{own}\b", f"{prefix}_{own}", declared, flags=re.MULTILINE)
    return replace(starter.found, parameters=declared, text=_with_ids(text, words))


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
