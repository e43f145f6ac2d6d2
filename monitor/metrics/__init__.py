"""What Prometheus scrapes: read from the store at each scrape, so that a restart changes no value."""
