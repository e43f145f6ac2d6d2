"""ESII Orion as the field guide describes it: a shell, then JSON; only an empty list alone says « none »."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from probes.model import Outcome, Transport
from tests.cast.lie import NONE, NOTHING, SOME, Lie, Served

SHELL = "/orion-reservation/slots"
QUERY = "?account=EVMSPI&config=SEJOUR&usemode=app&code=REN1"
CALL = "/orion/api/1/rdv/bookings/availableSlotByDay"
OPTIONS = {
    "config_id": "6321bfa7f3e9db3bed5fed0d",
    "purpose": '{"id":"62ff72f5dce1255e27820037","businessId":"SEJ04","name":"R","duration":"00:20:00","quantity":1}',
}
DAY = {"date": "2027-01-12", "slots": [{"start": "2027-01-12T09:00:00+01:00"}]}
FIRST = datetime(2027, 1, 12, 0, 0, tzinfo=ZoneInfo("Europe/Paris"))

SHELLS = {
    "sound": "<app-root>Chargement…</app-root>",
    "in maintenance": "<h1>Maintenance</h1><p>Le service est en maintenance.</p>",
    "closed": "<h1>Service fermé</h1><p>La prise de rendez-vous est suspendue.</p>",
}

ANSWERS: dict[str, tuple[Any, frozenset[Outcome]]] = {
    "an empty list alone": ({"daySlots": []}, NONE),
    "no list": ({}, NOTHING),
    "null": ({"daySlots": None}, NOTHING),
    "an empty object": ({"daySlots": {}}, NOTHING),
    "an empty list and an error": ({"daySlots": [], "error": "E42"}, NOTHING),
    "an empty list and errors": ({"daySlots": [], "errors": [{"code": 7}]}, NOTHING),
    "an empty list and a status": ({"daySlots": [], "status": 500, "message": "Internal"}, NOTHING),
    "an empty list of several pages": ({"daySlots": [], "totalPages": 3, "page": 0}, NOTHING),
    "an empty list and the next day": ({"daySlots": [], "nextAvailableDate": "2027-02-01"}, NOTHING),
    "an empty list and a count": ({"daySlots": [], "count": 4}, NOTHING),
    "a day": ({"daySlots": [DAY]}, SOME),
    "a day without slots": ({"daySlots": [{"date": "2027-01-12", "slots": []}]}, NOTHING),
    "a day of sites without slots": (
        {"daySlots": [{"date": "2027-01-12", "sites": [{"slots": []}]}]},
        NOTHING,
    ),
    "a closed day": ({"daySlots": [{"date": "2027-01-12", "closed": True}]}, NOTHING),
    "a count of zero": ({"daySlots": [{"date": "2027-01-12", "count": 0}]}, NOTHING),
    "slots that are taken": (
        {"daySlots": [{"date": "2027-01-12", "slots": [{"start": "09:00", "available": False}]}]},
        NOTHING,
    ),
    "a day long ago": ({"daySlots": [{"date": "2020-03-02", "slots": [{"start": "09:00"}]}]}, NOTHING),
    "a day in 2099": ({"daySlots": [{"date": "2099-03-02", "slots": [{"start": "09:00"}]}]}, NOTHING),
    "a list": ([], NOTHING),
    "a word": ("daySlots", NOTHING),
    "html": ("<!doctype html><p>daySlots []</p>", NOTHING),
}


def lies() -> Iterator[Lie]:
    """Every answer after every shell."""
    for shell, html in SHELLS.items():
        for name, (value, accept) in ANSWERS.items():
            yield _lie(f"{name}, shell {shell}", html, value, accept if shell == "sound" else NOTHING)


def _lie(name: str, html: str, value: Any, accept: frozenset[Outcome]) -> Lie:
    page = f"<!doctype html><html><head><title>Orion</title></head><body>{html}</body></html>"
    return Lie(
        name=f"orion: {name}",
        platform="orion",
        why="only an empty list alone says none, only open slots say some",
        accept=accept,
        start=SHELL + QUERY,
        pages={
            ("GET", SHELL): Served(body=page.encode()),
            ("POST", CALL): Served(body=json.dumps(value).encode(), kind="application/json"),
        },
        earliest=FIRST if accept is SOME else None,
        options=OPTIONS,
        transports=frozenset({Transport.HTTP}),
    )
