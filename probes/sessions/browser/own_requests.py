"""What a page asks for by itself (styles, pictures, calls), held to the stop line and counted. No I/O."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlsplit

from probes.failures import Failed
from probes.pages.received.aside import is_aside
from probes.sessions.guard import Allowance, StopLineGuard

MOST_CALLS = 20
MOST_ALIKE = 2
MOST_REQUESTS = 200
MOST_LISTED = 50

_FILES = frozenset(("Stylesheet", "Script", "Image", "Font", "Media", "TextTrack"))
_CALLS = frozenset(("XHR", "Fetch", "EventSource", "Other"))
_DRESSING = frozenset(("Stylesheet", "Script"))


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """A request that a page, or a frame in it, makes for something that is no document.

    `kind` is CDP's `Network.ResourceType`; `body` is what a POST sends. `ahead`: it is for a page that may be
    visited later, and changes nothing on this one.
    """

    url: str
    method: str
    kind: str
    body: str = ""
    ahead: bool = False

    @property
    def is_call(self) -> bool:
        """Whether a script, not the page's markup, may wait for the answer."""
        return self.kind in _CALLS and not self.ahead

    def allowed_by(self, line: StopLineGuard) -> bool:
        """Whether the stop line lists it. Beacons, pings and reports never are."""
        if self.kind in _FILES:
            return self.method == "GET" and (
                line.allows_file(self.url) or line.allows_script(self.url, "GET")
            )
        return self.is_call and line.allows_script(self.url, self.method)


class OwnRequests:
    """Those of one step. `pending` are the addresses that may still change the page when they are answered.

    Six flags say that a person would perhaps have seen another page. `asked_too_often`: we refused requests
    because they were more than we allow ourselves. `style_refused`: a style sheet or script was refused.
    `call_refused`: a call of a script was refused. `call_unanswered`: it was one that the stop line does not
    list, so the page never had an answer to it. `moves_on`: the page loads itself again and again.
    `frame_refused`: a frame was refused. Measures, fonts and the like of other hosts (`is_aside`) set none.
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
        self.moves_on = False
        self.frame_refused = False

    def forget(self) -> None:
        """Another document comes: what the one before asked for does not matter to it."""
        self.pending.clear()
        self.asked_too_often = self.call_refused = self.call_unanswered = self.style_refused = False
        self.frame_refused = False

    def admit(self, request: OwnRequest) -> bool:
        """Whether `request` may be sent; what may not is kept in `refused`."""
        if self._may(request):
            self.expect(request)
            return True
        self.refuse(request.method, request.url)
        return False

    def expect(self, request: OwnRequest) -> None:
        """Note that `request` was sent, if its answer can change the page."""
        if request.kind in _DRESSING or request.is_call:
            self.pending.append(request.url)

    def refuse_frame(self, method: str, url: str) -> None:
        """List the document of a frame that was not sent. Hidden, it may tell the page what to say."""
        self.refuse(method, url)
        self.frame_refused |= not is_aside(url)

    def refuse(self, method: str, url: str) -> None:
        """List a request that was not sent, without what follows #; at most `MOST_LISTED` of them."""
        said = f"{method} {urlsplit(url)._replace(fragment='').geturl()}"
        if said not in self.refused and len(self.refused) < MOST_LISTED:
            self.refused.append(said)

    def _may(self, request: OwnRequest) -> bool:
        elsewhere = not self._on_allowed_host(request.url)
        if elsewhere and is_aside(request.url):
            return False
        listed = not elsewhere and request.allowed_by(self._line)
        if not listed or self._too_often(request):
            self.call_refused |= request.is_call
            self.call_unanswered |= request.is_call and not listed
            self.style_refused |= request.kind in _DRESSING
            return False
        return True

    @property
    def refused_addresses(self) -> list[str]:
        return [said.partition(" ")[2] for said in self.refused]

    @property
    def lacking(self) -> bool:
        """Whether the page lacks something that could have changed what it says."""
        refused = self.style_refused or self.call_unanswered
        return refused or self.frame_refused or self.asked_too_often or self.moves_on

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
