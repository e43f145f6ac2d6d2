"""A store that knows two démarches of one préfecture, on each kind of database, and a clock to move."""

from __future__ import annotations

import pytest

from monitor.clock import SimulatedClock
from monitor.store import Review, Store
from tests.store.builders import NOON, target

TITRE, PERMIS = target("titre"), target("permis", demarche="permis de conduire")


@pytest.fixture
def clock() -> SimulatedClock:
    """It is noon."""
    return SimulatedClock(NOON)


@pytest.fixture
def known(store: Store) -> Store:
    """A store in which `titre` and `permis` have been recorded."""
    store.record_targets([TITRE, PERMIS])
    return store


@pytest.fixture
def review(known: Store, clock: SimulatedClock) -> Review:
    """The review of that store."""
    return Review(known, clock)
