"""The table of NF Z67-147: never blank, and never better than the records."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.evidence.bundle.provenance import MET, PARTLY, UNMET, Item, provenance
from monitor.evidence.bundle.statement import state
from monitor.evidence.journal import records
from monitor.model import Vantage
from tests.cast.installation import no_slots, picture
from tests.evidence.matters import TARGET, fact, hourly, matter

SERVICE = fact(
    900,
    records.FactKind.CONFIG,
    records.service_config(software="vigie 0.1.0", python="3.11.7", system="Linux", egress="192.0.2.44"),
)


def items(
    visits: Any, *, journal: Any = (SERVICE,), operator: str = "Association", stamped: str = "tsa1"
) -> dict[str, Item]:
    found = provenance(state(matter(visits)), list(journal), operator=operator, stamped=stamped)
    return {item.asked: item for item in found}


def visits(**known: Any) -> list[Any]:
    return [no_slots(TARGET, at, **known) for at in hourly(5)]


@pytest.mark.parametrize(
    "found", [items(visits()), items([]), items(visits(), journal=(), operator="", stamped="")]
)
def test_no_item_is_ever_blank(found: dict[str, Item]) -> None:
    assert len(found) == 10
    assert all(item.value.strip() and item.state in (MET, PARTLY, UNMET) for item in found.values())


def test_versions_and_address_come_from_the_journal() -> None:
    found = items(visits())
    assert "vigie 0.1.0, Python 3.11.7, Linux" in found["Machine, système, navigateur et versions"].value
    assert found["Accès à internet, adresse publique"] == Item(
        asked="Accès à internet, adresse publique", state=MET, value="192.0.2.44"
    )


def test_what_was_not_measured_is_not_met() -> None:
    found = items(visits(), journal=())
    assert found["Accès à internet, adresse publique"].state == UNMET
    assert found["Machine, système, navigateur et versions"].state == UNMET
    assert found["Horloge synchronisée"].state == UNMET
    assert found["Copies d'écran datées"].state == UNMET


def test_a_measured_clock_is_told_with_its_worst_error() -> None:
    measured = Vantage(name="p", software="v", clock_offset=timedelta(milliseconds=-37))
    item = items(visits(vantage=measured))["Horloge synchronisée"]
    assert item.state == MET
    assert "au plus 37 ms" in item.value
    assert "écart maximal avec l'heure annoncée par le serveur : 1 s" in item.value


@pytest.mark.parametrize(("pictured", "expected"), [(5, MET), (2, PARTLY), (0, UNMET)])
def test_pictures_are_met_when_every_visit_has_one(pictured: int, expected: str) -> None:
    seen = [
        no_slots(TARGET, at, shot=picture("x") if n < pictured else None) for n, at in enumerate(hourly(5))
    ]
    assert items(seen)["Copies d'écran datées"].state == expected


def test_without_a_stamp_integrity_is_met_in_part() -> None:
    assert items(visits(), stamped="")["Contenu conservé sans altération"].state == PARTLY
    assert (
        "aucun horodatage par un tiers"
        in items(visits(), stamped="")["Contenu conservé sans altération"].value
    )


def test_servers_are_named() -> None:
    assert "192.0.2.7" in items(visits())["Connexion directe, sans serveur mandataire"].value


def test_somebody_answers_or_nobody_does() -> None:
    assert items(visits(), operator="")["Personne responsable"].state == UNMET


def test_the_servers_clock_is_as_far_off_as_on_its_worst_page() -> None:
    seen = visits()
    first, *rest = seen[2].capture.steps
    behind = first.started_at - timedelta(seconds=90)
    first = replace(first, headers=(("Date", f"{behind:%a, %d %b %Y %H:%M:%S} GMT"),))
    seen[2] = replace(seen[2], capture=replace(seen[2].capture, steps=(first, *rest)))
    assert "annoncée par le serveur : 90 s" in items(seen)["Horloge synchronisée"].value


def test_a_date_that_no_calendar_has_is_passed_over() -> None:
    odd = visits()
    steps = tuple(
        replace(step, headers=(("Date", "Abc, 99 Foo 2026 99:99:99 GMT"),)) for step in odd[0].capture.steps
    )
    odd[0] = replace(odd[0], capture=replace(odd[0].capture, steps=steps))
    assert (
        "écart maximal avec l'heure annoncée par le serveur : 1 s" in items(odd)["Horloge synchronisée"].value
    )
