"""The spreadsheet says the same dates as the report, in the préfecture's time, and runs nothing."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.evidence.bundle import spreadsheet
from monitor.evidence.bundle.statement import state
from monitor.model import Origin, Vantage
from probes.model import Precision, Slot
from tests.cast.installation import no_slots, offered
from tests.evidence.matters import PARIS_MIDNIGHT, TARGET, matter


def rows(*visits: Any) -> list[dict[str, str]]:
    statement = state(matter(visits))
    text = spreadsheet.sheet([(statement, statement.rows)]).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_dates_of_slots_are_the_ones_the_page_showed() -> None:
    """A day without an hour begins at midnight in Paris: in UTC that is the day before."""
    seen = offered(TARGET, PARIS_MIDNIGHT)
    days = [
        Slot(starts_at=datetime(2027, 3, 3, 23, tzinfo=UTC), precision=Precision.DAY),
        Slot(starts_at=datetime(2027, 3, 28, 22, tzinfo=UTC), precision=Precision.DAY),
    ]
    seen = replace(seen, reading=replace(seen.reading, earliest=days[0], second=days[1]))
    (row,) = rows(seen)
    assert (row["premiere_date"], row["deuxieme_date"]) == ("04/03/2027", "29/03/2027")


def test_hours_of_slots_are_local() -> None:
    (row,) = rows(offered(TARGET, PARIS_MIDNIGHT, days=1))
    assert (row["premiere_date"], row["deuxieme_date"]) == ("21/10/2026 00:00", "24/10/2026 00:00")


def test_a_visit_has_its_last_page_its_length_and_our_clock() -> None:
    ahead = Vantage(name="p", software="v", clock_offset=timedelta(milliseconds=-37))
    seen = no_slots(TARGET, PARIS_MIDNIGHT, vantage=ahead, origin=Origin.MANUAL, scheduled_at=None)
    seen = replace(seen, finished_at=PARIS_MIDNIGHT + timedelta(seconds=2.5))
    (row,) = rows(seen)
    assert row["empreinte_page"] == seen.capture.steps[-1].body_sha256
    assert (row["pages"], row["duree_s"], row["ecart_horloge_ms"]) == ("2", "2,5", "-37")
    assert (row["programmee"], row["resultat"]) == ("non", "zéro créneau")
    assert (row["date_heure_locale"][:10], row["utc"]) == ("20/10/2026", "2026-10-19 22:00:00")


def test_a_spreadsheet_sees_that_it_is_utf_8() -> None:
    assert spreadsheet.sheet([]).startswith(b"\xef\xbb\xbfligne;")


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1"])
def test_no_words_of_a_page_are_a_formula(words: str) -> None:
    seen = offered(TARGET, PARIS_MIDNIGHT)
    (row,) = rows(replace(seen, reading=replace(seen.reading, words=words)))
    assert row["mots_de_la_page_ou_motif"] == f"'{words}"
