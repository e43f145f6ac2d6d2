"""One walker for every saved page: each folder is read and compared with its `expected.json`."""

from __future__ import annotations

from pathlib import Path

import pytest

from probes.platforms.example import Example
from probes.registry import PLATFORMS
from tests.cast.saved_pages import ORIGINS, as_json, folders, load

READERS = {platform.name: platform for platform in (*PLATFORMS, Example())}


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_it_reads_the_page_as_a_person_did(folder: Path) -> None:
    case = load(folder)
    reading = as_json(READERS[case.platform].read(case.target, case.capture))
    if not case.expected.exists():
        case.expected.write_text(reading, encoding="utf-8")
        pytest.fail(f"{case.expected} was missing and has been written: review it, then run again")
    assert reading == case.expected.read_text(encoding="utf-8"), case.note


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_its_folder_is_named_after_its_outcome_and_says_where_it_comes_from(folder: Path) -> None:
    case = load(folder)
    outcome = READERS[case.platform].read(case.target, case.capture).outcome
    assert folder.name.startswith(f"{outcome}-")
    assert case.origin in ORIGINS
    assert case.note
