"""The dashboard « Opérateur »: does the service itself work?

Its data come from Prometheus, and from tables without personal data.
"""

from __future__ import annotations

from typing import Any

from grafana_foundation_sdk.builders import stat, table, timeseries
from grafana_foundation_sdk.models import common

from grafana import kit as k
from grafana.board import board
from grafana.kit import panel, promql, sql
from monitor.model import GapReason
from monitor.present.words import label
from probes.model import Outcome
from probes.proof import PageOrigin


def operator() -> dict[str, Any]:
    """The dashboard of the operator: coverage, outcomes, breakers, outbox, incidents, clock."""
    panels = [
        _now("up", "vigie_up").mappings(k.told({"1": "oui", "0": "non"})),
        _now("coverage", "vigie:coverage:24h", "percentunit"),
        _now("scheduled", "vigie:all_scheduled:24h"),
        _now("usable", "vigie:usable:24h", "percentunit"),
        _now("stale", "vigie_stale_targets"),
        _now("breakers", "sum(vigie_host_breaker_open)"),
        _outcomes(),
        _missed(),
        _series("pages", "vigie_host_pages_today", "host"),
        _series("ages", "time() - vigie_last_observation_timestamp_seconds", "target", "dthms"),
        _week(),
        _proof(),
        "Courrier, horloge, navigateur, scellés, incidents",
        panel(table.Panel(), "outbox", sql("outbox"), width=12, height=5),
        panel(timeseries.Panel(), "clock", sql("clock"), width=12, height=5, unit="s"),
        _browser(),
        panel(table.Panel(), "seals", sql("seals"), width=8, height=7),
        _now("rollups", "vigie_rollup_differences").span(8).height(7),
        panel(table.Panel(), "missed_by_day", sql("gap_reasons"), width=8, height=7).override_by_name(
            "raison", k.override(mappings=k.REASONS)
        ),
        panel(table.Panel(), "incidents", sql("incidents"), height=7),
    ]
    return board("vigie-operateur", [], panels, since="now-24h", refresh="1m")


_HOURLY = "sum by (outcome) (vigie_observations_total - vigie_observations_total offset 1h)"


def _now(name: str, expression: str, unit: str = "none") -> stat.Panel:
    made = panel(stat.Panel(), name, promql(expression), width=4, height=4, unit=unit)
    made = made.color_mode(common.BigValueColorMode.NONE).graph_mode(common.BigValueGraphMode.AREA)
    return made.decimals(1) if unit == "percentunit" else made


def _series(name: str, expression: str, by: str, unit: str = "none") -> timeseries.Panel:
    """A line for each value of the label `by`."""
    made = panel(timeseries.Panel(), name, promql(expression, f"{{{{{by}}}}}"), width=12, unit=unit)
    return made.span_nulls(False).min(0)


def _outcomes() -> timeseries.Panel:
    made = _series("outcomes", _HOURLY, "outcome")
    for outcome in Outcome:
        shown = [*k.plain(k.COLOURS[outcome]), *k.override(displayName=label(outcome))]
        made = made.override_by_name(outcome, shown)
    return made


def _missed() -> timeseries.Panel:
    made = _series("missed", "vigie_gaps_total - vigie_gaps_total offset 1h", "reason")
    for reason in GapReason:
        made = made.override_by_name(reason, k.override(displayName=label(reason)))
    return made


def _browser() -> table.Panel:
    made = panel(table.Panel(), "browser", sql("browser"), width=24, height=7)
    made = made.override_by_name("durée médiane", k.override(unit="s", decimals=1))
    return made.override_by_name("part de défauts", k.PERCENT)


_COLUMNS = {
    "part sans créneau": "vigie:share_without_slot:7d",
    "couverture": "vigie:target_coverage:7d",
    "exploitables": "vigie:target_usable:7d",
    "n": "vigie:conclusive:7d",
}


def _proof() -> table.Panel:
    """With which pages each platform's reader was tested; only recorded ones prove it."""
    query = promql("max by (platform, page_origin) (vigie_target_info)", now=True)
    named = {"platform": "plateforme", "page_origin": "lecteur"}
    made = panel(table.Panel(), "proof", query, height=6).with_transformation(
        k.transformed("organize", excludeByName={"Time": True, "Value": True}, renameByName=named)
    )
    said = {one.value: f"non prouvé : {label(one)}" for one in PageOrigin}
    said[PageOrigin.RECORDED] = f"prouvé : {label(PageOrigin.RECORDED)}"
    return made.override_by_name("lecteur", k.override(mappings=k.told(said)))


def _week() -> table.Panel:
    # `max by (target)` drops the name of the recording rule, so that « merge » joins the rows of one target.
    targets = [
        promql(f"max by (target) ({expression})", ref_id=chr(65 + i), now=True)
        for i, expression in enumerate(_COLUMNS.values())
    ]
    named = {"target": "guichet"} | {f"Value #{chr(65 + i)}": name for i, name in enumerate(_COLUMNS)}
    order = {name: place for place, name in enumerate(named)}
    made = panel(table.Panel(), "week", *targets, height=10).with_transformation(k.transformed("merge"))
    made = made.with_transformation(
        k.transformed("organize", excludeByName={"Time": True}, indexByName=order, renameByName=named)
    )
    return k.figures(made)
