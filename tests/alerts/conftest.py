"""A cast for the mails: one préfecture, its runs of zeros, and a week of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.alerts.stories import Control, Digest, Footer, Incident, Kind, Line, Links, Opening, Story, Week
from monitor.model import Change, Phase, Tally, Transition, Trouble
from probes.model import Outcome, Target

MONDAY = datetime(2026, 3, 2, 8, 20, tzinfo=UTC)
PAGE = "https://vigie.example.org/guichets/86-sejour"


@pytest.fixture
def target() -> Target:
    return make_target()


def make_target(**more: Any) -> Target:
    given = {
        "id": "86-sejour",
        "platform": "booking",
        "url": "https://www.vienne.gouv.fr/booking/create/12345",
        "prefecture": "Préfecture de la Vienne",
        "departement": "86",
        "demarche": "Première demande de titre de séjour",
    }
    return Target(**(given | more))


def make_tally(days: int = 9, **more: Any) -> Tally:
    last = MONDAY + timedelta(days=days)
    given = {"zeros": 24 * days - 6, "days": days + 1, "weeks": days // 7 + 1, "others": 5, "gaps": 3}
    return Tally(since=MONDAY, last=last, last_day=last.date(), **(given | more))


def make_transition(change: Change, **more: Any) -> Transition:
    tally = make_tally(more.get("milestone") or 2)
    before = Phase.UNKNOWN if change is Change.ZERO else Phase.ZERO
    after = {Change.SLOTS: Phase.OFFERED, Change.UNSTABLE: Phase.UNSTABLE}.get(change, Phase.ZERO)
    given = {"before": before, "after": after, "tally": tally, "row": 4211}
    return Transition(target="86-sejour", change=change, at=tally.last, since=tally.since, **(given | more))


@pytest.fixture
def story() -> Callable[..., Story]:
    def make(change: Change = Change.ZERO, *, milestone: int | None = None, **more: Any) -> Story:
        transition = make_transition(change, milestone=milestone)
        opening = Opening(
            first=transition.at,
            last=transition.at + timedelta(minutes=55),
            gone=transition.at + timedelta(hours=2),
        )
        given = {
            "transition": transition,
            "target": make_target(),
            "words": "Il n'existe plus de plage horaire libre pour votre demande de rendez-vous.",
            "control": Control(
                demarche="Remise de titre",
                outcome=Outcome.SLOTS_OFFERED,
                at=transition.at - timedelta(minutes=4),
            ),
            "opening": opening if change in (Change.SLOTS, Change.UNSTABLE) else None,
            "links": Links(page=PAGE, capture=f"{PAGE}/releves/4211/capture", bundle=f"{PAGE}/pieces"),
        }
        return Story(**(given | more))

    return make


@pytest.fixture
def footer() -> Footer:
    return Footer(
        checkpoint="vigie.example.org/log 18211 Zk9tW3Q5rM0eXyVxJY2vJkYqT3m8cN1bq0h6s8vXr3w=",
        unsubscribe="https://vigie.example.org/alertes/desabonnement/b2xk.3f9a1c",
    )


@pytest.fixture
def week() -> Digest:
    full = Week(scheduled=168, made=166, zeros=160, slots=0)

    def line(demarche: str, phase: Phase, **more: Any) -> Line:
        given = {"week": full, "links": Links(page=PAGE, capture=f"{PAGE}/releves/4211/capture")}
        return Line(target=make_target(demarche=demarche), phase=phase, **(given | more))

    return Digest(
        start=MONDAY,
        end=MONDAY + timedelta(days=7),
        new=(line("Changement de statut", Phase.ZERO, tally=make_tally(3)),),
        ended=(line("Duplicata", Phase.OFFERED, week=Week(scheduled=168, made=168, zeros=120, slots=40)),),
        records=(line("Première demande", Phase.ZERO, tally=make_tally(62), milestone=60),),
        ongoing=(line("Renouvellement", Phase.ZERO, tally=make_tally(35)),),
        unstable=(line("Remise de titre", Phase.UNSTABLE),),
        unavailable=(
            line("Naturalisation", Phase.ZERO, week=Week(scheduled=168, made=160), trouble=Trouble.DOWN),
        ),
        insufficient=(
            line("Document de circulation", Phase.UNKNOWN, week=Week(scheduled=168, made=90, zeros=80)),
        ),
        offered=4,
    )


@pytest.fixture
def incidents() -> tuple[Incident, ...]:
    return (
        Incident(kind=Kind.REDESIGNED, key="booking", since=MONDAY, targets=("86-sejour", "86-duplicata")),
        Incident(
            kind=Kind.BLIND,
            key="moniteur",
            since=MONDAY,
            detail="30 des 30 dernières visites ont échoué, sur 24 sites sans rapport",
            targets=tuple(f"{n:02}-sejour" for n in range(1, 31)),
        ),
    )
