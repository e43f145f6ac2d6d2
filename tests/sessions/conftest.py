"""The site every session test visits, and a turn that never waits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from probes.model import Field, Form, StopLine
from tests.sessions.site import Site, served


@pytest.fixture(scope="session")
def _served_site() -> Iterator[Site]:
    with served(Site()) as site:
        yield site


@pytest.fixture
def site(_served_site: Site) -> Site:
    _served_site.forget()
    return _served_site


@pytest.fixture
def stop_line() -> StopLine:
    create = Form(
        selector="form#create",
        fields=(
            Field(name="condition", values="on"),
            Field(name="planning", values=r"\d+"),
            Field(name="lang", values="fr|en"),
        ),
        buttons=("nextButton", "absent"),
    )
    motif = Form(selector="form#motif", fields=(Field(name="motif", values=r"\d+"),), buttons=("go",))
    return StopLine(paths=(r"/(?!off/).*",), forms=(create, motif))
