"""Outputs of the author's cells: which of the forms that an output was saved in a record shows."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Mapping
from typing import Any

from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.html import clean, draw
from nbrunbook.texts import many, short

Output = dict[str, Any]

PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp")
"""What is shown of an output that draws itself; the first one first."""
TEXTS = ("text/latex", "text/plain", "application/json", "application/javascript")
"""What is shown where there is no better form; then any other text."""
DRAWS = re.compile(r"(?i)<(?:script|canvas|iframe|object|embed)\b")
"""HTML that shows something only where it may run or load; its picture says more, and stands before its words."""
PLACEHOLDER = re.compile(r"<IPython\.core\.display\.\w+ object>")
"""What IPython writes as the text of what has none: any other text says more."""
LONGEST_JSON = 20_000
"""Characters of a JSON value; there are maps and plots of some megabytes."""


def all_shown(saved: Any) -> list[Output]:
    """Return what a record shows of all that a cell has saved; a file may hold anything there."""
    return [shown(each) for each in (saved if isinstance(saved, list) else [saved])]


def shown(output: Any) -> Output:
    """Return an output with nothing but the form that a record shows; what none can be shown of is said in words."""
    given = output if isinstance(output, dict) else {}
    kind, data = given.get("output_type"), given.get("data")
    if kind == "error" and _is_texts(given.get("traceback") or []):
        name, value = str(given.get("ename", "")), str(given.get("evalue", ""))
        lines = given["traceback"] if any(given.get("traceback") or ()) else [f"{name}: {value}"]
        return {"output_type": kind, "ename": name, "evalue": value, "traceback": lines}
    if kind == "stream" and isinstance(given.get("text"), str):
        return {"output_type": kind, "name": str(given.get("name", "")), "text": given["text"]}
    if kind in ("display_data", "execute_result") and isinstance(data, dict):
        return _displayed(given, _form({str(mime): _text(content) for mime, content in data.items()}))
    said = _cannot_be_shown({kind if isinstance(kind, str) else "of no kind": _text(output)})
    return _displayed({}, {"text/plain": said})


def _displayed(given: Output, data: Mapping[str, str]) -> Output:
    metadata, count = given.get("metadata"), given.get("execution_count")
    made = {"data": data, "metadata": metadata if isinstance(metadata, dict) else {}}
    if given.get("output_type") != "execute_result":
        return {"output_type": "display_data", **made}
    return {"output_type": "execute_result", "execution_count": count if type(count) is int else None, **made}


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _text(content: Any) -> str:
    """A form as text; JSON's are none in a notebook."""
    if _is_texts(content):
        return "".join(content)
    return content if isinstance(content, str) else json.dumps(content, indent=1, ensure_ascii=False)


def _form(forms: Mapping[str, str]) -> dict[str, str]:
    drawn = forms.get("text/html", "")
    picture = next((mime for mime in PICTURES if forms.get(mime, "").strip()), None)
    if _is_something(clean(drawn)):
        return {"text/html": _image(picture, forms[picture]) + drawn if picture and DRAWS.search(drawn) else drawn}
    written = forms.get("text/markdown", "")
    if _is_something(draw(written, Fill())):
        return {"text/markdown": written}
    if picture:
        return {"text/html": _image(picture, forms[picture])}
    texts = [mime for mime in (*TEXTS, *forms) if forms.get(mime, "").strip() and _is_text(mime)]
    texts.sort(key=lambda mime: bool(PLACEHOLDER.fullmatch(forms[mime].strip())))
    if texts:
        return {"text/plain": short(forms[texts[0]], LONGEST_JSON) if "json" in texts[0] else forms[texts[0]]}
    return {"text/plain": _cannot_be_shown(forms)}


def _is_something(cleaned: str) -> bool:
    return "<img" in cleaned or bool(html.unescape(re.sub(r"<[^>]*>", "", cleaned)).strip())


def _is_text(mime: str) -> bool:
    return mime in TEXTS or (mime.startswith("text/") and mime not in ("text/html", "text/markdown"))


def _image(mime: str, content: str) -> str:
    if mime == "image/svg+xml":  # as an image it runs nothing and loads nothing
        content = base64.b64encode(content.encode(errors="replace")).decode()
    return f'<img src="data:{mime};base64,{html.escape("".join(content.split()))}" alt="Output">'


def _cannot_be_shown(forms: Mapping[str, str]) -> str:
    listed = ", ".join(f"{mime} ({many(len(content), 'character')})" for mime, content in forms.items())
    return f"(an output that a record cannot show: {listed or 'empty'})"
