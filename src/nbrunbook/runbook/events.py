"""Events: the past facts that a journal holds, and the bytes that are hashed.

A body is one line of canonical JSON: keys sorted, no spaces, UTF-8 as it is,
and nothing but strings, integers and booleans in it,
so that every program and every database reads back the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from nbrunbook.project.operator import Known
from nbrunbook.runbook import formats
from nbrunbook.texts import short

Kind = Literal[
    "opened", "taken", "ticked", "unticked", "skipped", "unskipped", "noted", "approved",
    "added", "started", "passed", "warned", "failed", "undecided", "stopped", "paused", "resumed", "resized",
    "advanced", "quarantined", "revised", "redacted", "signed_off", "reopened", "abandoned", "archived", "closed",
]  # fmt: skip
KINDS: tuple[str, ...] = get_args(Kind)
ENDS: tuple[Kind, ...] = ("passed", "warned", "failed", "undecided", "stopped")
"""What comes out of a run that was `started`."""
PASSED: tuple[Kind, ...] = ("passed", "warned")
"""Those of them by which it passed."""
NOT_PASSED: tuple[Kind, ...] = ("failed", "undecided")
"""Those by which it did not, though nobody stopped it."""
CONTROLS: tuple[Kind, ...] = ("paused", "resumed", "resized")
"""By which an operator holds a batch, lets it go on, or says how many rows a chunk has."""
TOLD: tuple[Kind, ...] = ("advanced", "quarantined")
"""What the run of a batch tells of itself now and then."""
NEEDS: Mapping[str, str] = {
    "closed": "0.3.0",
    **dict.fromkeys(("started", *ENDS), "0.4.0"),
    **dict.fromkeys((*CONTROLS, *TOLD), "0.5.0"),
}
"""Kinds that came later, and which nbrunbook knows them: each event says it as `needs`, for one that does not."""


KEYS = frozenset(
    ("at", "data_digest", "id", "kind", "known", "known_by", "operator", "prev_hash", "runbook", "seq", "step")
)
"""What a body says."""


def canonical(value: Any) -> str:
    """Return a JSON value as canonical text; ValueError for NUL, lone surrogates, NaN.

    PostgreSQL's TEXT takes no NUL, and neither engine takes half a surrogate pair.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    if "\\u0000" in text.replace("\\\\", ""):
        raise ValueError("a NUL character cannot be written down")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("half of a surrogate pair cannot be written down") from error
    return text


def digest(text: str) -> str:
    """Return the sha256 of a text's UTF-8 bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def new_id() -> str:
    """Return an id for an event that is about to be sent."""
    return str(uuid.uuid4())


def derived_id(*names: str) -> str:
    """Return the id of an event that there can be only one of: whoever sends it, it is the same."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "\0".join(("nbrunbook", *names))))


def is_id(text: str) -> bool:
    """Tell whether a text is a UUID as `new_id` and a browser's randomUUID() write it."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def instant(at: datetime) -> str:
    """Return an aware instant as ISO 8601 in UTC, to the millisecond, ending in Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_instant(text: str) -> datetime:
    """Return the aware instant that `instant` wrote."""
    return datetime.fromisoformat(text)


@dataclass(frozen=True, kw_only=True)
class Event:
    """One past fact about a runbook. All of it but `data` is hashed as it stands."""

    id: str
    """A UUID that the caller made: sending it again gives the first answer."""
    runbook: str
    """The key, such as production-eu/2026.12.0."""
    seq: int
    """1, 2, 3… within the runbook."""
    kind: Kind
    step: str = ""
    """The step's id; for `opened` and `closed` a section's; empty where it is about the whole runbook."""
    operator: str
    known: Known
    known_by: str
    """What vouches for the operator: jupyter, env, hub, git, os or typed."""
    at: datetime
    prev_hash: str
    """The hash of the event before; of the first one, the digest of the runbook's row."""
    data: Mapping[str, str] = field(default_factory=dict)
    """Free text (note, reason, evidence…), kept outside the body so that it can be redacted."""
    salt: str = ""
    """32 hex digits where there is data."""
    data_digest: str = ""
    """sha256 of the salt and the data; empty where there is none. It outlives a redaction."""
    again: Mapping[str, str] = field(default_factory=dict, compare=False)
    """What the `redacted` that blanked it says of it again (`redactions.restored`); it is no part of the event."""

    def fact(self, name: str) -> str:
        """Return something that no operator typed, also of an event that was blanked; empty for nothing."""
        return self.data.get(name) or self.again.get(name, "")

    @property
    def redacted(self) -> bool:
        """Whether the data was blanked after it was recorded; what others keep of an event has its data and no salt."""
        return bool(self.data_digest) and not self.salt and not self.data

    def body(self) -> str:
        """Return exactly the bytes that are hashed, as text."""
        return canonical(
            {
                "at": instant(self.at),
                "data_digest": self.data_digest,
                "id": self.id,
                "kind": self.kind,
                "known": self.known,
                "known_by": self.known_by,
                "operator": self.operator,
                "prev_hash": self.prev_hash,
                "runbook": self.runbook,
                "seq": self.seq,
                "step": self.step,
            }
        )

    def hash(self) -> str:
        """Return the sha256 of the body, in hex."""
        return digest(self.body())


def salted(data: Mapping[str, str]) -> tuple[str, str]:
    """Return a new salt and the digest of salt and data; two empty texts for no data."""
    if not data:
        return "", ""
    salt = secrets.token_hex(16)
    return salt, digest(salt + canonical(dict(data)))


def from_body(body: str, *, data: str | None, salt: str | None) -> Event:
    """Return the event of a stored row; `data` and `salt` are None where it has none.

    Raises ValueError where the body is not one that `Event.body` wrote.
    """
    facts = json.loads(body)
    if not isinstance(facts, dict):
        raise ValueError("a body that is no JSON object")
    said = json.loads(data) if data else {}
    if not isinstance(said, dict) or not all(isinstance(text, str) for text in said.values()):
        raise ValueError("data that is no JSON object of texts")
    if "kind" in facts and facts["kind"] not in KINDS:
        raise ValueError(f"an unknown kind {short(str(facts['kind']), 40)!r}: {formats.needs({**said, **facts})}")
    more = sorted(set(facts) - KEYS)
    if more:
        listed = short(", ".join(map(repr, more)))
        raise ValueError(f"a body with other fields than expected ({listed}): {formats.needs({**said, **facts})}")
    try:
        return Event(**{**facts, "at": from_instant(facts["at"])}, data=said, salt=salt or "")
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"a body with other fields than expected ({error})") from error


DERIVED = ("prev_hash", "runbook", "seq")
"""What a chain of events need not say of each: it follows from the runbook and the event before."""


def brief(event: Event) -> dict[str, Any]:
    """Return an event as JSON without what is derived and what is empty; see `chained`."""
    facts = {**json.loads(event.body()), "data": dict(event.data), "salt": event.salt}
    return {name: value for name, value in facts.items() if value and name not in DERIVED}


def chained(briefs: Iterable[Mapping[str, Any]], *, runbook: str, first_hash: str) -> Iterator[Event]:
    """Yield the events that `brief` shortened, each with the hash of the one before it.

    `runbook` is the key, `first_hash` the digest of the runbook's row. Raises ValueError for what is no event.
    Whether they hold is for `check_chain` to say.
    """
    previous = first_hash
    for seq, facts in enumerate(briefs, 1):
        derived = {"prev_hash": previous, "runbook": runbook, "seq": seq}
        body = {"step": "", "data_digest": "", **dict(facts), **derived}
        data, salt = json.dumps(body.pop("data", {})), str(body.pop("salt", ""))
        event = from_body(canonical(body), data=data, salt=salt)
        yield event
        previous = event.hash()
