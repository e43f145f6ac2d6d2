"""The Grafana dashboards, generated: `python -m grafana.build` writes their JSON."""
