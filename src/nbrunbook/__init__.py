"""nbrunbook: the manual steps after a release, as notebooks that are worked through and signed off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.5.0"
__all__ = ["Secret", "Version", "__version__", "action", "batch", "check", "warn"]

if TYPE_CHECKING:
    from nbrunbook.batches.definition import batch
    from nbrunbook.project.versions import Version
    from nbrunbook.runbook.decorators import action, check
    from nbrunbook.runbook.parameters import Secret
    from nbrunbook.runbook.warning import warn


def __getattr__(name: str) -> Any:
    """Load what an author imports only when it is asked for: the command line starts faster."""
    if name == "Secret":
        from nbrunbook.runbook.parameters import Secret

        return Secret
    if name == "Version":
        from nbrunbook.project.versions import Version

        return Version
    if name in ("action", "check"):
        from nbrunbook.runbook import decorators

        return getattr(decorators, name)
    if name == "batch":
        from nbrunbook.batches.definition import batch

        return batch
    if name == "warn":
        from nbrunbook.runbook.warning import warn

        return warn
    raise AttributeError(f"module 'nbrunbook' has no attribute {name!r}")
