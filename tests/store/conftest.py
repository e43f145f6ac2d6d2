"""A store that knows two targets, on each kind of database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store import Store, open_store
from tests.cast.observations import target

TARGETS = [target(), target("reunion-titre", zone="Indian/Reunion", departement="974")]


@pytest.fixture
def known(store: Store) -> Store:
    """A store in which `vienne-titre` and `reunion-titre` have been recorded."""
    store.record_targets(TARGETS)
    return store


@pytest.fixture(scope="module")
def busy(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An SQLite store that all examples of a property fill together; it knows the same targets."""
    folder = tmp_path_factory.mktemp("busy")
    opened = open_store(
        f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'vigie.db')}", media=folder / "media"
    )
    opened.record_targets(TARGETS)
    yield opened
    opened.close()
