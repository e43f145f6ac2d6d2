"""Measurements that stay in the repository: `make bench` runs them all and writes `docs/performance.md`.

Machines are noisy, so things to compare are measured in turn in the same run: trust the ratios, not the
absolute figures.
"""
