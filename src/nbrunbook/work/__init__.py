"""What operators and CI do: the only writer of events, and the door to papermill."""
