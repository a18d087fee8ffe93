"""Attacks: each test is one sentence of what must not happen."""
