"""Nothing that people or pages wrote is read as rich's markup: consoles are made in one place, without it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

MONITOR = Path(__file__).parents[2] / "monitor"
MAKER = MONITOR / "present/terminal.py"
MODULES = sorted({*(MONITOR / "commands").glob("*.py"), *(MONITOR / "demo").glob("*.py"), MAKER})
"""Every module that prints for a person."""


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Each call in a module, after the last part of the name that is called."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2], node


def given(call: ast.Call) -> dict[str | None, str]:
    return {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(MONITOR)))
def test_consoles_are_made_in_one_place_alone(path: Path) -> None:
    for name, call in calls(path):
        if path != MAKER:
            assert name not in ("Console", "get_console", "from_markup", "render_str"), ast.unparse(call)
        if name == "Progress":  # by itself it makes a console, and columns that read markup
            assert "console" in given(call), ast.unparse(call)
            assert call.args, ast.unparse(call)
        if name == "TextColumn":
            assert given(call).get("markup") == "False", ast.unparse(call)
        if name != "Console" and "markup" in given(call):
            assert given(call)["markup"] == "False", ast.unparse(call)


def test_nobody_else_prints_by_rich_or_reads_its_markup() -> None:
    for path in MONITOR.rglob("*.py"):
        found = re.findall(r"^\s*(?:from|import) (rich\S*)", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert not found or path in MODULES, path
        assert not {"rich", "rich.markup"} & set(found), path
