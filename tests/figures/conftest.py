"""One store of each kind for a whole module: seeding weeks of history takes longer than any one test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from monitor.store import Store, open_store
from tests.plugins.postgresql import fresh_database


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def any_store(
    request: pytest.FixtureRequest, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """An open, empty store of each kind, shared by the tests of a module."""
    folder = tmp_path_factory.mktemp("figures")
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'vigie.db')}"
        else:
            server = request.getfixturevalue("postgresql_server")
            template = request.getfixturevalue("migrated_postgresql")
            url = stack.enter_context(fresh_database(server, template=template))
        opened = open_store(url, media=folder / "media")
        yield opened
        opened.close()
