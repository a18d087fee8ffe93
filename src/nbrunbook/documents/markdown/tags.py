"""Tags of HTML as they are written, read in one pass as a browser reads them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

TAG = re.compile(
    r"<!--(?:>|->|.*?(?:-->|\Z))"
    r"|<(?P<raw>script|style)\b.*?(?:</(?P=raw)\s*>|\Z)"
    r"|<(?P<closing>/?)(?P<name>[a-z][^\s/>]*)"
    r"(?P<rest>(?:[^>=]|=\s*+(?:\"[^\"]*+\"?|'[^']*+'?|[^\s>\"'][^\s>]*+)?)*+)>?",
    re.IGNORECASE | re.DOTALL,
)
"""Whatever begins like a tag is one, up to its end or the text's: https://html.spec.whatwg.org/#tag-open-state.

A comment, a script and a style are each passed over whole.
"""
ATTRIBUTE = re.compile(r"([^\s/>=]+)\s*(?:=\s*(?:\"([^\"]*)\"?|'([^']*)'?|([^\s>]+)))?")


@dataclass(frozen=True, kw_only=True)
class Tag:
    """A tag, where it stands."""

    name: str
    """In small letters."""
    closes: bool
    written: str
    rest: str
    """What stands behind its name."""
    start: int
    end: int

    @cached_property
    def attributes(self) -> Mapping[str, str]:
        """Its attributes by their names in small letters; of two of one name the first counts."""
        found: dict[str, str] = {}
        for match in ATTRIBUTE.finditer(self.rest):
            found.setdefault(match[1].lower(), html.unescape(match[2] or match[3] or match[4] or ""))
        return found

    def with_attributes(self, **new: str) -> str:
        """Return it as it would be written with other values of some attributes."""
        pairs = "".join(f' {name}="{html.escape(value)}"' for name, value in {**self.attributes, **new}.items())
        return f"<{self.name}{pairs}>"

    def relinked(self, links: Callable[[str], str]) -> str:
        """Return it with its links and images leading where `links` says; to the letter where they do, or it closes."""
        new = {name: links(self.attributes[name]) for name in ("href", "src") if name in self.attributes}
        stays = self.closes or all(self.attributes[name] == new[name] for name in new)
        return self.written if stays else self.with_attributes(**new)


def tags(content: str) -> Iterator[Tag]:
    """Yield the tags of HTML in order. Linear in its length."""
    for match in TAG.finditer(content):
        if match["name"]:
            yield Tag(
                name=match["name"].lower(),
                closes=bool(match["closing"]),
                written=match[0],
                rest=match["rest"],
                start=match.start(),
                end=match.end(),
            )


def rewrite(content: str, change: Callable[[Tag], str]) -> str:
    """Return HTML with each tag as `change` gives it; all else stays to the letter."""
    parts, position = [], 0
    for tag in tags(content):
        parts += [content[position : tag.start], change(tag)]
        position = tag.end
    return "".join([*parts, content[position:]])
