"""What the journal may record of each kind, and an observation in which everything is told."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.evidence.journal import records
from monitor.model import Draw, Gap, GapReason, Observation, Vantage
from monitor.store.journal.lines import FIRST_LINK
from probes.failures import Failure
from probes.model import (
    AcceptedLine,
    Capture,
    Ink,
    LinkedSheet,
    Outcome,
    Part,
    Precision,
    Reading,
    Slot,
    Target,
    Transport,
)

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/record-v1.schema.json").read_text("utf-8"))
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
LINK = records.Link(seq=7, target="vienne-titre", target_seq=3, prev=FIRST_LINK, entry=42, recorded_at=NOON)


def an_offer() -> Reading:
    return Reading(
        outcome=Outcome.SLOTS_OFFERED,
        rule="classic.calendar",
        words="lundi 30 novembre",
        earliest=Slot(starts_at=NOON + timedelta(days=28)),
        second=Slot(starts_at=NOON + timedelta(days=30), precision=Precision.DAY),
        slots=0,
        horizon=date(2026, 12, 31),
        parts=(
            Part(label="Guichet 1", outcome=Outcome.NO_SLOTS),
            Part(label="2", outcome=Outcome.SLOTS_OFFERED),
        ),
        accepted=(
            AcceptedLine(
                line="bienvenue, à tous", at=NOON - timedelta(days=3), reason='dit "bonjour", [rien]'
            ),
            AcceptedLine(line="mentions légales", at=NOON - timedelta(days=2), reason="un lien"),
        ),
    )


def rich_observation(make_step: Any, make_observation: Any) -> Observation:
    step = make_step(
        final_url="https://www.vienne.gouv.fr/booking/create/1234/2",
        redirects=("https://www.vienne.gouv.fr/booking",),
        rendered="<p>vu</p>",
        dialogs=("Aucun créneau",),
        server_address="192.0.2.7",
        tls_sha256="ab" * 32,
        settled=False,
        ink=(
            Ink(words="lundi 30 novembre", left=4, top=900, width=80, height=17, places=2),
            Ink(words="Retour", left=4, top=950, width=40, height=17),
        ),
        refused=("POST https://www.vienne.gouv.fr/booking/next?nom=Zbyszek",),
        sheets=(LinkedSheet(url="https://www.vienne.gouv.fr/a.css", text="p {}"), LinkedSheet(url="b.css")),
    )
    failed = make_step(n=2, status=None, failure=Failure.CONNECT_TIMEOUT, headers=(), body=b"")
    seen = make_observation(
        reading=an_offer(),
        capture=Capture(
            transport=Transport.BROWSER, steps=(step, failed), screenshot=b"\xff\xd8", pictured=1
        ),
        vantage=Vantage(
            name="paris-1",
            software="vigie 0.1.0",
            browser="Chromium 156",
            user_agent="Vigie/0.1 (+https://vigie.example)",
            clock_offset=timedelta(milliseconds=-12),
        ),
    )
    assert isinstance(seen, Observation)
    return seen


TARGET = Target(
    id="vienne-titre",
    platform="classic",
    url="https://www.vienne.gouv.fr/booking/create/1234567",
    prefecture="Préfecture de la Vienne",
    departement="86",
    demarche="Premier titre de séjour",
    desk="Guichet 1",
)


EMPTY = Capture(transport=Transport.HTTP, steps=())

BODIES: list[tuple[records.FactKind, records.Body]] = [
    (
        records.FactKind.GAP,
        records.gap(Gap(target="t", scheduled_at=NOON, reason=GapReason.MISFIRE, detail="x")),
    ),
    (
        records.FactKind.DRAW,
        records.draw(
            Draw(
                target="t",
                day=date(2026, 11, 3),
                interval=timedelta(hours=1),
                instants=(NOON,),
                seed_sha256="cd" * 32,
                drawn_at=NOON,
            ),
            TARGET,
        ),
    ),
    (records.FactKind.CONFIG, records.target_config(TARGET)),
    (
        records.FactKind.CONFIG,
        records.service_config(
            software="vigie 0.1.0",
            python="3.11.7",
            system="Linux",
            browser="Chromium 156",
            egress="192.0.2.1",
        ),
    ),
    (
        records.FactKind.RECLASSIFICATION,
        records.reclassification(3, an_offer(), EMPTY, platform="p", reader_version="2"),
    ),
    (
        records.FactKind.INCIDENT,
        records.incident(records.JournalIncidentKind.AUTHORITY_LATE, about="tsa1", day=NOON.date()),
    ),
    (
        records.FactKind.ANCHOR,
        records.anchor(
            records.Anchor(
                seal_day=date(2026, 11, 1),
                seal_sha256="ab" * 32,
                authority="tsa1",
                token_sha256="cd" * 32,
                stamped_at=NOON,
                policy="1.2.3.4.1",
                checkers_agree=False,
            )
        ),
    ),
]
