"""What a text of SQL takes out of a database: tables and columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

UNREAD = re.compile(
    r"""(?P<name>"[^"\n]*"|`[^`\n]*`)|(?i:\bEXECUTE\s+(?:format\s*\(\s*)?'(?P<run>[^']*)')"""
    r"""|--[^\n]*|/\*(?:.*?\*/|.*)|'[^']*(?:'|\Z)""",
    re.DOTALL,
)
"""Comments and texts: what stands in them is not run, unless EXECUTE does. Names in quotation marks are read first."""
NAME = r"""(?:"(?:[^"\n]|"")+"|`[^`\n]+`|\[[^\]\n]+\]|\{[\w.!]*\}|%\(\w+\)s|%[sI]|[\w$]+)"""
NAMES = rf"{NAME}(?:\s*\.\s*{NAME})*"
MAYBE = r"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?"
TABLES = re.compile(rf"(?i)\bDROP\s+TABLE\s+{MAYBE}({NAMES}(?:\s*,\s*{NAMES})*)")
ALTER = re.compile(rf"(?i)\bALTER\s+TABLE\s+{MAYBE}(?:ONLY\s+)?({NAMES})")
COLUMN = re.compile(rf"(?i)\bDROP\s+(COLUMN\s+)?{MAYBE}({NAME})")
COMES = re.compile(rf"(?i)\bCREATE\s+(?:\w+\s+){{0,2}}TABLE\s+{MAYBE}({NAMES})|\bRENAME\s+TO\s+({NAMES})")
"""What brings a table: one that is made and dropped here, or dropped to be made anew, is not taken away."""
RENAMES = re.compile(rf"(?i)\bALTER\s+TABLE\s+{MAYBE}({NAMES})\s+RENAME\s+TO\s+({NAMES})")
OTHERS = (
    *("CONSTRAINT", "INDEX", "KEY", "PRIMARY", "FOREIGN", "CHECK", "DEFAULT", "NOT", "EXPRESSION", "IDENTITY"),
    *("PARTITION", "PERIOD", "SYSTEM", "TABLE", "VIEW", "SEQUENCE", "TRIGGER", "FUNCTION", "TYPE", "SCHEMA"),
)
"""What DROP may name without COLUMN, and is none."""


@dataclass(frozen=True)
class Removed:
    """A table, or a column of one, that SQL takes away; names without quotation marks and schema."""

    table: str
    column: str = ""

    def __str__(self) -> str:
        return f"{self.table}.{self.column}" if self.column else self.table


def removed_by(sql: str) -> list[Removed]:
    """Return what some statements take away, in their order, each once."""
    text = UNREAD.sub(_read, sql)
    comes = {_bare(match[1] or match[2]) for match in COMES.finditer(text)}
    were = {_bare(match[2]): _bare(match[1]) for match in RENAMES.finditer(text)}
    found = [each for statement in text.split(";") for each in _removed(statement)]
    found = [Removed(_first(each.table, were), each.column) for each in found]
    return list(dict.fromkeys(each for each in found if each.table not in comes))


def _read(match: re.Match[str]) -> str:
    return match["name"] or (f"; {match['run']} ;" if match["run"] else " ")


def _first(table: str, were: Mapping[str, str]) -> str:
    """What a table was called first."""
    passed: set[str] = set()
    while table in were and table not in passed:
        passed.add(table)
        table = were[table]
    return table


def _removed(statement: str) -> Iterator[Removed]:
    for match in TABLES.finditer(statement):
        yield from (Removed(_bare(name)) for name in re.findall(NAMES, match[1]))
    altered = ALTER.search(statement)
    for match in COLUMN.finditer(statement, altered.end()) if altered else ():
        if altered and (match[1] or match[2].upper() not in OTHERS):
            yield Removed(_bare(altered[1]), _bare(match[2]))


def _bare(name: str) -> str:
    last: str = re.findall(NAME, name)[-1]
    return last[1:-1].replace('""', '"') if last[0] in '"`[' else last
