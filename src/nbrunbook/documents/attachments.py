"""Attachments: images that a notebook keeps in its Markdown cells, as a text there names them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

SCHEME = "attachment:"


def named(target: str, attachments: object) -> Mapping[str, Any] | None:
    """Return the attachment that `attachment:NAME` names, by type; None where there is none.

    NAME may be percent-encoded, as Markdown wants it for blanks, and umlauts may be written in either way.
    """
    if not target.startswith(SCHEME) or not isinstance(attachments, dict):
        return None
    name = target.removeprefix(SCHEME)
    for each in (name, unquote(name)):
        if each in attachments:
            return _bundle(attachments[each])
    known = {unicodedata.normalize("NFC", str(each)): bundle for each, bundle in attachments.items()}
    return _bundle(known.get(unicodedata.normalize("NFC", unquote(name))))


def _bundle(found: object) -> Mapping[str, Any] | None:
    return found if isinstance(found, dict) and found else None


def data_uri(target: str, attachments: object) -> str:
    """Return the same as a data: URI; ValueError where there is none, or none that is text."""
    bundle = named(target, attachments)
    if bundle is None:
        raise ValueError("no such attachment")
    mime, content = next(iter(bundle.items()))
    lines = content if isinstance(content, list) else [content]
    if not all(isinstance(line, str) for line in lines):
        raise ValueError("an attachment that is no text")
    return f"data:{mime};base64,{''.join(lines).strip()}"


def kept(attachments: object, links: Callable[[str], str]) -> Callable[[str], str]:
    """Return what rewrites the targets of a text whose cell keeps its attachments; all others go to `links`.

    JupyterLab finds an attachment by its name to the letter; one that it would not find is embedded.
    """

    def rewritten(target: str) -> str:
        if not target.startswith(SCHEME):
            return links(target)
        try:
            to_the_letter = isinstance(attachments, dict) and target.removeprefix(SCHEME) in attachments
            return target if to_the_letter else data_uri(target, attachments)
        except ValueError:
            return target

    return rewritten
