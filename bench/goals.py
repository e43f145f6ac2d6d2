"""What is aimed at, in one place: the page tells it, the soak fails without it."""

from __future__ import annotations

BROWSER_RATIO = 0.9
HTTP_RATIO = 0.6
SCRAPE_MS, SCRAPE_BYTES = 300, 5e6
"""For 1,000 targets."""
CPU_SHARE = 0.15
"""Of two cores, for all of France."""
MEMORY = 1e9
GROWTH = 1.1
"""The most that the last quarter of a run may take beside the second one."""
