"""One runbook, as pure data and rules: plan, events, progress, what is shown. Reads and writes nothing."""
