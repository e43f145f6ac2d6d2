"""Puts together from the settings what visits: sessions, pace, observer."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version

from monitor.clock import SystemClock
from monitor.model import Observation, Vantage
from monitor.places.hosts import NATIONAL_HOSTS, host_of, is_local
from monitor.rules.schedule import DOUBLED
from monitor.settings.load import Settings
from monitor.store import Store, StoreError, Within
from monitor.store.pacing import StoredHostStates, StoredSwitches
from monitor.store.review import acceptances
from monitor.watch.clock_offset import Offset
from monitor.watch.observe import Observer, TransportSessions
from monitor.watch.timetable import Timetable
from monitor.watch.visits import RecordedVisits
from probes.model import AcceptedLine, Clock, Transport
from probes.registry import platform
from probes.sessions.browser.chrome import BrowserUnavailable
from probes.sessions.browser.session import BrowserSessions
from probes.sessions.guard import Allowance
from probes.sessions.http.session import HttpSessions
from probes.sessions.pace import (
    HostPolicy,
    HostStates,
    InMemoryHostStates,
    NoSwitches,
    Pace,
    PacePolicy,
    Switches,
)

log = logging.getLogger(__name__)

JPEG_QUALITY = 80
"""Of 100: text stays sharp at half the size of PNG."""


def allowance(urls: Iterable[str]) -> Allowance:
    """The hosts that visits to `urls` may reach: their own, and this machine only if one of them is on it.

    With any real host the national hosts are allowed too, because they redirect visitors to each other.
    """
    hosts = {host_of(url) for url in urls}
    real = {host for host in hosts if not is_local(host)}
    return Allowance(frozenset(real | NATIONAL_HOSTS.keys()) if real else frozenset(), hosts != real)


def pace(settings: Settings, clock: Clock, hosts: Collection[str], store: Store | None) -> Pace:
    """The pace of visits to `hosts`: spacing, page budget, breaker and switches.

    Its state is kept in `store`. Without a store it is kept in memory, and there are no switches.
    """
    policy = PacePolicy(hosts={host: _policy(settings, host) for host in hosts})
    states: HostStates = StoredHostStates(store) if store else InMemoryHostStates()
    switches: Switches = StoredSwitches(store, clock) if store else NoSwitches()
    return Pace(policy, clock, states, switches)


def _policy(settings: Settings, host: str) -> HostPolicy:
    spacing, pages_per_day = settings.pace.for_host(host)
    return HostPolicy(
        spacing=spacing,
        pages_per_day=pages_per_day,
        refusals=settings.pace.breaker_after,
        first_pause=settings.pace.breaker_pause,
        longest_pause=settings.pace.breaker_max,
    )


def recorded_visits(
    settings: Settings,
    store: Store,
    timetable: Timetable,
    observer: Observer,
    *,
    within: Sequence[Within] = (),
    seen: Callable[[Observation], None] = lambda _: None,
    doubles: bool = True,
) -> RecordedVisits:
    """Visits for the instants of `timetable`, limited as the settings' `[schedule]` and `[pace]` say.

    `within`, `seen` and `doubles` are those of `RecordedVisits`.
    """
    return RecordedVisits(
        store=store,
        timetable=timetable,
        observer=observer,
        platforms=platform,
        places=settings.schedule.workers,
        late=settings.schedule.misfire_grace + settings.pace.wait,
        within=within,
        seen=seen,
        doubles=doubles,
    )


def accepted_in(store: Store) -> Callable[[str], Mapping[str, Sequence[AcceptedLine]]]:
    """Asks the record, at each visit, which lines are accepted on pages of a platform.

    None while the database is away: a page that was received is never lost for it. It is then unrecognised,
    and a later reading mends that.
    """

    def accepted(platform: str) -> Mapping[str, Sequence[AcceptedLine]]:
        try:
            with store.read() as conn:
                return acceptances.in_force(conn, platform)
        except StoreError as reason:
            log.warning("read without the lines accepted on pages of %s: %s", platform, reason)
            return {}

    return accepted


@asynccontextmanager
async def observing(
    settings: Settings,
    urls: Sequence[str],
    transports: Collection[Transport],
    *,
    store: Store | None = None,
    headed: bool = False,
    doubles: bool = False,
) -> AsyncIterator[Observer]:
    """An observer that can visit `urls`, with a Chromium only if `transports` needs one; closed at the end.

    `headed` shows the Chromium in a window. With `doubles` a Chromium is also wanted for double readings; the
    log says so when there is none. Raises `BadInput` for a real site without a contact, `BrowserUnavailable`
    without a Chromium that `transports` needs.
    """
    clock = SystemClock()
    allowed = allowance(urls)
    user_agent = settings.user_agent(local=not allowed.hosts)
    over_http = HttpSessions(allowance=allowed, user_agent=user_agent, clock=clock)
    sessions: dict[Transport, TransportSessions] = {Transport.HTTP: over_http}
    browser = None
    if Transport.BROWSER in transports or doubles:
        browser = BrowserSessions(
            allowance=allowed,
            user_agent=user_agent,
            clock=clock,
            executable=settings.browser.executable,
            screenshot_quality=JPEG_QUALITY if settings.browser.screenshot == "jpeg" else None,
            recycle_after=settings.browser.recycle_after,
            headed=headed,
            sandbox=settings.browser.sandbox,
        )
        if await _started(browser, needed=Transport.BROWSER in transports):
            sessions[Transport.BROWSER] = browser
    try:
        yield Observer(
            clock=clock,
            pace=pace(settings, clock, {host_of(url) for url in urls}, store),
            sessions=sessions,
            vantage=Vantage(
                name=settings.vantage.name,
                software=version("vigie"),
                browser=browser.software if browser else None,
                user_agent=user_agent,
            ),
            offset=Offset(clock),
            accepted=accepted_in(store) if store else lambda _: {},
            as_over_http=over_http.as_over_http,
        )
    finally:
        if browser:
            await browser.close()


async def _started(browser: BrowserSessions, *, needed: bool) -> bool:
    """Start the browser; `False`, and a warning, when there is none and it is only wanted."""
    try:
        await browser.start()
    except BrowserUnavailable as reason:
        if needed:
            raise
        log.warning("one instant in %d of what is read over HTTP will be a gap: %s", DOUBLED, reason)
        return False
    return True
