"""One walker for every saved page: each folder is read and compared with its `expected.json`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cast.saved_pages import READERS, check, folders, load


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_it_reads_the_page_as_a_person_did(folder: Path) -> None:
    check(folder)


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_its_folder_is_named_after_its_outcome_and_says_where_it_comes_from(folder: Path) -> None:
    case = load(folder)
    outcome = READERS[case.platform].read(case.target, case.capture).outcome
    assert folder.name.startswith(f"{outcome}-")
    assert case.note
