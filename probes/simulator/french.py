"""Dates in French as the simulated pages print them. Callers convert to the préfecture's zone first."""

from __future__ import annotations

from datetime import date, datetime

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def day_month(day: date) -> str:
    """As in `20 septembre`, or `1er septembre`."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]}"


def long_day(day: date) -> str:
    """As in `mardi 20 septembre 2022`."""
    return f"{DAYS[day.weekday()]} {day_month(day)} {day.year}"


def long_instant(local: datetime) -> str:
    """As in `mardi 20 septembre 2022 à 08h00`; `local` is already in the page's zone."""
    return f"{long_day(local)} à {local:%Hh%M}"
