"""A batch's code where it is worked on: the plan's cells loaded, and the batch that they make. No journal is asked.

On an executor's worker, which may be on another machine, `slice_of` is all that is called, with plain data alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Mapping
from functools import partial
from typing import Any

from nbrunbook.automation import child
from nbrunbook.automation.masking import mask
from nbrunbook.batches.definition import Batch
from nbrunbook.batches.job import Job, job_from_json

_loaded: dict[str, tuple[Job, Batch]] = {}
"""The last one that this process has loaded, by the digest of its run's JSON: each slice would load it again."""
_loading = threading.Lock()


def load(run: Mapping[str, Any]) -> tuple[Job, Batch]:
    """Return what a run's JSON says of a batch, and its code, loaded; NameError where that makes none of the name."""
    code = child.load(run)
    if not isinstance(code, Batch):
        raise NameError(f"the code makes no batch {run['function']!r}")
    names = [each["value"] for each in run["parameters"] if each["type"] == "Secret"] + list(run["batch"]["passwords"])
    code.mask = partial(mask, values=[os.environ[name] for name in names if name in os.environ])
    return job_from_json(run["batch"]["job"]), code


def slice_of(run: str, database: str, seconds: float, size: int | None, refused: int, nonce: str) -> str:
    """Go through a database for some seconds at most, and return where it stands then; both ways as JSON.

    `refused` are the rows that are left out in the other databases. The `nonce` is another one each time: an executor
    may take a call for a value, and answer as it did before.
    """
    del nonce
    from nbrunbook.batches import slices
    from nbrunbook.batches.orders import Orders

    digest = hashlib.sha256(run.encode()).hexdigest()
    with _loading:
        if digest not in _loaded:
            _loaded.clear()
            _loaded[digest] = load(json.loads(run))
    job, code = _loaded[digest]
    found = slices.run_slice(job, code, database, seconds, orders=Orders(size=size), refused_elsewhere=refused)
    return json.dumps(found.to_json())
