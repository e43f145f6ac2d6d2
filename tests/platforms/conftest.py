"""Steps for tests that need no saved page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from probes.model import Step
from tests.cast.saved_pages import received


@pytest.fixture
def step() -> Callable[..., Step]:
    """A step that received `body` (text or bytes) from `url` on 20 December 2025."""
    return received
