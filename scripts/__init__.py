"""Scripts that write what is checked in."""
