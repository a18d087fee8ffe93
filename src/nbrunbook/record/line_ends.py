"""Line ends of a page: none that an editor or a hook would change, since its digest covers every byte of it.

The hooks are those that most repositories have: trailing-whitespace, end-of-file-fixer and mixed-line-ending of
https://github.com/pre-commit/pre-commit-hooks. What was pasted from a terminal is shown as it was all the same.
"""

from __future__ import annotations

import re

MARKUP = re.compile(r"""<style>.*?(?:</style>|\Z)|<[/!a-zA-Z](?:"[^"]*"|'[^']*'|[^"'>])*+>?""", re.DOTALL)
"""What begins like a tag is passed over whole, as far as it may be one, so that each character is read once."""
QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
LAST_BLANK = re.compile(r"(?<![^\S\n])([^\S\n]*+)(?<=[^\S\n])(?=\n)")
"""Blanks of any kind at the end of a line, found from the first of them on: a long row of them takes no longer."""
SEPARATORS = str.maketrans({"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})
"""What JSON leaves as it is, and some programs take for the end of a line."""


def steady(page: str) -> str:
    """Return a page that looks the same, in which no line ends in a blank, and which ends in one line break."""
    page, parts, end = page.rstrip(), [], 0
    for found in MARKUP.finditer(page):
        parts += [_text(page[end : found.start()]), _markup(found[0])]
        end = found.end()
    return "".join([*parts, _text(page[end:])]) + "\n"


def steady_json(text: str) -> str:
    """Return JSON that says the same, on one line for every program."""
    return text.translate(SEPARATORS)


def _text(text: str) -> str:
    shown = LAST_BLANK.sub(lambda blanks: f"{blanks[0][:-1]}&#{ord(blanks[0][-1])};", text)
    return shown.replace("\u2028", "&#8232;").replace("\u2029", "&#8233;")


def _markup(markup: str) -> str:
    """Within a tag a blank is text only where it is quoted; what never ends is no tag."""
    if markup.startswith("<style>"):
        return LAST_BLANK.sub("", markup)
    if not markup.endswith(">"):
        return _text(markup)
    return LAST_BLANK.sub("", QUOTED.sub(lambda quoted: _text(quoted[0]), markup))
