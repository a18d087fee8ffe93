"""Trust: which notebooks this user's Jupyter takes for its own, by the signatures that its notary keeps.

https://jupyter-server.readthedocs.io/en/latest/operators/security.html#security-in-notebook-documents.
"""

from __future__ import annotations


def sign(content: bytes) -> None:
    """Mark a notebook as trusted for this user, so that JupyterLab shows its live outputs."""
    import nbformat
    from nbformat.sign import NotebookNotary

    NotebookNotary().sign(nbformat.reads(content.decode(), as_version=4))  # type: ignore[no-untyped-call]


def is_signed(content: bytes) -> bool:
    """Tell whether this user's Jupyter trusts a notebook, as it does what was made or run and saved here."""
    import nbformat
    from nbformat.sign import NotebookNotary

    try:
        return bool(NotebookNotary().check_signature(nbformat.reads(content.decode(), as_version=4)))  # type: ignore[no-untyped-call]
    except Exception:  # whatever else is wrong with a stranger's file
        return False
