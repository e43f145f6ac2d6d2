"""What holds for every test of the service."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _guard(no_sql_on_the_loop: list[str]) -> None:
    """The service never waits for SQL on its event loop."""
