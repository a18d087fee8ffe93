"""What a merge left in a text."""

from __future__ import annotations

import pytest

from nbrunbook.documents import conflicts

PLAIN = "<<<<<<< HEAD\n- [ ] a\n=======\n- [ ] b\n>>>>>>> topic\n"
CONFLICTS = {
    "plain": PLAIN,
    "CRLF": PLAIN.replace("\n", "\r\n"),
    "diff3": "<<<<<<< HEAD\na\n||||||| 1a2b3c4\no\n=======\nb\n>>>>>>> 5d6e7f8 (Say <b> for b)\n",
    "longer marks": "<<<<<<<<<< HEAD\na\n==========\nb\n>>>>>>>>>> topic\n",
    "no labels": "<<<<<<<\na\n=======\nb\n>>>>>>>\n",
    "the end was taken out": "<<<<<<< HEAD\na\n",
    "the beginning was taken out": "a\n=======\nb\n>>>>>>> topic\n",
    "jj": "<<<<<<< Conflict 1 of 1\n%%%%%%% Changes\n a\n+++++++ Contents\nb\n>>>>>>> Conflict 1 of 1 ends\n",
    "a command": f"```sh\n{PLAIN}```\n",
    "part of a fence": f"```\nfirst\n{PLAIN}```\n",
    "torn out of an item": f"- [ ] a\n  ```sh\n{PLAIN}  ```\n",
    "an example and a conflict": f"```\n{PLAIN}```\n\n{PLAIN}",
}


@pytest.mark.parametrize("name", CONFLICTS)
def test_a_conflict_is_found(name: str) -> None:
    """Whatever tool left the marks, and what is left of them, also within what an operator would run."""
    text = CONFLICTS[name]
    assert conflicts.first(conflicts.marks(text, prose=text)) is not None


NONE = {
    "an example": f"Such as\n\n```\n{PLAIN}```\n\n~~~diff\n{PLAIN}~~~\n",
    "an example in an item": "- [ ] Look for\n  ```sh\n  <<<<<<< HEAD\n  =======\n  >>>>>>> topic\n  ```\n",
    "an indented example": "".join(f"    {line}\n" for line in PLAIN.split("\n")),
    "headings": "Title\n=======\n\nOther\n==========\n",
    "quotations": ">>>>>>> seven deep\n>>>>>>> quoted\n\nTitle\n=======\n",
    "banners": "<<<<<<<<<<<<<<<< HALT >>>>>>>>>>>>>>>>\n<<<<<<< READ ME >>>>>>>\n>>>>>>>>>>\n",
    "arrows": "a <<<<<<< b\n<<<<<<\n <<<<<<< HEAD\n",
}


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_conflict_is_none(name: str) -> None:
    """Headings and quotations have such lines, and a fence may show a conflict and nothing else."""
    assert conflicts.first(conflicts.marks(NONE[name], prose=NONE[name])) is None


def test_a_conflict_begins_with_its_first_mark() -> None:
    """The line is the one that a person has to go to."""
    first = conflicts.first(conflicts.marks(f"one\n\n{PLAIN}", 4))
    assert first is not None
    assert (first.text, first.line, first.sign) == (4, 3, "<")
