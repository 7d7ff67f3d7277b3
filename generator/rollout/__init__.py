"""Moving domains on the ladder: what holds a step back, and writing it into the declaration."""
