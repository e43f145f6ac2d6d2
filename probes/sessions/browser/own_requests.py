"""What a page asks for by itself (styles, pictures, calls), held to the stop line and counted. No I/O."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlsplit

from probes.failures import Failed
from probes.sessions.guard import Allowance, StopLineGuard

MOST_CALLS = 20
MOST_ALIKE = 2
MOST_REQUESTS = 400
MOST_LISTED = 50

_FILES = frozenset(("Stylesheet", "Script", "Image", "Font", "Media", "TextTrack"))
_CALLS = frozenset(("XHR", "Fetch", "EventSource", "Other"))
_DRESSING = frozenset(("Stylesheet", "Script"))


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """A request that a page, or a frame in it, makes for something that is no document.

    `kind` is CDP's `Network.ResourceType`; `body` is what a POST sends.
    """

    url: str
    method: str
    kind: str
    body: str = ""

    @property
    def is_call(self) -> bool:
        """Whether a script, not the page's markup, may wait for the answer."""
        return self.kind in _CALLS

    def allowed_by(self, line: StopLineGuard) -> bool:
        """Whether the stop line lists it. Beacons, pings and reports never are."""
        if self.kind in _FILES:
            return self.method == "GET" and (
                line.allows_file(self.url) or line.allows_script(self.url, "GET")
            )
        return self.is_call and line.allows_script(self.url, self.method)


class OwnRequests:
    """Those of one step. `pending` are the addresses that may still change the page when they are answered.

    Four flags say that a person would perhaps have seen another page. `asked_too_often`: we refused requests
    because they were more than we allow ourselves. `style_refused`: a style sheet or script of a host that we
    may ask was refused. `call_refused`: a call of a script was refused. `call_unanswered`: it was one that
    the stop line does not list, so the page never had an answer to it.
    """

    def __init__(self, line: StopLineGuard, allowance: Allowance) -> None:
        self._line = line
        self._allowance = allowance
        self._alike: Counter[OwnRequest] = Counter()
        self._calls = 0
        self._asked = 0
        self.pending: list[str] = []
        self.refused: list[str] = []
        self.asked_too_often = False
        self.call_refused = False
        self.call_unanswered = False
        self.style_refused = False

    def forget(self) -> None:
        """Another document comes: what the one before asked for does not matter to it."""
        self.pending.clear()
        self.asked_too_often = self.call_refused = self.call_unanswered = self.style_refused = False

    def admit(self, request: OwnRequest) -> bool:
        """Whether `request` may be sent; what may not is kept in `refused`."""
        if self._may(request):
            if request.kind in _DRESSING or request.is_call:
                self.pending.append(request.url)
            return True
        self.refuse(request.method, request.url)
        return False

    def refuse(self, method: str, url: str) -> None:
        """List a request that was not sent, without what follows #; at most `MOST_LISTED` of them."""
        said = f"{method} {urlsplit(url)._replace(fragment='').geturl()}"
        if said not in self.refused and len(self.refused) < MOST_LISTED:
            self.refused.append(said)

    def _may(self, request: OwnRequest) -> bool:
        if not self._on_allowed_host(request.url):
            return False
        listed = request.allowed_by(self._line)
        if not listed or self._too_often(request):
            self.call_refused |= request.is_call
            self.call_unanswered |= request.is_call and not listed
            self.style_refused |= request.kind in _DRESSING
            return False
        return True

    def _on_allowed_host(self, url: str) -> bool:
        try:
            self._allowance.check(url)
        except Failed:
            return False
        return True

    def _too_often(self, request: OwnRequest) -> bool:
        self._asked += 1
        if self._asked > MOST_REQUESTS:
            self.asked_too_often = True
            return True
        if not request.is_call:
            return False
        self._alike[request] += 1
        if self._alike[request] > MOST_ALIKE:
            return True
        self._calls += 1
        self.asked_too_often |= self._calls > MOST_CALLS
        return self._calls > MOST_CALLS
