"""Both databases, ready for use: a test that takes `database_url` or `store` runs once on each.

The schema is migrated once per test process and then copied: a migration takes longer than most tests.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store import Store, open_store, upgrade
from tests.plugins.postgresql import fresh_database


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the current schema and no rows: copy it."""
    path = tmp_path_factory.mktemp("template") / "vigie.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_server: str) -> Iterator[str]:
    """The name of a PostgreSQL database with the current schema and no rows: use it as a template."""
    with fresh_database(postgresql_server) as url:
        upgrade(url)
        yield url.rpartition("/")[2]


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The address of a migrated SQLite file of this test's own."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'vigie.db')}"


@pytest.fixture
def migrated_postgresql_url(postgresql_server: str, migrated_postgresql: str) -> Iterator[str]:
    """The address of a migrated PostgreSQL database of this test's own."""
    with fresh_database(postgresql_server, template=migrated_postgresql) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated, empty database: the test runs on each kind."""
    name = "sqlite_url" if request.param == "sqlite" else "migrated_postgresql_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """An open, empty store of each kind. It does not wait for the disk: no test pulls the plug."""
    opened = open_store(database_url, media=tmp_path / "media", durable=False)
    yield opened
    opened.close()
