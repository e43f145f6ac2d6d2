"""A simulation under a clock of our own, and visitors to it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.clock import SimulatedClock
from probes.simulator.app import build
from tests.simulator.visitor import Visit, Visitor

MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)
"""A Monday, 09:00 in Paris."""


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(MONDAY)


@pytest.fixture
def visit(clock: SimulatedClock) -> Visit:
    """`visit(site)`: a visitor to a simulation of that one site."""
    return lambda site, **options: Visitor(build(clock, (site,), **options), site.host)
