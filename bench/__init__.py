"""Measurements that stay in the repository: `make bench` runs them all and writes `docs/performance.md`.

Machines are noisy: what is compared runs in turn within one sitting, and ratios are what to read.
"""
