"""The committed dashboards, their panels and their queries, for the tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.cast.grafana_queries import Values

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "grafana" / "dashboards"
BOARDS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.rglob("*.json"))
}
PUBLIC = [uid for uid in BOARDS if uid != "vigie-operateur"]
VALUES: Values = {
    "embargo": "24 hours",
    "nature": "false",
    "target": "vienne-sejour",
    "departement": "86",
    "prefecture": ["Vienne"],
    "porte1": "vienne-sejour",
    "porte2": "vienne-permis",
    "decision": "ta-poitiers",
    "semaines": "4",
    "temoins": ["cher-sejour"],
}
"""What a person chose in every variable."""


def panels(uid: str) -> list[dict[str, Any]]:
    """The panels that show something: no row headings."""
    return [panel for panel in BOARDS[uid]["panels"] if panel["type"] != "row"]


def named() -> list[tuple[str, int]]:
    """Every panel: dashboard and number."""
    return [(uid, panel["id"]) for uid in BOARDS for panel in panels(uid)]


def panel(uid: str, number: int) -> dict[str, Any]:
    """One panel."""
    return next(p for p in panels(uid) if p["id"] == number)


def queries(kind: str) -> Iterator[tuple[str, int, str]]:
    """Dashboard, panel and text of every query of one kind: `rawSql` or `expr`."""
    for uid, number in named():
        for target in panel(uid, number).get("targets", ()):
            if kind in target:
                yield uid, number, target[kind]


def annotation_queries() -> list[tuple[str, str, str]]:
    """Dashboard, name and SQL of every annotation."""
    return [
        (uid, mark["name"], mark["target"]["rawSql"])
        for uid, data in BOARDS.items()
        for mark in data.get("annotations", {}).get("list", ())
        if "rawSql" in mark.get("target", {})
    ]


def variables() -> list[tuple[str, str, str]]:
    """Dashboard, name and SQL of every variable that is a query."""
    return [
        (uid, variable["name"], variable["query"])
        for uid, data in BOARDS.items()
        for variable in data["templating"]["list"]
        if variable["type"] == "query"
    ]
