"""Every rule that a reader, the contract or our own code can give has its sentence, and the page shows it."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.present import rules
from monitor.rules.agreement import IN_DOUBT, withheld
from monitor.rules.reading import our_fault
from probes.failures import Failure
from probes.model import NoSlotsKind, Outcome
from probes.pages.notices import closures, marks
from tests.cast.observations import reading
from tools.rules_doc import document

ROOT = Path(__file__).parents[2]
SOURCES = sorted({*(ROOT / "monitor").rglob("*.py"), *(ROOT / "probes").rglob("*.py")})
NAMING = {"unrecognised": 0, "_first_quote": 0, "_offered": 0}
"""Functions that take a rule, and at which place. Others of these names take something that is no text."""
GIVEN_BY_NAME = {
    "failure.value", "kind.value", "mark.rule", "reading.rule", "kept.reading.rule", "IN_DOUBT", "found",
    "row['rule']", "f'{rule}:{type(bug).__name__}'",
}  # fmt: skip
"""Rules that are no text where they are given: those below, or a rule that was read from the record."""


def functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def texts(given: ast.expr, inside: ast.AST, tree: ast.Module) -> Iterator[str]:
    """The rules that an expression can give: texts, also those given to a name or returned by a function."""
    if isinstance(given, ast.Constant):
        yield from filter(None, [str(given.value or "")])
    elif isinstance(given, ast.JoinedStr) and isinstance(given.values[0], ast.Constant):
        yield str(given.values[0].value)
    for each, where in sources(given, inside, tree):
        yield from texts(each, where, tree)


def sources(given: ast.expr, inside: ast.AST, tree: ast.Module) -> Iterator[tuple[ast.expr, ast.AST]]:
    """The expressions that an expression takes its value from, and the function of each."""
    if isinstance(given, ast.IfExp):
        yield from ((given.body, inside), (given.orelse, inside))
    if isinstance(given, ast.Name):
        assigned = (node for node in ast.walk(inside) if isinstance(node, ast.Assign))
        yield from ((node.value, inside) for node in assigned if given.id in map(ast.unparse, node.targets))
    if isinstance(given, ast.Call) and (called := functions(tree).get(ast.unparse(given.func))):
        returned = (node.value for node in ast.walk(called) if isinstance(node, ast.Return))
        yield from ((value, called) for value in returned if value)


def given(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Each expression of a module that gives a rule, and the texts that it can be."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    outside = [node for node in tree.body if not isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    for inside in (*functions(tree).values(), *outside):
        for node in ast.walk(inside):
            for each in asked(node) if isinstance(node, ast.Call) else ():
                if not is_passed_on(each, inside):
                    yield ast.unparse(each), list(texts(each, inside, tree))


def asked(call: ast.Call) -> Iterator[ast.expr]:
    """What a call gives as a rule."""
    name = ast.unparse(call.func).rpartition(".")[2]
    yield from (keyword.value for keyword in call.keywords if keyword.arg == "rule")
    if name in NAMING and (name != "_offered" or len(call.args) == 4):
        yield call.args[NAMING[name]]


def is_passed_on(given: ast.expr, inside: ast.AST) -> bool:
    """Whether a function only passes on the rule that it was handed itself."""
    handed = [*inside.args.args, *inside.args.kwonlyargs] if isinstance(inside, ast.FunctionDef) else []
    return ast.unparse(given) == "rule" and "rule" in (argument.arg for argument in handed)


@pytest.fixture(scope="module")
def found() -> list[tuple[str, str, list[str]]]:
    return [
        (str(path.relative_to(ROOT)), *each)
        for path in SOURCES
        if "simulator" not in path.parts
        for each in given(path)
    ]


def test_every_rule_of_the_code_has_its_sentence(found: list[tuple[str, str, list[str]]]) -> None:
    every = {rule for _path, _written, given in found for rule in given}
    assert {"unknown_line", "step_", "step_motive", "unread_parts", "contradiction", "hours"} <= every
    assert sorted(rule for rule in every if not rules.known(rule)) == []


def test_no_rule_is_given_in_a_way_that_this_test_does_not_follow(
    found: list[tuple[str, str, list[str]]],
) -> None:
    lost = {(path, written) for path, written, given in found if not given and written not in GIVEN_BY_NAME}
    assert lost == set()


def test_rules_that_are_names_of_something_else_have_their_sentence() -> None:
    named = [*Failure, *NoSlotsKind, *(mark.rule for mark in marks.MARKS), *(r for r, _ in closures._RULES)]
    ours = [our_fault(KeyError()).rule, our_fault(KeyError(), "read_failed").rule]
    assert withheld(reading(Outcome.NO_SLOTS)).rule == IN_DOUBT
    assert [rule for rule in (*named, *ours, IN_DOUBT) if not rules.known(rule)] == []


def test_the_rule_of_every_saved_page_has_its_sentence() -> None:
    expected = [json.loads(path.read_text("utf-8")) for path in ROOT.glob("tests/pages/*/*/expected.json")]
    read = {one["rule"] for one in expected}
    assert len(read) > 50
    assert sorted(rule for rule in read if not rules.known(rule)) == []


def test_no_sentence_is_of_a_rule_that_nobody_gives(found: list[tuple[str, str, list[str]]]) -> None:
    every = {rule for _path, _written, given in found for rule in given}
    every |= {*Failure, *NoSlotsKind, IN_DOUBT, *(mark.rule for mark in marks.MARKS)}
    every |= {rule for rule, _ in closures._RULES}
    told = {*rules.ANSWERS, *rules.OBSTACLES, *rules.DOUBTS, "no_step"}
    assert sorted(rule for rule in told - every if not rule.startswith("step_")) == []


def test_a_sentence_is_whole_and_stands_once() -> None:
    told = [*rules.ANSWERS.values(), *rules.OBSTACLES.values(), *rules.DOUBTS.values(), *rules.OURS.values()]
    assert [one for one in told if not (one[0].isupper() and one.endswith("."))] == []
    kinds = (rules.ANSWERS, rules.OBSTACLES, rules.DOUBTS, rules.OURS)
    assert len({rule for kind in kinds for rule in kind}) == len(told)


def test_a_rule_of_nobody_says_so() -> None:
    assert "No reader of this version" in rules.sentence("a_mark_of_a_description")
    assert rules.sentence("error_404") == rules.BEGINNINGS["error_"]
    assert rules.sentence("walk_failed:KeyError") == rules.OURS["walk_failed:"]


def test_the_page_of_rules_is_current() -> None:
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == document() + "\n"
