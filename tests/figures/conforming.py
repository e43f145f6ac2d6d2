"""Cells of the published CSV against what the Table Schema and the dictionary say of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from monitor.figures.opendata import INSTANT

READS: dict[str, Callable[[str], object]] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": {"true": True, "false": False}.__getitem__,
    "date": date.fromisoformat,
    "datetime": lambda cell: datetime.strptime(cell, INSTANT).replace(tzinfo=UTC),
}


def conforms(cell: str, field: dict[str, Any]) -> None:
    constraints = field.get("constraints", {})
    assert cell or not constraints.get("required"), field["name"]
    if cell:
        READS[field["type"]](cell)
        assert cell in constraints.get("enum", [cell])


def written(value: object) -> str:
    """As the dictionary says that a CSV writes it."""
    if isinstance(value, datetime):
        return value.strftime(INSTANT)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
