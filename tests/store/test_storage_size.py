"""What an observation weighs, all in: rows, indices, bodies, manifest."""

from __future__ import annotations

import random

import pytest

from monitor.store import Store
from tests.cast.heavy_pages import page, visit
from tests.cast.observations import HOUR, NOON, observation
from tests.cast.weight import weight

FIRST, VISITS = 100, 300
GOAL = 2000


def append(store: Store, hours: range, tokens: random.Random) -> None:
    for hour in hours:
        store.append_observation(observation(NOON + hour * HOUR, capture=visit(hour, tokens)))


@pytest.mark.slow
def test_an_hourly_visit_of_three_pages_weighs_less_than_two_kilobytes(known: Store) -> None:
    tokens = random.Random(1)
    append(known, range(FIRST), tokens)  # the first whole pages, and what each file takes in advance
    before = weight(known)
    append(known, range(FIRST, FIRST + VISITS), tokens)
    each = (weight(known) - before) / VISITS
    assert 55_000 < len(page(0, tokens)) < 70_000
    assert each <= GOAL, f"{each:.0f} bytes"
