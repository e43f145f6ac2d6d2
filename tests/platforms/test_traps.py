"""The table of traps in `docs/corpus.md` names what exists: saved pages and tests."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.cast.saved_pages import PAGES

ROOT = Path(__file__).parents[2]
ROWS = re.findall(r"^\| (\d+) \| .+? \| (.+) \|$", (ROOT / "docs/corpus.md").read_text("utf-8"), re.MULTILINE)


@cache
def known() -> set[str]:
    """The names of all tests."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    return {name for source in sources for name in re.findall(r"def (test_\w+)", source)}


def test_all_twenty_are_there() -> None:
    assert [int(number) for number, _held in ROWS] == list(range(1, 21))


@pytest.mark.parametrize(("number", "held"), ROWS, ids=[number for number, _held in ROWS])
def test_each_is_held_by_what_exists(number: str, held: str) -> None:
    named = re.findall(r"`([\w/]+-?\w+)`", held)
    assert named
    for name in named:
        exists = (PAGES / name / "expected.json").is_file() if "/" in name else name in known()
        assert exists, name
