"""The sealed page: render, verify, audit. The door to nbconvert."""
