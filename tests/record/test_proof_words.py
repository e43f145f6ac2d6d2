"""How far a reader is proven, in the words that people are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from monitor.model import Language
from monitor.present.proof import caution, proof, unproven
from probes import registry
from probes.proof import PageOrigin, Templates

TEMPLATES = Templates(repository="betagouv/example", commit="0123456789abcdef0123456789abcdef01234567")


@dataclass
class Reader:
    verified_on: date | None = None
    templates: Templates | None = None


@pytest.mark.parametrize(
    ("reader", "french", "english"),
    [
        (
            Reader(),
            "non prouvé, essayé sur des pages reconstituées seulement",
            "unproven, tested on reconstructed pages only",
        ),
        (
            Reader(templates=TEMPLATES),
            "non prouvé, essayé sur des pages rendues par les modèles publiés "
            "(betagouv/example@0123456789ab) seulement",
            "unproven, tested on rendered pages (betagouv/example@0123456789ab) only",
        ),
        (
            Reader(verified_on=date(2026, 11, 28), templates=TEMPLATES),
            "prouvé sur une page enregistrée du site réel, lue juste le 28/11/2026",
            "proven on a page recorded from the real site, read rightly on 2026-11-28",
        ),
    ],
)
def test_the_degree_is_said_in_both_languages(reader: Reader, french: str, english: str) -> None:
    assert proof(reader) == french
    assert proof(reader, "en") == english


def test_it_can_be_said_of_the_origin_alone() -> None:
    assert unproven(PageOrigin.RENDERED) == (
        "non prouvé, essayé sur des pages rendues par les modèles publiés seulement"
    )


def test_one_sentence_goes_with_the_results_of_an_unproven_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    readers = {"classic": Reader(), "rendered": Reader(templates=TEMPLATES)}
    readers["proven"] = Reader(verified_on=date(2026, 11, 28))
    monkeypatch.setattr(registry, "platform", readers.__getitem__)
    french = "Plateforme {} non prouvée : son lecteur n'a encore lu aucune page enregistrée du site réel."
    english = "Platform {} not confirmed: its reader has not yet read any page recorded from the real site."
    for name in ("classic", "rendered", "gone"):
        assert caution(name) == french.format(name)
        assert caution(name, Language.ENGLISH) == english.format(name)
    assert (caution("proven"), caution("proven", Language.ENGLISH)) == ("", "")
