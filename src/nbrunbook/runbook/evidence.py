"""Evidence: what a step asks for before it may be ticked, and whether what was given has its shape.

The label's first word says what is asked for: `link to the board` a web address,
`file with the export` a file, anything else a text, for which a file does as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from nbrunbook.texts import short

EvidenceKind = Literal["text", "link", "file"]

LARGEST_FILE = 5_000_000
"""Bytes. A message of over 10 MiB closes a kernel's websocket, and base64 adds a third."""

IMAGES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
"""By what a file begins with, since a name may say anything."""


@dataclass(frozen=True, kw_only=True)
class EvidenceFile:
    """A file that is given as evidence."""

    name: str
    content: bytes


def kind(label: str) -> EvidenceKind:
    """Return what a label asks for."""
    first = re.match(r"(?i)(link|url|file)\b", label)
    if first is None:
        return "text"
    return "file" if first[1].lower() == "file" else "link"


def fault(label: str, given: str, *, file: bool = False) -> str | None:
    """Return why what was given is not what a label asks for, in words; None where it is."""
    asked = kind(label)
    if not given.strip() and not file:
        return f"it asks for evidence: {label}"
    if asked == "file" and not file:
        return f"it asks for a file: {label}"
    if asked == "link" and file:
        return f"it asks for a link, not for a file: {label}"
    if asked == "link" or re.match(r"(?i)https?:", given.strip()):
        return link_fault(given.strip())
    return None


def link_fault(given: str) -> str | None:
    """Return why a text is no web address that can be followed, in words; None where it is one."""
    why = f"“{short(given)}” is no link: a link looks like https://host/path"
    if re.search(r"[\s<>\"\x00-\x1f\x7f]", given):
        return f"{why}, without spaces"
    try:
        parts = urlsplit(given)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return why
    is_address = parts.scheme.lower() in ("http", "https") and host and re.search(r"\w", host)
    return None if is_address else why


def size_fault(size: int) -> str | None:
    """Return why a file of some bytes is not kept, in words; None where it is."""
    if size > LARGEST_FILE:
        return f"the file has {shown_size(size)}, and at most {shown_size(LARGEST_FILE)} are kept"
    return "the file is empty" if size == 0 else None


def shown_size(size: int) -> str:
    """Return a number of bytes as people read it: 48 kB."""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def image_type(content: bytes) -> str | None:
    """Return the MIME type of an image that every browser shows; None for anything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for magic, mime in IMAGES.items() if content.startswith(magic)), None)
