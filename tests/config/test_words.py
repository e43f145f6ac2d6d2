"""Every closed word has its French and English wording, and its line in the glossary."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.model import Agreement, Corroboration, GapReason, Language, Origin, Suspicion, Verdict
from monitor.present.language import moment
from monitor.present.words import WORDS, attributed, is_answer, label
from probes.failures import Failure
from probes.model import NoSlotsKind, Outcome, Transport
from probes.proof import PageOrigin

GLOSSARY = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
VOCABULARIES = (
    *(Outcome, NoSlotsKind, GapReason, Failure, Origin, Transport),
    *(Agreement, Corroboration, Suspicion, Verdict, PageOrigin),
)
MEMBERS = [member for vocabulary in VOCABULARIES for member in vocabulary]
NOUNS = ["Target", "Platform", "Session", "Capture", "Reading", "Observation", "Gap", "Transition"]
NOUNS += ["Alert", "Seal", "Bundle"]


@pytest.mark.parametrize("member", MEMBERS)
def test_every_word_has_a_line_in_the_glossary_with_the_wording_shown_to_people(member: StrEnum) -> None:
    start = f"| `{member}` | {label(member, 'fr')} | {label(member, 'en')} | "
    lines = [line for line in GLOSSARY.splitlines() if line.startswith(start)]
    assert len(lines) == 1
    assert len(lines[0]) > len(start) + len("x. |")


def test_the_glossary_has_no_line_for_a_word_that_is_gone() -> None:
    lines = [line.split("`")[1] for line in GLOSSARY.splitlines() if line.startswith("| `")]
    assert sorted(lines) == sorted(MEMBERS)


@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_of_the_house_is_explained(noun: str) -> None:
    assert f"| **{noun}** | " in GLOSSARY


def test_no_two_vocabularies_share_a_word() -> None:
    assert len(set(MEMBERS)) == len(MEMBERS) == len(WORDS)


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_no_two_words_of_a_list_are_shown_alike(vocabulary: type[StrEnum], lang: str) -> None:
    shown = [label(member, "fr" if lang == "fr" else "en") for member in vocabulary]
    assert len(set(shown)) == len(shown)
    assert all(shown)


def test_french_is_the_default() -> None:
    assert label(Outcome.NO_SLOTS) == "zéro créneau"
    assert label(Outcome.NO_SLOTS, "en") == "no slots"


@pytest.mark.parametrize("member", MEMBERS)
def test_nothing_is_said_to_have_been_bookable(member: StrEnum) -> None:
    assert "réservable" not in label(member)
    assert "bookable" not in label(member, "en")


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Europe/Paris", "UTC+1"),
        ("America/Cayenne", "UTC\N{MINUS SIGN}3"),
        ("Pacific/Marquesas", "UTC\N{MINUS SIGN}9:30"),
    ],
)
def test_an_hour_says_how_far_it_is_from_utc_on_either_side(zone: str, told: str) -> None:
    at = datetime(2026, 1, 5, 12, 5, tzinfo=UTC)
    for language in Language:
        assert moment(at, ZoneInfo(zone), language).endswith(f"({zone}, {told})")


@pytest.mark.parametrize(
    "words", ['{"daySlots": []}', ' { "daySlots": [ {"date": "2026-01-05"}…', "[]", "{}", '[{"a": 1}]']
)
def test_a_json_answer_is_the_server_s(words: str) -> None:
    assert is_answer(words)
    assert attributed(words) == f"réponse du serveur : {words}"
    assert attributed(words, "en") == f"server's answer: {words}"


@pytest.mark.parametrize("words", ["Aucun rendez-vous.", "", "[Complet]", "{nom}", "« {} »", "[1] Guichet"])
def test_the_words_of_a_page_are_left_as_they_are(words: str) -> None:
    assert not is_answer(words)
    assert attributed(words) == words
