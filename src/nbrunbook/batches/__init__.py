"""A long data update over many databases, exactly once: the cursor, chunks, leases. Knows no journal and no runbook."""
