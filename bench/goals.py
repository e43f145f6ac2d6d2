"""The goals. The page shows them; the soak fails when one of its own is missed."""

from __future__ import annotations

BROWSER_CPU = 1.3
"""The most CPU of a visit, as a multiple of a bare loop's that waits for the same rest."""
SCRAPE_MS, SCRAPE_BYTES = 300, 5e6
"""For one scrape of 1,000 targets."""
CPU_SHARE = 0.15
"""Share of two cores, for all of France."""
MEMORY = 1e9
"""Bytes (PSS), for all of France."""
GROWTH = 1.1
"""The most that the last quarter of a run may use, as a multiple of the second quarter."""
