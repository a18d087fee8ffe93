"""What a page of ours may not load, told in its place: nothing that an author put there is gone without a word.

Images of other sites, players, frames and links that may not be followed become links, or texts with their addresses;
fields show what is in them; a drawing becomes an image, in which nothing runs and nothing is loaded.
What is returned is to be cleaned like any other HTML.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable, Collection, Mapping
from xml.parsers import expat

from nbrunbook.documents.markdown.tags import Tag, rewrite, tags
from nbrunbook.texts import short

KINDS: Mapping[str, str] = {
    "img": "image",
    "video": "video",
    "audio": "audio",
    "source": "source",
    "iframe": "page",
    "frame": "page",
    "embed": "object",
    "object": "object",
    "area": "link",
}
"""What stands in each tag's place, in a word, before its address."""
ADDRESSES = ("src", "data", "srcset", "poster", "href")
"""Where a tag says what it shows, the first one first."""
IMAGE = re.compile(r"(?i)\s*data:image/(png|jpe?g|gif|webp|svg\+xml)[;,]")
"""An address that is the image itself."""
LONGEST_NAME = 200
"""Characters of what a drawing is called."""
LONGEST_ADDRESS = 2_000
LONGEST_DATA = 60
"""Characters that are shown of an address, and of one that is nothing but data."""
APART = frozenset(("button", "legend", "option", "textarea", "title"))
"""Tags whose words stand apart from those beside them."""
FIELDS = ("input", "progress", "meter")


def told(content: str, allowed: Collection[str], stays: Callable[[str], bool]) -> str:
    """Return HTML with all that cannot stay told in its place; of any other tag that is not allowed its words are left.

    `stays` says it of a link's address. A sanitiser takes out some tags with all that is in them, such as <math>.
    """
    return _Telling(content, allowed, stays).run()


class _Telling:
    def __init__(self, content: str, allowed: Collection[str], stays: Callable[[str], bool]) -> None:
        self.content, self.allowed, self.stays = content, allowed, stays
        self.parts: list[str] = []
        self.position = 0
        self.link: Tag | None = None
        """The link that is open."""
        self.drawing: Tag | None = None
        """The outermost <svg> that is open, and in `depth` how many are."""
        self.depth = 0

    def run(self) -> str:
        for tag in tags(self.content):
            if tag.name == "svg":
                self._svg(tag)
            elif self.drawing is None:
                self._put(tag, self._instead(tag))
        if self.drawing is not None:
            self._put(self.drawing, self._words(len(self.content)))
            self.position = len(self.content)
        self.parts.append(self.content[self.position :])
        return "".join(self.parts) + self._address_of_link(len(self.content))

    def _put(self, tag: Tag, instead: str) -> None:
        self.parts += [self.content[self.position : tag.start], instead]
        self.position = tag.end

    def _svg(self, tag: Tag) -> None:
        if tag.rest.endswith("/"):  # it holds nothing
            return
        self.depth = max(0, self.depth + (-1 if tag.closes else 1))
        if self.drawing is None and not tag.closes:
            self.drawing = tag
        elif self.drawing is not None and self.depth == 0:
            image = _as_image(self.content[self.drawing.start : tag.end])
            self._put(self.drawing, image or self._words(tag.start))
            self.position = tag.end
            self.drawing = None

    def _words(self, end: int) -> str:
        """What is written in a drawing that is none."""
        return rewrite(self.content[self.drawing.end : end] if self.drawing else "", lambda _: " ")

    def _instead(self, tag: Tag) -> str:
        if tag.name == "a":
            return self._link(tag)
        if tag.name in FIELDS:
            return "" if tag.closes else html.escape(_field(tag))
        if tag.name in KINDS and not (tag.name == "img" and IMAGE.match(tag.attributes.get("src", ""))):
            return self._apart(tag, "" if tag.closes else self._named(tag))
        return tag.written if tag.name in self.allowed else " " * (tag.name in APART)

    def _apart(self, tag: Tag, words: str) -> str:
        """What is told with a blank to the words beside it, which would read as one with it."""
        before, after = self.content[max(0, tag.start - 1) : tag.start], self.content[tag.end : tag.end + 1]
        return " " * (bool(words) and before.isalnum()) + words + " " * (bool(words or tag.closes) and after.isalnum())

    def _link(self, tag: Tag) -> str:
        before = self._address_of_link(tag.start)
        self.link = None if tag.closes else tag
        return before + ("" if self._is_dead(tag) else tag.written)

    def _is_dead(self, tag: Tag) -> bool:
        return not tag.closes and "href" in tag.attributes and not self.stays(tag.attributes["href"])

    def _address_of_link(self, end: int) -> str:
        """Behind the text of a link that may not be followed its address, unless that is its text."""
        if self.link is None or not self._is_dead(self.link):
            return ""
        address = self.link.attributes["href"]
        text = html.unescape(re.sub(r"<[^<>]*>", "", self.content[self.link.end : end]))
        return "" if text.strip() == address.strip() else html.escape(f" ({_shown(address)})")

    def _named(self, tag: Tag) -> str:
        address = next((tag.attributes[each].strip() for each in ADDRESSES if tag.attributes.get(each)), "")
        name = tag.attributes.get("alt") or tag.attributes.get("title") or ""
        if tag.name == "source" and "src" not in tag.attributes:
            return ""  # another size of the image beside it
        if not address:
            return html.escape(f"({KINDS[tag.name]}: {name})" if name else "(page)" * ("srcdoc" in tag.attributes))
        about = f"{KINDS[tag.name]}: {_shown(address)}"
        words = f"{name} ({about})" if name else about
        if self.link is not None or not self.stays(address):
            return html.escape(words if name else f"({about})")
        return f'<a href="{html.escape(address)}">{html.escape(words)}</a>'


def _shown(address: str) -> str:
    return short(address, LONGEST_DATA if address.lstrip().lower().startswith("data:") else LONGEST_ADDRESS)


def _field(tag: Tag) -> str:
    """What a person sees in a field."""
    given = tag.attributes
    kind = given.get("type", "").lower()
    if tag.name != "input":
        return f"{given['value']} of {given.get('max', '1')} " if "value" in given else ""
    if kind in ("checkbox", "radio"):
        return "☑" if "checked" in given else "☐"
    return "" if kind in ("hidden", "password") else given.get("value") or given.get("placeholder") or ""


def _as_image(svg: str) -> str:
    """A drawing as an image; empty where no browser would show it as one."""
    if "xmlns=" not in svg.partition(">")[0]:
        svg = re.sub(r"^<svg", '<svg xmlns="http://www.w3.org/2000/svg"', svg, count=1, flags=re.IGNORECASE)
    data = svg.encode(errors="replace")
    try:
        if "<!DOCTYPE" not in svg:  # which could make much of little
            expat.ParserCreate().Parse(data, True)
            title = re.search(r"<title>([^<]*)</title>", svg)
            words = title[1] if title else " ".join(re.sub(r"<[^>]*>", " ", svg).split())
            name = html.escape(html.unescape(short(words, LONGEST_NAME)) or "Drawing")
            return f'<img alt="{name}" src="data:image/svg+xml;base64,{base64.b64encode(data).decode()}">'
    except expat.ExpatError:
        pass
    return ""
