"""The registry of dated events."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from monitor.figures.decisions import KINDS, EventKind, read_decisions
from monitor.problems import BadInput
from tests.cast.observations import target

GOOD = """
[[decision]]
id = "ta-poitiers-2026"
kind = "decision"
day = 2026-03-30
complied = 2026-04-06
title = "TA Poitiers, n° 2600000"
source = "https://example.org/decision"
departement = "86"

[[decision]]
id = "refonte"
kind = "redesign"
day = 2026-03-01
title = "Nouvelle page"
source = "https://example.org/page"
target = "vienne-titre"
"""

KNOWN = {one.id: one for one in (target("vienne-titre"), target("vienne-permis"))}


def written(folder: Path, text: str) -> Path:
    path = folder / "decisions.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_events_come_in_order_of_day_with_their_scope(tmp_path: Path) -> None:
    redesign, decision = read_decisions(written(tmp_path, GOOD), KNOWN)
    assert (redesign.kind, decision.kind) == (EventKind.REDESIGN, EventKind.DECISION)
    assert decision.complied == date(2026, 4, 6)
    assert decision.concerns(target("any"))
    assert not decision.concerns(target("any", departement="75"))
    assert redesign.concerns(target("vienne-titre"))
    assert not redesign.concerns(target("vienne-permis"))


def test_the_day_orders_events_whatever_their_names(tmp_path: Path) -> None:
    found = read_decisions(written(tmp_path, GOOD.replace('"refonte"', '"zz-refonte"')), KNOWN)
    assert [one.id for one in found] == ["zz-refonte", "ta-poitiers-2026"]


def test_a_decision_may_be_carried_out_on_its_own_day(tmp_path: Path) -> None:
    at_once = GOOD.replace("complied = 2026-04-06", "complied = 2026-03-30")
    assert read_decisions(written(tmp_path, at_once), KNOWN)[-1].complied == date(2026, 3, 30)


def test_no_file_means_no_events(tmp_path: Path) -> None:
    assert read_decisions(tmp_path / "decisions.toml", KNOWN) == ()


def test_every_kind_has_its_words() -> None:
    assert set(KINDS) == set(EventKind)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('kind = "decision"', 'kind = "verdict"', "decision 1: kind"),
        ("complied = 2026-04-06", "complied = 2026-01-01", "lies before day"),
        ('source = "https://example.org/page"', 'source = "page"', "is not a link"),
        ('id = "refonte"', 'id = "ta-poitiers-2026"', "is used twice"),
        ('id = "refonte"', 'id = "La refonte"', "is not a short name"),
        ("[[decision]]\nid", "[[decisions]]\nid", "write each under [[decision]]"),
        ('departement = "86"', 'department = "86"', 'did you mean "departement"?'),
        ('target = "vienne-titre"', 'target = "viene-titre"', 'the record; did you mean "vienne-titre"?'),
        ('target = "vienne-titre"', 'target = "x"', 'decision "refonte", target: "x" is no target of the'),
        ('target = "vienne', 'departement = "38"\ntarget = "vienne', "is not that of vienne-titre; write"),
        ('departement = "86"', 'departement = "086"', '"086" is not a département; write its code'),
        ("day = 2026-03-01", "day = 0", "day 0 is not a day; write it like 2026-03-01"),
        ("day = 2026-03-01", "day = 86400", "day 86400 is not a day"),
        ("day = 2026-03-01", "day = 1.5", "day 1.5 is not a day"),
        ("day = 2026-03-01", 'day = "20260301"', 'day "20260301" is not a day'),
        ("day = 2026-03-01", "day = 2026-03-01T00:00:00Z", "is not a day; write it like"),
        ("day = 2026-03-01", "day = 1026-03-01", "lies outside the years 2000 to 2100"),
        ("complied = 2026-04-06", "complied = 0", "complied 0 is not a day"),
        ("day = 2026-03-30", "day = 2026-02-30", "is not valid TOML"),
        ("day = 2026-03-01\n", "", "day is missing"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in GOOD
    with pytest.raises(BadInput) as told:
        read_decisions(written(tmp_path, GOOD.replace(old, new)), KNOWN)
    assert sentence in str(told.value)


def test_a_table_that_is_no_list_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not a list of events"):
        read_decisions(written(tmp_path, "decision = 3"), KNOWN)
