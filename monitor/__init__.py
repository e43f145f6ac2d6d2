"""When to look, what was seen, who is told. Builds on `probes`, which knows nothing of it."""
