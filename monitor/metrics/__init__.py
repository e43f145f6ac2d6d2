"""The metrics for Prometheus, read from the store at each scrape, so that a restart changes no value."""
