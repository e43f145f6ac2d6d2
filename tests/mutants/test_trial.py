"""What tries the mutants tells a fault that is found from one that is not, and leaves the copy as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutants.trial import Mutant, attempt, unfounded

pytestmark = pytest.mark.slow

SOUND = "def double(n):\n    return n * 2\n"
TESTS = """
from house import double

def test_it_doubles():
    assert double(2) == 4
"""
PROFILE = "from hypothesis import settings\nsettings.register_profile('mutants')\n"
FAULT = Mutant(does="triples", file="house.py", right="n * 2", wrong="n * 3", tests="tests/test_house.py")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A tree of one function and one test."""
    (tmp_path / "tests").mkdir()
    for name, text in {"house.py": SOUND, "tests/test_house.py": TESTS, "tests/conftest.py": PROFILE}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "pyproject.toml").write_text(
        "[tool.pytest.ini_options]\npythonpath = ['.']\naddopts = '-ra'\n"
    )
    return tmp_path


def test_a_fault_that_a_test_finds_is_named_after_that_test(house: Path) -> None:
    fate = attempt(FAULT, house)
    assert (fate.killer, fate.problem) == ("tests/test_house.py::test_it_doubles", "")
    assert (house / "house.py").read_text() == SOUND
    assert unfounded([str(fate.killer)], house) == ""


def test_a_fault_that_no_test_finds_is_a_problem(house: Path) -> None:
    fate = attempt(replace(FAULT, wrong="n + n"), house)
    assert (fate.killer, fate.problem) == (None, "survived tests/test_house.py")


def test_a_fault_that_breaks_the_tests_themselves_is_found_by_none(house: Path) -> None:
    fate = attempt(replace(FAULT, wrong="n * ("), house)
    assert fate.problem.startswith("the tests did not run to a failure")


def test_a_fault_found_too_late_is_a_problem(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.mutants.trial.LIMIT", 0.001)
    assert "died only after" in attempt(FAULT, house).problem


@pytest.mark.parametrize("right", ["n * 4", "n"])
def test_a_text_that_is_gone_or_stands_twice_is_a_problem(house: Path, right: str) -> None:
    assert "the text to replace" in attempt(replace(FAULT, right=right), house).problem


def test_what_fails_without_any_fault_proves_nothing(house: Path) -> None:
    (house / "tests/test_house.py").write_text(TESTS.replace("== 4", "== 5"))
    assert "test_it_doubles" in unfounded(["tests/test_house.py::test_it_doubles"], house)
