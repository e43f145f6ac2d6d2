"""The state of one running simulation: sites, sessions, faults and request log. There are no globals."""

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
    """What a site remembers of one visitor. `id` is the value of the session cookie."""

    id: str
    accepted: set[str] = field(default_factory=set)
    desks: dict[str, int] = field(default_factory=dict)
    captcha: str = ""
    validated_at: datetime | None = None
    notice: str = ""

    def forget(self) -> None:
        """Clear everything but the id, as when a session expires."""
        self.accepted.clear()
        self.desks.clear()
        self.captcha = self.notice = ""
        self.validated_at = None


class VisitorSessions:
    """The last `keep` sessions, by id."""

    def __init__(self, keep: int = 10_000) -> None:
        self._sessions: OrderedDict[str, VisitorSession] = OrderedDict()
        self._given = 0
        self._keep = keep

    def start(self) -> VisitorSession:
        """A new session; the oldest one is deleted when there are more than `keep`."""
        self._given += 1
        session = VisitorSession(id=f"{self._given:026x}")
        self._sessions[session.id] = session
        if len(self._sessions) > self._keep:
            self._sessions.popitem(last=False)
        return session

    def get(self, id_: str | None) -> VisitorSession | None:
        """The session with that id, or `None`."""
        return self._sessions.get(id_) if id_ else None


class Simulator:
    """One simulation. `weight_kb` kilobytes are added to each page's HTML, five times that to its assets."""

    def __init__(self, clock: Clock, sites: Iterable[Site], *, weight_kb: int = 0) -> None:
        self.clock = clock
        self.sites: Mapping[str, Site] = {site.host: site for site in sites}
        self.weight_kb = weight_kb
        self.faults = Faults()
        self.request_log = RequestLog()
        self.sessions = VisitorSessions()

    def fault(self, site: Site, at: datetime) -> Fault | None:
        """The fault of `site` at `at`: set by a test, else from throttling, else drawn; or `None`."""
        return self.faults.at(site.host, at) or self._throttling(site, at) or site.scripted_fault(at)

    def site_of(self, url: str) -> Site:
        """The site of `url`, by its host. Raises `LookupError` for a host that is not simulated."""
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
    """One request for a page, with what the page's code needs: site, time, session, form fields, fault."""

    world: Simulator
    site: Site
    at: datetime
    session: VisitorSession
    fields: Mapping[str, str]
    fault: Fault | None
    request: Request

    def procedure(self, id_: str) -> Procedure:
        """The procedure with that id, as the present fault leaves it. Raises `HTTPException` 404 if none."""
        procedure = self.site.procedure(id_)
        if procedure is None:
            raise HTTPException(404)
        return procedure.renumbered() if self.fault is Fault.RENUMBERED else procedure

    def page(self, template: str, **values: object) -> HTMLResponse:
        """The page made from `template`, with this site's header and menu."""
        menu = ballast(self.world.weight_kb)
        return HTMLResponse(render(template, site=self.site, menu=menu, **values))


def asked(request: Request) -> Ask:
    """The `Ask` that `Front` attached to `request`."""
    ask: Ask = request.scope["ask"]
    return ask
