"""`metadata.nbrunbook`: a runbook's facts and plan in its notebook, and whether they are those it was made with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbrunbook.documents import notebook
from nbrunbook.errors import AuthorCellError, NbrunbookError, NotebookError
from nbrunbook.project.names import check_name
from nbrunbook.runbook import events, formats
from nbrunbook.runbook.plan import Plan
from nbrunbook.runbook.plan_json import plan_from_json
from nbrunbook.texts import short

SCHEMA = 1
"""The version of `metadata.nbrunbook`."""


@dataclass(frozen=True, kw_only=True)
class Built:
    """A runbook that is ready to be registered and written."""

    content: bytes
    """The notebook's; empty where none was made."""
    facts: Mapping[str, Any]
    """What becomes the journal's row, and with the plan `metadata.nbrunbook`."""
    plan: Plan
    code: tuple[str, ...] = ()
    """The sources that its plan names."""
    failure: AuthorCellError | None = None
    """The first cell of the author's that failed while executing."""


def facts_in(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return a runbook's facts from its notebook's metadata, the plan left out; empty for no runbook."""
    found = metadata.get("nbrunbook")
    if not isinstance(found, dict) or not isinstance(found.get("key"), str):
        return {}
    return {name: value for name, value in found.items() if name not in ("schema", "digest", "plan")}


def facts_digest(about: Mapping[str, Any]) -> str:
    """Return the digest of a runbook's facts, its plan's own among them: that of its row in a journal."""
    return events.digest(events.canonical(dict(about)))


FACTS: Mapping[str, type] = {
    "key": str,
    "project": str,
    "release": str,
    "environment": str,
    "template": dict,
    "parameters": dict,
    "plan_digest": str,
    "deployment": dict,
    "created_at": str,
    "created_by": str,
    "version": str,
}


def _check_facts(about: Mapping[str, Any], path: Path) -> None:
    for name, kind in FACTS.items():
        if not isinstance(about.get(name), kind):
            raise NotebookError(path, f"its {name} is {short(repr(about.get(name)), 60)}", f"a {kind.__name__}")
    for name in about:
        if name not in FACTS:
            raise NotebookError(path, f"a fact that is not known: {name}", f"{', '.join(FACTS)}")
    parts = about["template"].get("parts")
    texts = [about["template"].get("name"), *about["deployment"].values()]
    uncommitted = about["template"].get("uncommitted", [])
    texts += uncommitted if isinstance(uncommitted, list) else [None]
    for part in parts if isinstance(parts, list) else [None]:
        texts += [part.get(name) if isinstance(part, dict) else None for name in ("path", "sha256", "commit")]
    if not all(isinstance(text, str) for text in texts):
        raise NotebookError(path, "its template or deployment was edited", "texts")
    deployment_key = f"{about['environment']}/{about['release']}"
    check_name(about["environment"], "environment")
    check_name(about["release"], "release")
    if not re.fullmatch(re.escape(deployment_key) + r"(@[2-9]|@[1-9]\d+)?", about["key"]):
        raise NotebookError(path, f"its key is {about['key']!r}", f"{deployment_key!r}")
    try:
        events.from_instant(about["created_at"])
    except ValueError:
        raise NotebookError(path, f"its created_at is {short(repr(about['created_at']), 60)}", "an instant") from None


def _check_digest(said: object, about: Mapping[str, Any], path: Path) -> None:
    """Find facts that were edited, by someone who did not compute their digest anew."""
    try:
        found = facts_digest(about)
    except ValueError as error:
        raise NotebookError(path, f"its facts cannot be written down ({error})", "those it was made with") from None
    if said != found:
        raise NotebookError(
            path, "its facts were edited", f"those with the digest {said!s:.12}…", "take the file as it was made"
        )


def read_runbook(content: bytes, path: Path) -> Built:
    """Return the runbook in a notebook file from its metadata; NotebookError where it is none."""
    metadata = notebook.parse(content, path).metadata
    found = metadata.get("nbrunbook")
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        expected = f"a runbook of format {SCHEMA}, made by 'nbrunbook instantiate'"
        if not isinstance(found, dict) or "schema" not in found:
            raise NotebookError(path, "no runbook", expected)
        raise NotebookError(
            path, f"a runbook of format {short(repr(found['schema']), 40)}", expected, formats.needs(found)
        )
    about = facts_in(metadata)
    _check_facts(about, path)
    _check_digest(found.get("digest"), about, path)
    try:
        made = plan_from_json(found.get("plan") or {})
    except NbrunbookError as error:
        raise NotebookError(path, error.found, error.expected, error.do) from None
    if made.digest != about.get("plan_digest"):
        raise NotebookError(
            path, "its plan was edited", f"the plan whose digest is {str(about.get('plan_digest'))[:12]}…"
        )
    return Built(content=content, facts=about, plan=made)
