"""The spreadsheet says the same dates as the report, in the préfecture's time, and runs nothing."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.evidence.bundle import spreadsheet
from monitor.evidence.bundle.statement import state
from probes.model import Precision, Slot
from tests.cast.installation import offered
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


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1"])
def test_no_words_of_a_page_are_a_formula(words: str) -> None:
    seen = offered(TARGET, PARIS_MIDNIGHT)
    (row,) = rows(replace(seen, reading=replace(seen.reading, words=words)))
    assert row["mots_de_la_page_ou_motif"] == f"'{words}"
