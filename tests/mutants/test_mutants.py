"""Mutants die of a test of their folder, quickly: those found by hand and a sample of the others.

`MUTANTS=all` tries the whole table, as `make mutants` does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutants.table import FOUND_BY_HAND, MUTANTS
from tests.mutants.trial import ROOT, Mutant, attempt, copied_tree, misplaced, unfounded

OTHERS = [mutant for mutant in MUTANTS if mutant not in FOUND_BY_HAND]
CHOSEN = MUTANTS if os.environ.get("MUTANTS") == "all" else (*FOUND_BY_HAND, *OTHERS[::6])
KILLERS: list[str] = []


@pytest.fixture(scope="module")
def copy() -> Iterator[Path]:
    with copied_tree() as folder:
        yield folder


def test_every_text_to_replace_stands_in_its_file_once() -> None:
    assert [problem for mutant in MUTANTS if (problem := misplaced(mutant))] == []


def test_every_mutant_is_another_fault_and_names_its_tests() -> None:
    assert len({mutant.does for mutant in MUTANTS}) == len(MUTANTS)
    assert len({(mutant.file, mutant.right, mutant.wrong) for mutant in MUTANTS}) == len(MUTANTS)
    assert [mutant.does for mutant in MUTANTS if not (ROOT / mutant.tests).exists()] == []


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("mutant", CHOSEN, ids=lambda mutant: mutant.does)
def test_it_dies(mutant: Mutant, copy: Path) -> None:
    fate = attempt(mutant, copy)
    assert fate.problem == ""
    KILLERS.append(str(fate.killer))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_they_died_of_passes_without_them(copy: Path) -> None:
    assert unfounded(KILLERS, copy) == ""
