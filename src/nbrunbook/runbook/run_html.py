"""What a run wrote, as HTML where nothing is live: its last lines while it goes on, then its output to unfold."""

from __future__ import annotations

from nbrunbook.documents.markdown.html import Html
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.run_output import end_of, shown
from nbrunbook.runbook.run_view import of
from nbrunbook.runbook.running import heard_of

GLYPHS = {
    **dict.fromkeys(("ready", "waiting"), "○"),
    **dict.fromkeys(("running", "stopping", "holding"), "◔"),
    "paused": "‖",
    **dict.fromkeys(("unknown", "undecided"), "?"),
    "passed": "✓",
    "warned": "⚠",
    "failed": "✗",
    "stopped": "◼",
    "done": "☑",
    "by-hand": "☑",
    "skipped": "⊘",
    "not-applicable": "–",
}
"""In place of a box, of a step that the machine does."""
PRE = Html('<pre class="nbr-run-lines" tabindex="0">{}</pre>')
OUTPUT = Html('<details class="nbr-output"><summary>{}</summary>{}</details>')


def glyph(progress: Progress, step: Step) -> str:
    """Return the sign of where an automated step stands."""
    state = progress.of(step.id)
    return GLYPHS[of(state, heard_of(progress, state))]


def written(progress: Progress, step: Step) -> Html:
    """Return the last lines of a run that goes on, else the end of what the last one wrote, folded."""
    state, nothing = progress.of(step.id), Html()
    if state.run is not None:
        heard = heard_of(progress, state)
        lines = "\n".join(map(shown, heard.lines)) if heard else ""
        return PRE.format(lines) if lines else nothing
    if state.last is None:
        return nothing
    said = {"Output": state.last.data.get("output", ""), "Traceback": state.last.data.get("traceback", "")}
    parts = [OUTPUT.format(name, PRE.format(end_of(text))) for name, text in said.items() if text.strip()]
    return nothing.join(parts)
