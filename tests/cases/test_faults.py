"""Every fault of reading that others reported, and cases of the same kind, over each transport."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from probes import registry
from probes.model import Transport
from tests.cases import faults_said, faults_seen
from tests.cases.products import DESCRIBED
from tests.cast.lie_visits import Told, told

pytestmark = pytest.mark.timeout(1800)

FAULTS = [*faults_seen.faults(), *faults_said.faults()]


@pytest.fixture(scope="module", autouse=True)
def _described() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_described", [DESCRIBED])
        yield


def _wrong(visits: list[Told]) -> list[str]:
    return [str(one) for one in visits if one.wrong]


def test_over_http() -> None:
    assert _wrong(told(FAULTS, {Transport.HTTP})) == []


@pytest.mark.browser
def test_in_chromium() -> None:
    assert _wrong(told(FAULTS, {Transport.BROWSER})) == []


def test_no_two_faults_have_one_name() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
