"""RDV Service Public's zeros: the sentence beside the motif that was chosen, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from probes.model import Outcome
from probes.platforms.rdv_service_public import RdvServicePublic
from tests.cast.saved_pages import PAGES, load

NONE = load(PAGES / "rdv_service_public/no_slots-lieu_step")
MOTIF = "Motif :&nbsp;Renouvellement de récépissé"


@pytest.mark.parametrize(
    ("beside", "outcome"),
    [
        (MOTIF, Outcome.NO_SLOTS),
        (f"{MOTIF}<br>Lieu : Préfecture", Outcome.NO_SLOTS),
        ("Lieu : Préfecture", Outcome.UNRECOGNISED),
        ("Renouvellement de récépissé", Outcome.UNRECOGNISED),
        ("", Outcome.UNRECOGNISED),
    ],
)
def test_the_sentence_counts_beside_the_chosen_motif_alone(beside: str, outcome: Outcome) -> None:
    (step,) = NONE.capture.steps
    shown = replace(step, body=step.body.replace(MOTIF.encode(), beside.encode()))
    reading = RdvServicePublic().read(NONE.target, replace(NONE.capture, steps=(shown,)))
    assert reading.outcome is outcome


def test_the_sentence_counts_on_the_pages_of_the_search_alone() -> None:
    (step,) = NONE.capture.steps
    elsewhere = replace(step, final_url=step.final_url.replace("/prendre_rdv", "/org/2458"))
    assert elsewhere != step
    reading = RdvServicePublic().read(NONE.target, replace(NONE.capture, steps=(elsewhere,)))
    assert reading.outcome is Outcome.UNRECOGNISED
