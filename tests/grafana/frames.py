"""What Grafana makes of an answer before a panel sees it, as it documents: frames of typed fields.

Instants in milliseconds since 1970, as its JSON has them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import psycopg

from tests.grafana.prometheus import instant

Frame = dict[str, Any]
NUMBERS = ("int2", "int4", "int8", "float4", "float8", "numeric")
INSTANTS = ("date", "timestamp", "timestamptz")
STEPS = 600
"""Points of a range query, about one a pixel and a half."""


def from_sql(conn: psycopg.Connection, target: dict[str, Any], text: str) -> list[Frame]:
    """One frame: the columns, or one series for each `metric`."""
    cursor = conn.execute(text)
    columns, rows = cursor.description or [], cursor.fetchall()
    fields = [
        {"name": c.name, "type": _kind(conn, c.type_code), "values": [_value(row[i]) for row in rows]}
        for i, c in enumerate(columns)
    ]
    by_name = {field["name"]: field["values"] for field in fields}
    if target["format"] == "time_series":
        fields = _series(by_name["time"], by_name["metric"], by_name["value"])
    return [{"refId": target["refId"], "fields": fields}]


def _kind(conn: psycopg.Connection, code: int) -> str:
    known = conn.adapters.types.get(code)
    name = known.name if known else ""
    return "number" if name in NUMBERS else "time" if name in INSTANTS else "string"


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return int(value.replace(tzinfo=value.tzinfo or UTC).timestamp() * 1000)
    if isinstance(value, date):
        return _value(datetime(value.year, value.month, value.day, tzinfo=UTC))
    return float(value) if isinstance(value, Decimal) else value


def _series(times: Sequence[int], metrics: Sequence[str], values: Sequence[Any]) -> list[dict[str, Any]]:
    table = dict(zip(zip(times, metrics, strict=True), values, strict=True))
    every = sorted(set(times))
    series = [
        {"name": name, "type": "number", "values": [table.get((at, name)) for at in every]}
        for name in dict.fromkeys(metrics)
    ]
    return [{"name": "time", "type": "time", "values": every}, *series]


def from_prometheus(
    client: httpx.Client, target: dict[str, Any], since: datetime, until: datetime
) -> list[Frame]:
    """A table of the present values, or a frame for each series."""
    if target.get("instant"):
        return [_table(target["refId"], instant(client, target["expr"], until.timestamp()), until)]
    step, end = (until - since).total_seconds() / STEPS, until.timestamp()
    asked = {"query": target["expr"], "start": end - step * STEPS, "end": end, "step": step}
    found = client.get("/query_range", params=asked).raise_for_status().json()["data"]["result"]
    return [_line(target, series) for series in found]


def _table(ref: str, samples: Sequence[dict[str, Any]], at: datetime) -> Frame:
    labels = sorted({label for sample in samples for label in sample["metric"]})
    told = [
        {"name": label, "type": "string", "values": [sample["metric"].get(label) for sample in samples]}
        for label in labels
    ]
    values = [float(sample["value"][1]) for sample in samples]
    times = {"name": "Time", "type": "time", "values": [_value(at)] * len(samples)}
    return {
        "refId": ref,
        "fields": [times, *told, {"name": f"Value #{ref}", "type": "number", "values": values}],
    }


def _line(target: dict[str, Any], series: dict[str, Any]) -> Frame:
    labels: dict[str, str] = series["metric"]
    legend = target["legendFormat"].replace("__auto", "")
    told = re.sub(r"\{\{(\w+)\}\}", lambda m: labels.get(m[1], ""), legend) or None
    times, values = zip(*series["values"], strict=True)
    return {
        "refId": target["refId"],
        "fields": [
            {"name": "Time", "type": "time", "values": [int(at * 1000) for at in times]},
            {
                "name": "Value",
                "type": "number",
                "labels": labels,
                "told": told,
                "values": [float(v) for v in values],
            },
        ],
    }
