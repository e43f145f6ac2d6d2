"""One word for one thing: no class name twice, and none of the words that the glossary replaced."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
CODE = [path for package in ("monitor", "probes") for path in sorted((ROOT / package).rglob("*.py"))]

TWICE: dict[str, str] = {}
"""Class names that two modules may share, each with the reason."""

REPLACED = {
    "tally": "drought",
    "tallies": "drought",
    "zero_run": "drought",
    "ailment": "incident",
    "ailing": "incident",
    "rereading": "later reading",
    "rereadings": "later reading",
    "reread": "later reading",
    "ledger": "journal",
    "doors": "control",
    "door": "control",
    "reception": "request",
}
"""Words of our own that meant the same as the word beside them. A published name is quoted text."""


def identifiers(path: Path) -> Iterator[str]:
    """Every name that a module gives: files, classes, functions, parameters, variables, attributes."""
    yield path.stem
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def words_of(name: str) -> set[str]:
    """`OpenIncident` and `open_incident` are « open » and « incident »."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def test_no_class_name_is_given_twice() -> None:
    places = defaultdict(list)
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: where for name, where in places.items() if len(where) > 1 and name not in TWICE} == {}


def test_no_word_is_used_that_another_replaced() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {name} (say {REPLACED[word]})"
        for path in CODE
        for name in sorted(set(identifiers(path)))
        for word in sorted(words_of(name) & REPLACED.keys())
    ]
    assert found == []


def test_the_nouns_of_the_glossary_are_the_names_of_the_code() -> None:
    table = GLOSSARY.split("## Nouns", 1)[1].split("## Outcomes", 1)[0]
    nouns = re.findall(r"^\| \*\*([^*]+)\*\* \|", table, re.MULTILINE)
    named = {word for path in CODE for name in identifiers(path) for word in words_of(name)}
    assert len(nouns) >= 25
    assert [noun for noun in nouns if not set(noun.lower().split()) <= named] == []
