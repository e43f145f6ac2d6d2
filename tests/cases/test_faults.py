"""Every fault of reading that others reported, and cases of the same kind, over each transport."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from probes import registry
from probes.model import Transport
from tests.cases import faults_read, faults_said, faults_seen
from tests.cases.products import DESCRIBED
from tests.cast.lie_visits import Told, told

pytestmark = pytest.mark.timeout(1800)

FAULTS = [*faults_seen.faults(), *faults_said.faults(), *faults_read.faults()]


@pytest.fixture(scope="module", autouse=True)
def _described() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_described", [DESCRIBED])
        yield


@pytest.fixture(scope="module")
def over_http() -> list[Told]:
    return told(FAULTS, {Transport.HTTP})


@pytest.fixture(scope="module")
def in_chromium() -> list[Told]:
    return told(FAULTS, {Transport.BROWSER})


def _wrong(visits: list[Told]) -> list[str]:
    return [str(one) for one in visits if one.wrong]


def test_each_is_read_as_its_label_says_over_http(over_http: list[Told]) -> None:
    assert _wrong(over_http) == []


@pytest.mark.browser
def test_each_is_read_as_its_label_says_in_chromium(in_chromium: list[Told]) -> None:
    assert _wrong(in_chromium) == []


@pytest.mark.browser
def test_no_page_brings_us_to_the_next_step_and_each_attempt_is_kept(in_chromium: list[Told]) -> None:
    pushing = [one for one in in_chromium if one.lie.name.startswith("G1")]
    assert pushing
    beyond = re.compile(r"\w+ /(?:booking/create/[0-9]+/[56]|users/rdv_wizard_step).*")
    assert [one.asked for one in pushing if any(map(beyond.fullmatch, one.asked))] == []
    # Chromium never reads the rules, and never opens the window: nothing is asked for.
    silent = {"G1 speculation rules", "G1 a form"}
    assert {one.lie.name for one in pushing if not one.refused} <= silent


def test_no_two_faults_have_one_name() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
