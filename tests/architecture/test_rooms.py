"""What ARCHITECTURE.md says of the rooms, how full they are, and whether a stranger finds an answer."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("monitor", "probes")
PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
QUESTIONS = tomllib.loads((Path(__file__).parent / "questions.toml").read_text(encoding="utf-8"))["question"]

AT_THE_ROOT_OF_MONITOR = 10
IN_A_FOLDER = 15


def folders() -> Iterator[Path]:
    """Every folder of our two packages that holds a module of its own."""
    for package in PACKAGES:
        yield from sorted({path.parent for path in (ROOT / package).rglob("*.py")})


def modules(folder: Path) -> list[str]:
    """The modules of a folder by their names, without `__init__`."""
    return sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")


def lines_by_room() -> Mapping[str, str]:
    """The rows of the table of rooms; a row that names several places stands under each of them."""
    found: dict[str, str] = {}
    for row in PAGE.splitlines():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        for place in re.findall(r"`([^`]+)`", cells[0]) if row.startswith("| `") else ():
            first = re.findall(r"`([^`]+)`", cells[0])[0]
            beside = place if "/" in place else f"{Path(first).parent}/{place}"
            found[beside.removesuffix(".py")] = " | ".join(cells[1:])
    return found


def test_every_folder_is_on_the_page() -> None:
    rooms = lines_by_room()
    missing = []
    for folder in folders():
        name = str(folder.relative_to(ROOT))
        parent = str(folder.relative_to(ROOT).parent)
        named = name in rooms or f"`{folder.name}`" in rooms.get(parent, "") or name in PACKAGES
        inside = any(room.startswith(f"{name}/") for room in rooms)
        if not (named or inside):
            missing.append(name)
    assert missing == []


def test_every_place_on_the_page_is_there() -> None:
    gone = [
        room
        for room in lines_by_room()
        if not (ROOT / room).is_dir() and not (ROOT / room).with_suffix(".py").exists()
    ]
    assert gone == []


def test_few_files_lie_at_the_root_of_monitor() -> None:
    assert len(list((ROOT / "monitor").glob("*.py"))) <= AT_THE_ROOT_OF_MONITOR


def test_no_folder_is_crowded() -> None:
    crowded = {str(f.relative_to(ROOT)): len(modules(f)) for f in folders() if len(modules(f)) > IN_A_FOLDER}
    assert crowded == {}


def test_there_are_twenty_questions() -> None:
    assert len({question["ask"] for question in QUESTIONS}) >= 20


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["ask"])
def test_the_page_leads_a_stranger_to_the_answer(question: Mapping[str, str]) -> None:
    rooms = lines_by_room()
    room, answer = question["room"], question["answer"]
    file, _, name = answer.partition(":")
    line = rooms.get(room) or rooms[f"{room}/{Path(file).stem}"]
    assert question["line"] in line
    path = ROOT / room / file
    tree = ast.parse(path.read_text(encoding="utf-8"))
    defined = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    defined |= {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert name in defined
