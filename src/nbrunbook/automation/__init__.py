"""Steps that the machine does: a run's two processes, what they say, and what nobody may read in it."""
