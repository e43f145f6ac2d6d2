"""Every handed case is read as its label says, over each transport of its platform, and in the real Chromium."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from probes.model import Transport
from probes.registry import platform
from tests.cases.from_folders import handed
from tests.cast.lie_visits import Told, told

pytestmark = pytest.mark.timeout(900)

CASES = {case.name: case for case in handed()}


def _over(transport: Transport) -> list[str]:
    return [n for n, each in CASES.items() if transport in platform(each.platform).transports]


@pytest.fixture(scope="module")
def over_http() -> Mapping[str, Told]:
    return {one.lie.name: one for one in told(list(CASES.values()), {Transport.HTTP})}


@pytest.fixture(scope="module")
def in_chromium() -> Mapping[str, Told]:
    return {one.lie.name: one for one in told(list(CASES.values()), {Transport.BROWSER})}


def _check(one: Told) -> None:
    assert not one.wrong, str(one)
    # A visit that ended too early would agree with any label that asks for no conclusion.
    pages = {path for (_method, path), page in one.lie.pages.items() if page.body and "html" in page.kind}
    missed = {path for path in pages - one.reached if not path.startswith("/ezjscore/")}
    assert missed == set(), str(one)


@pytest.mark.parametrize("name", _over(Transport.HTTP))
def test_over_http(over_http: Mapping[str, Told], name: str) -> None:
    _check(over_http[name])


@pytest.mark.browser
@pytest.mark.parametrize("name", _over(Transport.BROWSER))
def test_in_chromium(in_chromium: Mapping[str, Told], name: str) -> None:
    _check(in_chromium[name])
