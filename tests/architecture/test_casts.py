"""Tests lean on `tests/cast`, on fixtures and on helpers of their own folder; never on another test."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = {"cast", "corpus", "plugins"}
"""What every folder of tests, and `bench`, may import."""
FILES = [
    path.relative_to(ROOT) for room in ("tests", "bench") for path in sorted((ROOT / room).rglob("*.py"))
]


def imported(source: str, package: str) -> Iterator[tuple[str, ...]]:
    """The dotted names below `tests` that a module of `package` imports, in parts."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            start = resolve_name("." * node.level + (node.module or ""), package)
            found = [f"{start}.{alias.name}" for alias in node.names]
        else:
            found = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        yield from (tuple(name.split(".")[1:]) for name in found if name.startswith("tests."))


def faults(source: str, place: Path) -> Iterator[str]:
    """Each import that does not belong in the module at `place`, and why."""
    folder = place.parts[1] if place.parts[0] == "tests" else ""
    for parts in imported(source, ".".join(place.parent.parts)):
        name = ".".join(("tests", *parts))
        if any(part.startswith("test_") or part == "conftest" for part in parts):
            yield f"{place} imports {name}: move what both use to tests/cast, or to a module of the folder"
        elif parts[0] not in SHARED | {folder} or (folder in SHARED and parts[0] not in SHARED):
            yield f"{place} imports {name} of another folder: move it to tests/cast"


def test_no_module_leans_on_a_test_a_conftest_or_another_folder() -> None:
    found = [fault for path in FILES for fault in faults((ROOT / path).read_text(encoding="utf-8"), path)]
    assert found == []


@pytest.mark.parametrize(
    ("place", "source", "fault"),
    [
        ("tests/web/test_a.py", "from tests.web.test_b import words", "tests.web.test_b.words: move"),
        ("tests/web/test_a.py", "from tests.web import test_b", "tests.web.test_b: move"),
        ("tests/web/test_a.py", "from .test_b import words", "tests.web.test_b.words: move"),
        ("tests/web/test_a.py", "def f():\n    import tests.web.test_b", "tests.web.test_b: move"),
        ("tests/web/test_a.py", "from tests.web.conftest import Get", "tests.web.conftest.Get: move"),
        ("tests/web/test_a.py", "from tests.store import pages", "tests.store.pages of another folder"),
        ("tests/cast/a.py", "from tests.store.pages import page", "tests.store.pages.page of another folder"),
        (
            "bench/a.py",
            "from tests.grafana.weeks import FIRST",
            "tests.grafana.weeks.FIRST of another folder",
        ),
    ],
)
def test_the_check_finds_each_way_to_do_so(place: str, source: str, fault: str) -> None:
    (found,) = faults(source, Path(place))
    assert fault in found


@pytest.mark.parametrize("name", ["tests.cast.observations", "tests.web.asking", "tests.plugins.postgresql"])
def test_what_is_shared_and_the_folder_itself_may_be_imported(name: str) -> None:
    assert list(faults(f"import {name}\nimport monitor.store", Path("tests/web/test_a.py"))) == []
