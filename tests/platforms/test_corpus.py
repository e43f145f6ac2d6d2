"""The labelled corpus: no false conclusive reading, no wrong date, no answer missed. The README quotes it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from probes.model import AcceptedLine, Capture, Outcome, Reading, Target
from probes.platforms.classic.platform import Classic
from probes.registry import PLATFORMS, platform
from tests.cast.saved_pages import PAGES
from tests.corpus.__main__ import app
from tests.corpus.build import corpus
from tests.corpus.made import Labelled
from tests.corpus.matrix import FALSE, MISSED, Matrix, false, measure
from tests.corpus.tables import markdown
from tools.corpus_doc import README, quoted

NAMES = [each.name for each in PLATFORMS]
LARGE = ("classic", "rdv_prefecture", "rdv_service_public", "esirius", "orion")
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def visits() -> list[Labelled]:
    return list(corpus(PAGES, NAMES))


@pytest.fixture(scope="module")
def matrix(visits: list[Labelled]) -> Matrix:
    return measure(visits, platform)


@pytest.mark.slow
def test_no_reading_is_falsely_conclusive_and_no_date_is_wrong(matrix: Matrix) -> None:
    assert [str(wrong) for wrong in matrix.wrong] == []


@pytest.mark.slow
def test_it_is_large_and_holds_every_outcome(matrix: Matrix) -> None:
    assert matrix.distinct > 10_000
    assert {truth for truth, _read in matrix.whole} == set(Outcome)
    assert matrix.dates > 3_000


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.slow
def test_each_platform_has_a_thousand_visits_and_both_answers(matrix: Matrix, name: str) -> None:
    assert matrix.cells[name].total() >= 1_000
    for outcome in (Outcome.NO_SLOTS, Outcome.SLOTS_OFFERED):
        assert matrix.cells[name][outcome, outcome] > 30


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.slow
def test_without_its_marks_every_answer_of_a_platform_is_unrecognised(
    visits: list[Labelled], name: str
) -> None:
    saved = [one for one in visits if one.platform == name and one.family == "saved"]
    answers = {one.name for one in saved if one.truth.conclusive or one.truth is Outcome.REQUESTS_OPEN}
    bare = [one for one in visits if one.platform == name and one.family == "mark removed"]
    assert answers
    assert {one.name.split(" · ")[0] for one in bare} == answers
    assert {platform(name).read(one.target, one.capture).outcome for one in bare} == {Outcome.UNRECOGNISED}


@pytest.mark.slow
def test_the_readme_quotes_what_is_measured(matrix: Matrix) -> None:
    assert quoted(README.read_text(encoding="utf-8")) == markdown(matrix, PLATFORMS), (
        "run: .venv/bin/python -m tools.corpus_doc"
    )


class Credulous(Classic):
    """A reader that believes in slots wherever the sentence is missing: the mistake of most scrapers."""

    def read(self, target: Target, capture: Capture, accepted: Sequence[AcceptedLine] = ()) -> Reading:
        known = super().read(target, capture)
        if known.outcome is Outcome.NO_SLOTS:
            return known
        return Reading(outcome=Outcome.SLOTS_OFFERED, rule="sentence_absent", words="…")


@pytest.mark.slow
def test_a_credulous_reader_is_caught(visits: list[Labelled]) -> None:
    some = [one for one in visits if one.platform == "classic"][:200]
    matrix = measure(some, lambda _: Credulous())
    assert matrix.faults(FALSE)
    rate = false(matrix.whole, Outcome.SLOTS_OFFERED)
    assert rate.errors > 100
    assert rate.upper is not None
    assert rate.upper > rate.errors / rate.n


@pytest.mark.slow
def test_a_shy_reader_is_caught(visits: list[Labelled]) -> None:
    one = next(one for one in visits if one.truth is Outcome.NO_SLOTS and one.must)
    shy = type("Shy", (), {"read": lambda *_: Reading(outcome=Outcome.UNRECOGNISED, rule="x")})()
    assert [wrong.fault for wrong in measure([one], lambda _: shy).wrong] == [MISSED]


@pytest.mark.slow
def test_a_reader_that_is_a_year_off_is_caught(visits: list[Labelled]) -> None:
    one, earliest = next((one, one.earliest) for one in visits if one.earliest)
    late = replace(one, earliest=earliest.replace(year=earliest.year + 1))
    assert [wrong.fault for wrong in measure([late], platform).wrong] == ["wrong date"]


def audit(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A checkout with two pages."""
    for name in ("no_slots-empty", "slots_offered-day_key"):
        shutil.copytree(PAGES / "orion" / name, tmp_path / "orion" / name)
    shutil.copy(PAGES / "orion/platform.toml", tmp_path / "orion")
    shutil.copy(PAGES / "in_front.toml", tmp_path)
    return tmp_path


def test_the_command_prints_the_matrix_and_says_what_it_does_not_prove(few: Path) -> None:
    said = audit("--pages", str(few))
    assert said.exit_code == 0, said.output
    assert re.search(r"2 no_slots +· +\d+", said.output)
    assert "0 × false conclusive reading" in said.output
    assert "no independent sample" in said.output


def test_the_command_fails_on_one_false_conclusive_reading(few: Path) -> None:
    wrong = few / "orion/no_slots-empty/expected.json"
    said = wrong.read_text(encoding="utf-8").replace('"no_slots"', '"unrecognised"')
    wrong.write_text(said, encoding="utf-8")
    found = audit("--pages", str(few))
    assert found.exit_code == 1
    assert "orion/no_slots-empty: false conclusive reading; should be unrecognised" in found.output.replace(
        "\n", ""
    )


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda pages: shutil.rmtree(pages / "orion"), "holds no saved page; run this in a checkout"),
        (lambda pages: (pages / "in_front.toml").unlink(), "in_front.toml: cannot be read"),
        (lambda pages: (pages / "orion/platform.toml").write_text("="), "platform.toml: cannot be read"),
        (
            lambda pages: (pages / "orion/no_slots-empty/case.toml").write_text("note = 1"),
            "case.toml: cannot be used (KeyError",
        ),
        (lambda pages: (pages / "orion/no_slots-empty/1.json").unlink(), "cannot be used (FileNotFoundError"),
        (
            lambda pages: (pages / "orion/no_slots-empty/expected.json").unlink(),
            "has no reviewed reading; run tests/platforms/test_pages.py",
        ),
    ],
)
def test_what_cannot_be_read_is_named_in_one_sentence(
    few: Path, broken: Callable[[Path], object], said: str
) -> None:
    broken(few)
    failed = audit("--pages", str(few))
    assert failed.exit_code == 1
    assert said in f"{failed.exception} {failed.output}"
