"""What each panel shows is what was seeded: totals, states, notices, mails, incidents, browser, seals."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from grafana.queries import BOTH_TARGETS, EVERYWHERE, GUICHET, PARTS, PREFECTURE, query
from monitor.figures import loading
from monitor.figures.period import Counts, Insufficient
from monitor.figures.shares import Share, share, share_of, weekly
from monitor.store import Store
from tests.cast.dashboards import ROOT, annotation_queries, queries, variables
from tests.cast.seeding import NOTICE, OFFSET
from tests.grafana.weeks import (
    BROWSER,
    EVENT,
    FIRST,
    GUICHETS,
    INCIDENT,
    LAST,
    LOGGED,
    SILENCES,
    UNWATCHED,
    Query,
    load,
)

pytestmark = pytest.mark.postgresql
SCOPES = {
    EVERYWHERE: [*GUICHETS, UNWATCHED.id, "paris-sejour", *SILENCES],
    PREFECTURE: ["vienne-sejour", "vienne-permis"],
    BOTH_TARGETS: ["vienne-sejour", "vienne-permis"],
    GUICHET: ["vienne-sejour"],
}


def counted(seeded: tuple[str, Store], names: list[str]) -> Counts:
    return sum((load(seeded, name).counts for name in names), Counts())


def value_of(figure: Share | Insufficient) -> float | None:
    return figure.value if isinstance(figure, Share) else None


def only(rows: list[dict[str, Any]]) -> dict[str, Any]:
    (row,) = rows
    return row


@pytest.mark.parametrize("scope", SCOPES)
def test_totals_add_up_the_targets_of_their_scope(sql: Query, seeded: tuple[str, Store], scope: str) -> None:
    row, counts = only(sql(query("totals", scope))), counted(seeded, SCOPES[scope])
    assert row["part sans créneau"] == value_of(share(counts))
    assert (row["n"], row["programmées"]) == (counts.conclusive, counts.scheduled)
    assert (row["couverture"], row["exploitables"]) == (counts.coverage, counts.usable)


@pytest.mark.parametrize("scope", [EVERYWHERE, PREFECTURE])
def test_the_table_beside_the_wall_has_each_targets_share(
    sql: Query, seeded: tuple[str, Store], scope: str
) -> None:
    rows = {row["target"]: row for row in sql(query("guichets", scope))}
    assert set(rows) == set(SCOPES[scope])
    for name, row in rows.items():
        record = load(seeded, name)
        counts = record.counts
        assert row["part sans créneau"] == value_of(share_of(record, least=50))
        assert (row["n"], row["couverture"]) == (counts.conclusive, counts.coverage)


def test_the_weeks_of_a_prefecture_add_up_its_targets(sql: Query, seeded: tuple[str, Store]) -> None:
    rows = {row["semaine"]: row for row in sql(query("weekly", PREFECTURE))}
    two = [weekly(load(seeded, name)) for name in SCOPES[PREFECTURE]]
    for one, other in zip(*two, strict=True):
        counts = one.counts + other.counts
        assert rows[one.name]["part sans créneau"] == value_of(share(counts, least=50))
        assert (rows[one.name]["n"], rows[one.name]["couverture"]) == (counts.conclusive, counts.coverage)


@pytest.mark.parametrize("scope", [EVERYWHERE, PREFECTURE])
def test_every_honesty_bar_is_all_that_was_scheduled(
    sql: Query, seeded: tuple[str, Store], scope: str
) -> None:
    shown = sorted(row["n programmées"] for row in sql(query("parts", scope)))
    assert shown == sorted(load(seeded, name).counts.scheduled for name in SCOPES[scope])


def test_the_honesty_bar_of_each_week_is_all_that_was_scheduled_in_it(
    sql: Query, seeded: tuple[str, Store]
) -> None:
    rows = sql(query("parts_weeks", PREFECTURE))
    two = [weekly(load(seeded, name)) for name in SCOPES[PREFECTURE]]
    assert [(row["semaine"], row["n programmées"]) for row in rows] == [
        (one.name, one.counts.scheduled + other.counts.scheduled) for one, other in zip(*two, strict=True)
    ]
    assert all(sum(row[label] for label in PARTS.values()) == row["n programmées"] for row in rows)
    whole = sql(query("parts", PREFECTURE))
    for label in PARTS.values():
        assert sum(row[label] for row in rows) == sum(row[label] for row in whole)


def test_guichets_of_the_same_words_are_told_apart(sql: Query) -> None:
    (bar,) = (row for row in sql(query("parts")) if row["guichet"].startswith("Paris"))
    assert bar["guichet"] == "Paris (75), titre de séjour [paris-sejour]"
    offered = {row["__text"] for _, name, text in variables() if name == "target" for row in sql(text)}
    twins = {"Paris (75), titre de séjour [paris-sejour]", "Paris (75), titre de séjour [paris-sejour-2]"}
    assert twins | {"Vienne (86), titre de séjour"} <= offered


def test_the_states_are_the_outcomes_in_order(sql: Query, seeded: tuple[str, Store]) -> None:
    rows = load(seeded, "vienne-sejour").rows
    expected = [(at, outcome or "not_executed") for at, outcome in rows.select("at", "outcome").iter_rows()]
    assert [(row["time"], row["état"]) for row in sql(query("states"))] == expected
    latest = sql(query("rows"))
    assert [(row["instant"], row["état"]) for row in latest] == expected[::-1][:200]
    numbers = {row.id for row in seeded[1].entries(target="vienne-sejour")}
    assert {row["ligne"] for row in latest} <= numbers


def test_the_notice_was_seen_at_every_visit_that_read_it(sql: Query, seeded: tuple[str, Store]) -> None:
    seen = [row for row in seeded[1].observations("vienne-sejour") if row.reading.notices]
    row = only(sql(query("notices")))
    assert (row["annonce"], row["n"]) == (NOTICE, len(seen))
    assert (row["vue la première fois"], row["vue la dernière fois"]) == (seen[0].at, seen[-1].at)


@pytest.mark.parametrize("name", [*SILENCES, *GUICHETS])
def test_the_hours_in_which_a_site_answered(sql: Query, seeded: tuple[str, Store], name: str) -> None:
    row, found = only(sql(query("site"), target=name)), loading.site(seeded[1], name, FIRST, LAST)
    assert row["site"] == found.host
    assert row["part des heures avec réponse"] == found.value
    assert (row["n"], row["sans réponse"], row["écartées"]) == (found.hours, found.down, found.excluded)


def test_an_hour_in_which_everybody_is_silent_is_nobodys(sql: Query) -> None:
    row = only(sql(query("site"), target="lyon"))
    assert (row["n"], row["sans réponse"], row["écartées"]) == (4, 2, 1)
    assert row["part des heures avec réponse"] == 0.5


def test_gaps_by_day_and_reason_are_the_gaps(sql: Query, seeded: tuple[str, Store]) -> None:
    gaps = Counter((str(gap.day), gap.reason.value) for gap in seeded[1].gaps())
    assert {(row["jour"], row["raison"]): row["n"] for row in sql(query("gap_reasons"))} == gaps


def test_the_clock_is_as_far_off_as_it_was(sql: Query) -> None:
    assert {row["écart de l'horloge"] for row in sql(query("clock"))} == {OFFSET.total_seconds()}


def test_the_browser_is_told_apart_by_version_with_its_faults(sql: Query) -> None:
    row = only(sql(query("browser")))
    faults = sum(outcome == "probe_error" for outcome, _ in BROWSER)
    assert (row["navigateur"], row["n"], row["défauts"]) == ("Chromium 156", len(BROWSER), faults)
    assert row["part de défauts"] == faults / len(BROWSER)
    assert row["durée médiane"] == median(seconds for _, seconds in BROWSER)


def test_the_days_of_the_log_and_which_may_be_sealed(sql: Query) -> None:
    rows = {row["jour"]: (row["enregistrements"], row["état"]) for row in sql(query("seals"))}
    assert rows == {str(day): (n, "clos" if day < max(LOGGED) else "en cours") for day, n in LOGGED.items()}


def test_what_waits_to_be_sent(sql: Query) -> None:
    row = only(sql(query("outbox")))
    assert (row["en attente"], row["abandonnées"]) == (1, 0)
    assert row["la plus ancienne"] == INCIDENT["opened_at"]


def test_incidents_and_events_are_shown_and_marked(sql: Query, seeded: tuple[str, Store]) -> None:
    incident = only(sql(query("incidents")))
    assert (incident["nature"], incident["où"], incident["depuis"]) == (
        "Robot refusé", INCIDENT["key"], INCIDENT["since"],
    )  # fmt: skip
    outage = only(sql(query("outages")))
    assert (outage["time"], outage["text"]) == (INCIDENT["since"], "Robot refusé : vienne.localhost")
    event, mark = only(sql(query("event"))), only(sql(query("events")))
    assert (event["décision"], event["notifiée"], event["nature"], event["source"]) == (
        EVENT["title"], str(EVENT["day"]), "décision de justice", EVENT["source"],
    )  # fmt: skip
    assert (mark["text"], mark["time"].date()) == (EVENT["title"], EVENT["day"])
    first = next(iter(seeded[1].observations("vienne-sejour")))
    assert only(sql(query("readers")))["time"] == first.at


def test_every_query_is_one_of_those_whose_values_are_tested() -> None:
    """A panel, annotation or query file that no test of values names fails here."""
    tests = [*Path(__file__).parent.glob("test_sql_*.py"), Path(__file__)]
    named = re.findall(r'query\("(\w+)"', "".join(path.read_text(encoding="utf-8") for path in tests))
    files = {path.stem for path in (ROOT / "grafana" / "sql").glob("*.sql")} - {"_shared"}
    assert files == set(named)
    known = {query(name, scope) for name in files for scope in SCOPES}
    assert {text for _, _, text in (*queries("rawSql"), *annotation_queries())} <= known
