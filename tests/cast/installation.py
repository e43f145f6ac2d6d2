"""A small installation kept for tests: visits, gaps, draws, seals and stamps over days of simulated time."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from PIL import Image, ImageDraw

from monitor.clock import SimulatedClock
from monitor.evidence.bundle.make import BundleOffice
from monitor.evidence.journal import checkpoint
from monitor.evidence.journal.keeper import Keeper, service
from monitor.evidence.journal.seals import Seals
from monitor.evidence.journal.stamps import Anchors
from monitor.evidence.journal.writer import JournalWriter
from monitor.model import Draw, Gap, GapReason, Observation
from monitor.store import Store, open_store
from monitor.store.record import draws
from probes.model import Capture, NoSlotsKind, Outcome, Reading, Slot, Step, Target, Transport
from tests.cast.authority import TestAuthority
from tests.cast.observations import observation, target
from tests.cast.transactions import tell

DAY = timedelta(days=1)
FIRST = date(2026, 10, 20)
WORDS = "Il n'existe plus de plage horaire libre pour votre demande de rendez-vous."

Visit = Callable[[Target, datetime], Observation]


@cache
def picture(text: str) -> bytes:
    """A small screenshot."""
    image = Image.new("RGB", (640, 360), "white")
    ImageDraw.Draw(image).text((20, 20), text, fill="black")
    made = io.BytesIO()
    image.save(made, "JPEG", quality=80)
    return made.getvalue()


def no_slots(target: Target, at: datetime, *, shot: bytes | None = None, **known: Any) -> Observation:
    """A visit of two pages that found the page's own words for zero."""
    return _visit(
        target,
        at,
        Reading(outcome=Outcome.NO_SLOTS, rule="all_taken", words=WORDS, kind=NoSlotsKind.ALL_TAKEN),
        shot,
        **known,
    )


def offered(
    target: Target, at: datetime, *, shot: bytes | None = None, days: int = 160, **known: Any
) -> Observation:
    """A visit that saw a date months away."""
    slot, later = (Slot(starts_at=at + timedelta(days=n)) for n in (days, days + 3))
    reading = Reading(
        outcome=Outcome.SLOTS_OFFERED,
        rule="calendar",
        words="mars 2027",
        earliest=slot,
        second=later,
        slots=2,
    )
    return _visit(target, at, reading, shot, **known)


def captcha(target: Target, at: datetime, **known: Any) -> Observation:
    """A visit that met a CAPTCHA."""
    return _visit(target, at, Reading(outcome=Outcome.CAPTCHA, rule="captcha"), None, **known)


def _visit(target: Target, at: datetime, reading: Reading, shot: bytes | None, **known: Any) -> Observation:
    said = reading.words or "Recopiez les caractères"
    steps = tuple(
        Step(
            n=n,
            action=action,
            method=method,
            url=f"{target.url}/{n}",
            final_url=f"{target.url}/{n}",
            started_at=at + timedelta(seconds=n),
            finished_at=at + timedelta(seconds=n, milliseconds=300),
            status=200,
            headers=(
                ("Content-Type", "text/html; charset=utf-8"),
                ("Date", f"{at:%a, %d %b %Y %H:%M:%S} GMT"),
            ),
            body=f"<html><p>{said}</p><i>{target.id}{at:%j%H%M}{n}</i></html>".encode(),
            server_address="192.0.2.7",
        )
        for n, (action, method) in enumerate((("open", "GET"), ("submit", "POST")))
    )
    capture = Capture(transport=Transport.HTTP, steps=steps, screenshot=shot)
    return observation(at, name=target.id, reading=reading, capture=capture, started_at=at, **known)


def instants(day: date, a_day: int) -> list[datetime]:
    """That many instants of a UTC day, one in each equal interval."""
    start, step = datetime.combine(day, time(), UTC), DAY / a_day
    return [start + n * step + timedelta(minutes=(n * 7 + day.day) % 20) for n in range(a_day)]


class Installation:
    """A store, its log and its keeper; time goes on by `live`."""

    def __init__(
        self, folder: Path, *, url: str, targets: Sequence[Target], a_day: int = 4, stamped: bool = True
    ) -> None:
        self.folder = folder
        self.a_day = a_day
        self.targets = targets
        self.clock = SimulatedClock(datetime.combine(FIRST - DAY, time(12), UTC))
        self.store: Store = open_store(url, media=folder / "media", clock=self.clock)
        self.store.record_targets(targets)
        self.log = JournalWriter(self.store, self.clock, service)
        self.key = checkpoint.keygen(folder / "log.key", name="vigie.example/journal")
        self.authority = TestAuthority(folder, "tsa1", self.clock.now())
        self.seals = Seals(folder / "published")
        stampers = [self.authority.described("http://tsa1.example/", qualified=True)] if stamped else []
        self.anchors = Anchors(self.seals, stampers, httpx.Client(transport=_Direct(self)), self.clock)
        self.keeper = Keeper(
            store=self.store,
            log=self.log,
            seals=self.seals,
            key=self.key,
            anchors=self.anchors,
            clock=self.clock,
        )

    @property
    def office(self) -> BundleOffice:
        """Who makes bundles here."""
        stampers = [self.authority.described(qualified=True)] if self.anchors._authorities else []
        return BundleOffice(
            store=self.store,
            seals=self.seals,
            key=self.key,
            authorities=stampers,
            operator="Association Exemple",
        )

    def live(self, days: int, visit: Visit = no_slots, *, missed: Sequence[int] = ()) -> None:
        """Days of visits; instants `missed` of each day become gaps. Ends on the morrow, all sealed."""
        for day in (FIRST + n * DAY for n in range(days)):
            self._draw(day)
            for place, at in enumerate(instants(day, self.a_day)):
                for one in self.targets:
                    self._look(one, at, visit, missed=place in missed)
        self._draw(FIRST + days * DAY)
        self._morning(FIRST + days * DAY)

    def live_without_looking(self, days: int) -> None:
        """After one day of visits, days that were drawn and sealed while nobody looked, nor said why."""
        for day in (FIRST + n * DAY for n in range(2, days + 2)):
            self._draw(day)
        self._morning(FIRST + (days + 2) * DAY)

    def _draw(self, day: date) -> None:
        self.clock.advance_to(datetime.combine(day, time(18), UTC) - DAY)
        drawn = [
            Draw(
                target=one.id,
                day=day,
                interval=DAY / self.a_day,
                instants=tuple(instants(day, self.a_day)),
                seed_sha256="ab" * 32,
                drawn_at=self.clock.now(),
            )
            for one in self.targets
        ]
        tell(self.store, draws.commit, drawn)
        self.log.catch_up()
        self._morning(day)

    def _morning(self, day: date) -> None:
        self.clock.advance_to(datetime.combine(day, time(0, 5), UTC))
        self.keeper.keep()

    def _look(self, one: Target, at: datetime, visit: Visit, *, missed: bool) -> None:
        self.clock.advance_to(at)
        if missed:
            gap = Gap(target=one.id, scheduled_at=at, reason=GapReason.MISFIRE)
            self.store.append_gap(gap, within=[self.log.missed])
        else:
            self.store.append_observation(visit(one, at), within=[self.log.observed])


class _Direct(httpx.BaseTransport):
    """The authority without a network."""

    def __init__(self, installation: Installation) -> None:
        self._at = installation

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=self._at.authority.answer(request.read(), self._at.clock.now()))


def two_targets() -> list[Target]:
    """Two démarches of one préfecture."""
    titre = target("vienne-titre", prefecture="Préfecture de la Vienne", demarche="Titre de séjour")
    return [titre, replace(titre, id="vienne-permis", demarche="Échange de permis")]
