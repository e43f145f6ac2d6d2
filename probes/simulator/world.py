"""The state of one running simulation: its sites, sessions, faults and request log. Nothing is global."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse

from probes.model import Clock
from probes.simulator.faults import Fault, Faults
from probes.simulator.render import ballast, render
from probes.simulator.request_log import RequestLog
from probes.simulator.sites import Procedure, Site


@dataclass(slots=True)
class VisitorSession:
    """What a site remembers of one visitor, under the cookie it gave."""

    id: str
    accepted: set[str] = field(default_factory=set)
    desks: dict[str, int] = field(default_factory=dict)
    captcha: str = ""
    validated_at: datetime | None = None
    notice: str = ""

    def forget(self) -> None:
        """Lose everything but the id, as when a session expires."""
        self.accepted.clear()
        self.desks.clear()
        self.captcha = self.notice = ""
        self.validated_at = None


class VisitorSessions:
    """The sessions given out; the oldest are forgotten beyond `keep`."""

    def __init__(self, keep: int = 10_000) -> None:
        self._sessions: OrderedDict[str, VisitorSession] = OrderedDict()
        self._given = 0
        self._keep = keep

    def start(self) -> VisitorSession:
        """A session nobody used before."""
        self._given += 1
        session = VisitorSession(id=f"{self._given:026x}")
        self._sessions[session.id] = session
        if len(self._sessions) > self._keep:
            self._sessions.popitem(last=False)
        return session

    def get(self, id_: str | None) -> VisitorSession | None:
        """The session of that id, unless unknown or forgotten."""
        return self._sessions.get(id_) if id_ else None


class Simulator:
    """One simulation. `weight_kb` is added to each page's HTML; its assets then weigh five times that."""

    def __init__(self, clock: Clock, sites: Iterable[Site], *, weight_kb: int = 0) -> None:
        self.clock = clock
        self.sites: Mapping[str, Site] = {site.host: site for site in sites}
        self.weight_kb = weight_kb
        self.faults = Faults()
        self.request_log = RequestLog()
        self.sessions = VisitorSessions()

    def fault(self, site: Site, at: datetime) -> Fault | None:
        """What `site` suffers at `at`: set by hand, else throttling, else by its script."""
        return self.faults.at(site.host, at) or self._throttling(site, at) or site.scripted_fault(at)

    def site_of(self, url: str) -> Site:
        """The site `url` is on. Raises `LookupError` for any other address."""
        host = urlsplit(url).hostname or ""
        if host not in self.sites:
            raise LookupError(f"{url} is on no simulated site; there are {', '.join(sorted(self.sites))}")
        return self.sites[host]

    def _throttling(self, site: Site, at: datetime) -> Fault | None:
        if site.throttle is None:
            return None
        asked = self.request_log.pages_since(site.host, at - site.throttle.window)
        return Fault.BAD_GATEWAY if asked >= site.throttle.pages else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """One request on its way to a page: where, when, in which session, with which form fields."""

    world: Simulator
    site: Site
    at: datetime
    session: VisitorSession
    fields: Mapping[str, str]
    fault: Fault | None
    request: Request

    def procedure(self, id_: str) -> Procedure:
        """The procedure of that id as it is now. Raises a 404 when the site has none."""
        procedure = self.site.procedure(id_)
        if procedure is None:
            raise HTTPException(404)
        return procedure.renumbered() if self.fault is Fault.RENUMBERED else procedure

    def page(self, template: str, **values: object) -> HTMLResponse:
        """That template, dressed as a page of this site."""
        menu = ballast(self.world.weight_kb)
        return HTMLResponse(render(template, site=self.site, menu=menu, **values))


def asked(request: Request) -> Ask:
    """The Ask the front door attached to `request`."""
    ask: Ask = request.scope["ask"]
    return ask
