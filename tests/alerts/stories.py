"""One préfecture, its zeros and a week of it, as mails tell them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.model import Change, Phase, RunningDrought, Transition
from probes.model import Target

MONDAY = datetime(2026, 3, 2, 8, 20, tzinfo=UTC)
PAGE = "https://vigie.example.org/guichets/86-sejour"


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


def make_drought(days: int = 9, **more: Any) -> RunningDrought:
    last = MONDAY + timedelta(days=days)
    given = {"zeros": 24 * days - 6, "days": days + 1, "weeks": days // 7 + 1, "others": 5, "gaps": 3}
    return RunningDrought(since=MONDAY, last=last, last_day=last.date(), **(given | more))


def make_transition(change: Change, **more: Any) -> Transition:
    drought = make_drought(more.get("milestone") or 2)
    before = Phase.UNKNOWN if change is Change.ZERO else Phase.ZERO
    after = {Change.SLOTS: Phase.OFFERED, Change.UNSTABLE: Phase.UNSTABLE}.get(change, Phase.ZERO)
    given: dict[str, Any] = {"before": before, "after": after, "drought": drought, "row": 4211}
    # Slots began when they were seen; all else began with the drought.
    since = drought.last if change is Change.SLOTS else drought.since
    return Transition(target="86-sejour", change=change, at=drought.last, since=since, **(given | more))
