"""Makes a test case from a live visit: walk as usual, mask the secrets, read again, keep for review.

The walk gets a session that notes what it types, so that it can be masked. The masked pages must be read the
same as the real ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from urllib.parse import urlsplit

from monitor.places.hosts import host_of
from monitor.recording.masking import Mask, Masked, personal_values
from monitor.watch.observe import REFUSALS, Observer
from probes.answer import Answer
from probes.model import AcceptedLine, Capture, Platform, Reading, Session, Step, Target, Transport, VisitOver
from probes.option import Option
from probes.pages import signals
from probes.pages.received.encoding import decode
from probes.pages.seen import deciding
from probes.proof import Templates
from probes.stop_line import StopLine


class SiteChanged(Exception):
    """Masking changed the reading, so the case cannot be kept. `str()` gives both readings."""


class Unknown:
    """Stands in where no reader knows a page yet: opens and keeps it, so that a reader can be written."""

    version = "0"
    verified_on: date | None = None
    templates: Templates | None = None
    transports = frozenset(Transport)
    answer = Answer(place="body")
    options: tuple[Option, ...] = ()
    desks = True

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        parts = urlsplit(url)
        asked = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.stop_line = StopLine(paths=(re.escape(asked),))

    def accepts(self, url: str) -> bool:
        """True for any address."""
        return True

    async def walk(self, target: Target, session: Session) -> None:
        """Open the target's page, and follow nothing on it."""
        await session.open(target.url)

    def read(self, target: Target, capture: Capture, accepted: Sequence[AcceptedLine] = ()) -> Reading:
        """A reading common to all sites, such as `site_down` or `captcha`; else `unrecognised`."""
        pages = signals.pages(capture)
        if not pages:
            return signals.NOTHING_RECEIVED
        return signals.recognise(pages[-1]) or signals.unrecognised("not_described", said=pages[-1].heading)


class Noting:
    """A session that notes in `typed` the values a walk sends, except those the page itself holds."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._page = ""
        self.typed: set[str] = set()

    async def open(self, url: str) -> Step:
        """As the session does."""
        return self._turned(await self._session.open(url))

    async def submit(
        self,
        selector: str,
        values: Mapping[str, str],
        *,
        button: str | None = None,
    ) -> Step:
        """As the session does."""
        self.typed |= {value for value in values.values() if value not in self._page}
        return self._turned(await self._session.submit(selector, values, button=button))

    async def call(self, url: str, body: Mapping[str, object]) -> Step:
        """As the session does. Notes nothing: a call sends the target's own options, which are public."""
        return self._turned(await self._session.call(url, body))

    async def unfold(self, selector: str) -> Step:
        """As the session does."""
        return self._turned(await self._session.unfold(selector))

    def _turned(self, step: Step) -> Step:
        self._page = decode(step) + (step.rendered or "")
        return step


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedCase:
    """One masked visit, its reading, and each secret that was taken out with how often it stood there."""

    target: Target
    capture: Capture
    reading: Reading
    found: Mapping[Masked, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unmasked:
    """One visit as it was received, with the values that must not leave this machine. Kept in memory only."""

    target: Target
    platform: Platform
    capture: Capture
    secrets: frozenset[str] = frozenset()
    typed: frozenset[str] = frozenset()

    def masked(self, names: frozenset[str] = frozenset()) -> RecordedCase:
        """The visit without its secrets and `names`. Raises `SiteChanged` when its reading then changes."""
        asked = (self.target.url, *(url for step in self.capture.steps for url in (step.url, step.final_url)))
        typed = self.typed.union(*map(personal_values, asked))
        mask = Mask(secrets=self.secrets, typed=typed, names=names)
        shown, clean = mask.visit(self.target, self.capture)
        before, after = self.platform.read(self.target, self.capture), self.platform.read(shown, clean)
        if (before.outcome, before.rule, before.earliest) != (after.outcome, after.rule, after.earliest):
            raise SiteChanged(f"{before.outcome} ({before.rule}) would become {after.outcome} ({after.rule})")
        return RecordedCase(target=shown, capture=clean, reading=after, found=dict(mask.found))


async def recorded(observer: Observer, target: Target, platform: Platform, transport: Transport) -> Unmasked:
    """Visit `target` once. Raises `NotNow`, and what the walk itself raises."""
    host = host_of(target.url)
    async with observer.pace.visit(host=host, platform=platform.name, wait=0) as turn:
        async with observer.sessions[transport].visit(
            stop_line=platform.stop_line,
            turn=turn,
            deciding=partial(deciding, platform.answer),
            zone=target.tz.key,
        ) as session:
            noting = Noting(session)
            with suppress(VisitOver):
                await platform.walk(target, noting)
            secrets = await session.cookies()
        capture = session.capture()
        await turn.settle(refused=platform.read(target, capture).outcome in REFUSALS)
    return Unmasked(
        target=target, platform=platform, capture=capture, secrets=secrets, typed=frozenset(noting.typed)
    )
