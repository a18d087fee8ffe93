"""A project with settings."""

from __future__ import annotations

from pathlib import Path

from nbrunbook.project.settings import Project, find_project


def found(folder: Path, settings: str, name: str = "pyproject.toml") -> Project:
    """Return the project of a folder with these settings."""
    (folder / name).write_text(settings, encoding="utf-8")
    return find_project(folder)


REGIONS = """
[tool.nbrunbook.environments]
staging = {}
eu = {group = "production"}
us = {group = "production"}
"""
