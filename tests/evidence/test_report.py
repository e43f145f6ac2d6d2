"""What the report says beside its statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from monitor.evidence.bundle import make, report
from monitor.evidence.bundle.statement import state
from monitor.model import GapReason, Origin
from monitor.store import EntryKind
from monitor.store.record.counts import Count
from probes.model import Outcome
from probes.proof import Templates
from tests.cast.observations import target
from tests.evidence.forbidden import offends
from tests.evidence.matters import matter


def test_other_guichets_are_counted_as_on_the_first_page() -> None:
    """Drawn visits alone: not those of a person, nor those made because another page had its turn."""
    other = target("vienne-permis", demarche="Échange de permis")

    def count(origin: Origin, result: Outcome | GapReason, n: int) -> Count:
        kind = EntryKind.OBSERVATION if isinstance(result, Outcome) else EntryKind.GAP
        return Count(target=other.id, kind=kind, origin=origin, result=result, n=n)

    counts = [
        count(Origin.SCHEDULED, Outcome.NO_SLOTS, 5),
        count(Origin.SCHEDULED, Outcome.SLOTS_OFFERED, 2),
        count(Origin.SCHEDULED, Outcome.CAPTCHA, 1),
        count(Origin.SCHEDULED, GapReason.MISFIRE, 3),
        count(Origin.CONTROL, Outcome.NO_SLOTS, 70),
        count(Origin.ATTENDED, Outcome.SLOTS_OFFERED, 9),
    ]
    assert report._other(other, counts) == ("Échange de permis", "8", "7", "5", "2")


@dataclass
class Reader:
    verified_on: date | None = None
    templates: Templates | None = None


RENDERED = Templates(repository="betagouv/example", commit="0123456789abcdef0123456789abcdef01234567")
NOT_YET = "aucune page enregistrée du site réel ne l'a encore confirmé."


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        (Reader(), f"non prouvé, essayé sur des pages reconstituées seulement : {NOT_YET}"),
        (
            Reader(templates=RENDERED),
            "non prouvé, essayé sur des pages rendues par les modèles publiés "
            f"(betagouv/example@0123456789ab) seulement : {NOT_YET}",
        ),
        (
            Reader(verified_on=date(2026, 11, 28)),
            "prouvé sur une page enregistrée du site réel, lue juste le 28/11/2026.",
        ),
        (None, "non prouvé : il n'existe plus dans cette version de Vigie."),
    ],
)
def test_it_says_how_far_the_reader_is_proven(
    monkeypatch: pytest.MonkeyPatch, reader: Reader | None, said: str
) -> None:
    def platform(_name: str) -> Reader:
        if reader is None:
            raise LookupError
        return reader

    monkeypatch.setattr(make, "platform", platform)
    told = make._proof(state(matter([])))
    assert told == f"Lecteur de cette plateforme {said}"
    assert offends(told) == []
