"""Processes of ours, forked from a clean one that has loaded our code: an interpreter takes a second to."""

from __future__ import annotations

import multiprocessing

forked = multiprocessing.get_context("forkserver")
"""There is one server for each test process: what it loads beforehand is chosen here, for all."""
forked.set_forkserver_preload(
    ["pytest", "monitor.cli", "monitor.alerts.wiring", "tests.cast.appender", "tests.cast.vigie"]
)
