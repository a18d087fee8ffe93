"""Problems: what can be wrong in a template, as data. Each has an id that stands in the docs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nbrunbook.errors import NbrunbookError, one_line

PROBLEMS = {
    "RB100": "a file that cannot be read",
    "RB101": "no cell is tagged `parameters`, or more than one",
    "RB102": "a declaration in the parameters cell is not understood",
    "RB103": "two steps have the same id",
    "RB104": "an unknown flag",
    "RB105": "an unknown key",
    "RB106": "an attribute whose value cannot be used",
    "RB107": "a `when` that cannot be decided",
    "RB108": "an `after` that names no step",
    "RB109": "the same attribute twice",
    "RB110": "the notebook breaks its schema",
    "RB111": "a notebook in another language than Python",
    "RB112": "a step without a title",
    "RB113": "steps that wait for each other",
    "RB114": "a parameter that two parts declare otherwise",
    "RB115": "a decorator that names no step",
    "RB116": "`environments` that cannot be used",
    "RB117": "more findings than anybody reads",
    "RB118": "two sources of one release, or of one part",
    "RB119": "a merge conflict",
    "RB120": "a step that two decorators bind",
    "RB121": "an argument of a decorator that cannot be used",
    "RB122": "a function or a batch that cannot be a step's",
    "RB123": "an automated step without a box",
    "RB124": "code that only a notebook runs",
    "RB125": "a batch without its functions",
    "RB126": "what holds a batch back, and cannot",
    "RB201": "a box that Markdown does not see",
    "RB202": "a box that is ticked already",
    "RB203": "a step whose id is not pinned",
    "RB204": "a {{name}} that is nearly a parameter",
    "RB205": "spaces inside the braces of a {{name}}",
    "RB206": "a release that is not the template's name",
    "RB207": "outputs or execution counts in a template",
    "RB208": "braces that look like attributes and are text",
    "RB209": "a template without steps",
    "RB210": "a box in a quotation",
    "RB211": "an image that cannot be embedded",
    "RB212": "what looks like a secret",
    "RB213": "code that runs each time that the runbook is opened",
    "RB214": "a notebook that names no kernel",
    "RB215": "a relative link that leads nowhere",
    "RB216": "a cell without an id of its own",
    "RB217": "metadata that is not in order",
    "RB218": "a code cell that is not Python",
    "RB219": "a file that is no part",
    "RB220": "an `after` that no other runbook can settle",
    "RB221": "what JupyterLab does not show",
    "RB222": "a type in the parameters cell that is not imported",
    "RB223": "a database that the configuration does not name",
    "RB301": "a change that should have a step",
    "RB302": "a removal in one phase",
    "RB303": "a column or table that is dropped, and waits for no step",
    "RB304": "a field that is forgotten, and that the database still asks for",
    "RB305": "a squash that loses what a migration waits for",
}
"""RB1.. stop a template from becoming a runbook; RB2.. are advice; RB3.. are about a change, not about a template."""

UNCLEAR = ("RB118", "RB119")
"""After these nobody can say which steps are meant: what does not make a runbook stops there, too."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something wrong in a template, as data."""

    id: str
    """A key of PROBLEMS."""
    message: str
    hint: str = ""
    path: Path
    cell: int | None = None
    """Counted from 1."""
    line: int | None = None
    """Counted from 1 in the cell; without a cell in the file."""
    code: str = ""
    """What to write instead, in lines that can be copied."""

    @classmethod
    def of_error(cls, path: Path, error: NbrunbookError) -> Problem:
        """Return what keeps a template from being read; `path` is where, unless the error names a file."""
        where = getattr(error, "path", path)
        message = error.found.removeprefix(f"{where}: ")
        hint = "; ".join(filter(None, [f"expected {error.expected}" if error.expected else "", error.do]))
        return cls(id="RB100", message=message, hint=hint, path=where)

    @property
    def stops(self) -> bool:
        """Whether the template cannot become a runbook."""
        return self.id.startswith("RB1")

    @property
    def where(self) -> str:
        """The file, the cell and the line."""
        cell = f", cell {self.cell}" if self.cell else ""
        return f"{one_line(str(self.path))}{cell}{f', line {self.line}' if self.line else ''}"

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.id} {self.where}: {self.message}{hint}"
