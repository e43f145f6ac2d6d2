"""What the report says beside its statement."""

from __future__ import annotations

from monitor.evidence.bundle import report
from monitor.model import GapReason, Origin
from monitor.store import EntryKind
from monitor.store.record.counts import Count
from probes.model import Outcome
from tests.cast.observations import target


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
