"""A store that knows two démarches of one préfecture, on each kind of database, and a clock to move."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.clock import SimulatedClock
from monitor.store import Store, open_store
from tests.cast.observations import NOON
from tests.review.demarches import PERMIS, TITRE


@pytest.fixture
def clock() -> SimulatedClock:
    """It is noon."""
    return SimulatedClock(NOON)


@pytest.fixture
def known(store: Store) -> Store:
    """A store in which `titre` and `permis` have been recorded."""
    store.record_targets([TITRE, PERMIS])
    return store


@pytest.fixture(scope="module")
def busy(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An SQLite store that all examples of a property fill together; it does not wait for the disk."""
    folder = tmp_path_factory.mktemp("busy")
    copied = shutil.copy(migrated_sqlite, folder / "vigie.db")
    opened = open_store(f"sqlite:///{copied}", media=folder / "media", durable=False)
    yield opened
    opened.close()
