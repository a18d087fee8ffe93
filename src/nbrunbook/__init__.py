"""nbrunbook: the manual steps after a release, as notebooks that are worked through and signed off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.5.0"
__all__ = [
    "Secret",
    "Version",
    "__version__",
    "action",
    "batch",
    "check",
    "connect",
    "keyset",
    "replica_lag",
    "warn",
    "window",
]

if TYPE_CHECKING:
    from nbrunbook.batches.connecting import connect
    from nbrunbook.batches.definition import batch
    from nbrunbook.batches.keyset import keyset
    from nbrunbook.batches.throttles import replica_lag, window
    from nbrunbook.project.versions import Version
    from nbrunbook.runbook.decorators import action, check
    from nbrunbook.runbook.parameters import Secret
    from nbrunbook.runbook.warning import warn

_HOMES = {
    "Secret": "nbrunbook.runbook.parameters",
    "Version": "nbrunbook.project.versions",
    "action": "nbrunbook.runbook.decorators",
    "batch": "nbrunbook.batches.definition",
    "check": "nbrunbook.runbook.decorators",
    "connect": "nbrunbook.batches.connecting",
    "keyset": "nbrunbook.batches.keyset",
    "replica_lag": "nbrunbook.batches.throttles",
    "warn": "nbrunbook.runbook.warning",
    "window": "nbrunbook.batches.throttles",
}
"""By public name, the module that it is in."""


def __getattr__(name: str) -> Any:
    """Load what an author imports only when it is asked for: the command line starts faster."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'nbrunbook' has no attribute {name!r}")
