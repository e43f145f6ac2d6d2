"""Every SQL query of every panel, annotation and variable runs on a real PostgreSQL and finds its rows."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from grafana.queries import query
from monitor.store import Store
from probes.model import Outcome
from tests.cast.dashboards import PUBLIC, annotation_queries, panel, queries, variables
from tests.cast.observations import observation, target
from tests.cast.supply import HOUR
from tests.grafana.weeks import SINCE, Query, asking

pytestmark = pytest.mark.postgresql
SQL = list(queries("rawSql"))


@pytest.mark.parametrize(("uid", "number", "text"), SQL, ids=[f"{u}-{n}" for u, n, _ in SQL])
def test_no_panel_is_empty(sql: Query, uid: str, number: int, text: str) -> None:
    rows = sql(text)
    assert rows, panel(uid, number)["title"]
    assert any(value not in (None, 0, "") for row in rows for value in row.values())


@pytest.mark.parametrize(("uid", "number", "text"), SQL, ids=[f"{u}-{n}" for u, n, _ in SQL])
def test_no_day_is_given_as_an_instant(sql: Query, uid: str, number: int, text: str) -> None:
    """Grafana would show midnight in Greenwich, two o'clock in Paris."""
    days = {name for row in sql(text) for name, value in row.items() if type(value) is date}
    assert not days


@pytest.mark.parametrize(("uid", "name", "text"), annotation_queries())
def test_no_annotation_is_empty(sql: Query, uid: str, name: str, text: str) -> None:
    rows = sql(text)
    assert rows, (uid, name)
    assert {"time", "text", "tags"} <= rows[0].keys()


@pytest.mark.parametrize(("uid", "name", "text"), variables())
def test_no_variable_is_empty(sql: Query, uid: str, name: str, text: str) -> None:
    rows = sql(text)
    assert rows, (uid, name)
    assert set(rows[0]) == {"__text", "__value"}


def test_the_other_door_is_in_the_same_prefecture(sql: Query) -> None:
    (text,) = {text for _, name, text in variables() if name == "porte2"}
    assert [row["__value"] for row in sql(text)] == ["vienne-permis"]


PUBLISHED = [(u, n, t) for u, n, t in SQL if u in PUBLIC and "events WHERE id" not in t.splitlines()[-1]]


@pytest.mark.parametrize(("uid", "number", "text"), PUBLISHED, ids=[f"{u}-{n}" for u, n, _ in PUBLISHED])
def test_what_is_under_embargo_is_on_no_public_panel(sql: Query, uid: str, number: int, text: str) -> None:
    """With an embargo longer than the record nothing is left of it, on any panel."""
    counted = ("jour", "ici, en ligne", "réserve", "quantile", "parmi toutes les sondes")
    rows = sql(text, embargo="10 years")
    values = [value for row in rows for name, value in row.items() if name not in counted]
    assert all(value in (None, 0, "", "aucune") for value in values), panel(uid, number)["title"]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue", "Asia/Kolkata"])
def test_the_zone_of_a_session_changes_no_value(sql: Query, seeded: tuple[str, Store], zone: str) -> None:
    """Nor what is under embargo: with one that ends between two midnights of that zone."""
    texts = {text for _, _, text in (*SQL, *annotation_queries())}
    since_middle = (datetime.now(UTC) - SINCE) // HOUR - 28 * 24
    with asking(seeded[0], zone) as there:
        for text in texts:
            assert there(text) == sql(text)
            for hour in range(0, 24, 5):
                embargo = f"{since_middle + hour} hours"
                assert there(text, embargo=embargo) == sql(text, embargo=embargo)


def test_no_address_makes_the_embargo_shorter(sql: Query, seeded: tuple[str, Store]) -> None:
    """A visit of two hours ago, and a reader who writes `var-embargo=0 hours`."""
    now = datetime.now(UTC)
    seeded[1].record_targets([target("frais", prefecture="Lozère", departement="48")])
    seeded[1].append_observation(observation(now - 2 * HOUR, Outcome.SLOTS_OFFERED, "frais"))
    for name in ("states", "rows", "ruler", "droughts"):
        asked = {"since": now - 30 * HOUR, "until": now, "target": "frais", "embargo": "0 hours"}
        assert sql(query(name), **asked) == []


def test_a_target_with_a_quote_in_its_name_breaks_no_query(sql: Query) -> None:
    for _, _, text in SQL:
        sql(text, target="l'autre", porte1="d'ici", prefecture=["L'Isle"])
