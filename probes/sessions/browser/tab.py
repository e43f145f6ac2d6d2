"""One Chromium page, controlled with few commands; every request is checked before it is sent.

CDP's `Fetch` pauses each request, where the stop line is checked. Documents are paused once more before they
are shown, and their bytes are read: only there does Chromium give them unchanged. CDP's `Network` tells the
IP address that answered. It is switched on only until an answer begins: its events for every image and script
would cost a tenth of the visit's time.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

from playwright.async_api import BrowserContext, CDPSession, Error, Request

from probes.failures import Failed, Failure, of_net_error
from probes.sessions.browser.bodies import Bodies
from probes.sessions.browser.channel import ANSWERING, Channel, WentAway
from probes.sessions.browser.own_requests import OwnRequest, OwnRequests
from probes.sessions.browser.rest import Rest
from probes.sessions.visit import declared_length

_SCRIPTS = files("probes.sessions.browser")
_SNAPSHOT = _SCRIPTS.joinpath("snapshot.js").read_text(encoding="utf-8")
_SUBMIT = _SCRIPTS.joinpath("submit.js").read_text(encoding="utf-8")
_BEFORE = _SCRIPTS.joinpath("before.js").read_text(encoding="utf-8")
_UNFOLD = _SCRIPTS.joinpath("unfold.js").read_text(encoding="utf-8")
_PATTERNS = [{"requestStage": "Request"}, {"resourceType": "Document", "requestStage": "Response"}]
_SIZE = (
    "() => [document.documentElement.clientWidth,"
    " Math.max(document.documentElement.scrollHeight, document.body?.scrollHeight ?? 0), innerHeight]"
)
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MOST_NODES = 100_000
_MORE_ROUNDS = 2
_MARKING = 2.0

HIGHEST = 16_000
"""Pixels of a page's height that its picture shows at most."""

BEGINNING = 1.0
"""Seconds to wait for the request of a navigation that the page announced."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A page at rest: the visible part as HTML, and whether it had really come to rest."""

    html: str
    settled: bool


class Judge(Protocol):
    """What a tab reports to its visit. All but `dialog` may raise `Failed`, which stops the document.

    `own` are the requests that the page made by itself in the step under way. `alone` is false when a person
    is acting in the page.
    """

    alone: bool
    own: OwnRequests

    async def admit(self, request: OwnRequest) -> bool:
        """Whether the page may make this request by itself."""

    async def ask(self, url: str, method: str, *, main: bool, redirected: bool) -> None:
        """A document is about to be requested; `main`: for the page itself, not for a frame in it."""

    def stays(self, url: str) -> bool:
        """Whether the page wants to load `url` by itself, and has to stay as it is."""

    def answered(self, url: str, status: int, headers: list[tuple[str, str]]) -> None:
        """Status and headers of the page's answer came; also of a redirect."""

    def received(self, body: bytes) -> None:
        """The body of the page's answer came; it is not shown yet."""

    def peer(self, address: str) -> None:
        """The IP address that answered; empty when Chromium does not tell."""

    def dialog(self, message: str) -> None:
        """The page showed an alert with this text. Playwright dismisses it."""


class Tab(Channel):
    """A page in a new context. Its methods raise `Failed`, or Playwright's `Error` when the browser is gone.

    `read` is the longest wait for a page, `settle` the longest wait for what it asks for by itself, `body`
    the most bytes. `bodies` are those under way in the same browser.
    """

    def __init__(
        self,
        cdp: CDPSession,
        judge: Judge,
        *,
        read: timedelta,
        settle: timedelta,
        body: int,
        bodies: Bodies,
    ) -> None:
        super().__init__(cdp)
        self._judge = judge
        self._read = read.total_seconds()
        self._rest = Rest(self, settle.total_seconds())
        self._body = body
        self._bodies = bodies
        self._flight = ""
        self._hearing = False
        self._documents = 0
        self._mark: str | None = None
        self._certificate: asyncio.Future[str | None] | None = None
        self._announced = asyncio.Event()
        self._requested = asyncio.Event()
        self._landed = asyncio.Event()

    @classmethod
    async def open_in(cls, context: BrowserContext, judge: Judge, **limits: Any) -> Tab:
        """Open a tab in `context`; `limits` are the keyword arguments of `Tab`."""
        page = await context.new_page()
        tab = cls(await context.new_cdp_session(page), judge, **limits)
        page.on("crash", tab.crash)
        page.on("close", tab.crash)
        page.on("requestfailed", tab._on_failed)
        tab._listen()
        tree = tab.cdp.send("Page.getFrameTree")
        enabled = tab.cdp.send("Fetch.enable", {"patterns": _PATTERNS})
        answers = await asyncio.gather(tree, tab.cdp.send("Page.enable"), enabled)
        if judge.alone:
            await tab.cdp.send("Page.addScriptToEvaluateOnNewDocument", {"source": _BEFORE})
        await tab.cdp.send("Page.setPrerenderingAllowed", {"isAllowed": False})
        tab.frame = answers[0]["frameTree"]["frame"]["id"]
        return tab

    async def navigate(self, url: str) -> None:
        """Go to `url` and wait for its answer."""
        self._fresh()
        answer = await self.call("Page.navigate", {"url": url}, self._read, Failure.READ_TIMEOUT)
        if error := answer.get("errorText"):
            raise Failed(of_net_error(error.removeprefix("net::")), error)
        self._land(answer.get("loaderId", ""))

    async def submit(self, selector: str, values: Mapping[str, str], button: str | None) -> None:
        """Fill and submit a form; then wait for the document that follows, if one does.

        Raises `Failed(FORM_MISSING)` when the page lacks the form, a field or the button.
        """
        self._fresh()
        await self._rest.wake()
        with suppress(WentAway):
            if missing := await self.run(_SUBMIT, selector, dict(values), button):
                raise Failed(Failure.FORM_MISSING, missing)
        await self._rest.begin()
        await self._arrive()

    async def unfold(self, selector: str) -> None:
        """Click a control of the page. Raises `Failed(FORM_MISSING)` when it is not there."""
        self._fresh()
        await self._rest.wake()
        with suppress(WentAway):
            if missing := await self.run(_UNFOLD, selector):
                raise Failed(Failure.FORM_MISSING, missing)

    async def shown(self) -> Shown:
        """The page after its next five seconds, at rest. From then on it stands still until the next step.

        Raises `Failed(BODY_TOO_LARGE)` for a page with too many elements.
        """
        while True:
            await self._arrive()
            document = self._documents
            with suppress(WentAway):
                settled = await self._comes_to_rest()
                await self._rest.stop()
                await self._rest.make_up()
                html = await self.run(_SNAPSHOT, _MOST_NODES)
                if self._documents == document and not self._announced.is_set():
                    self.raise_if_stopped()
                    if html is None:
                        raise Failed(Failure.BODY_TOO_LARGE, f"more than {_MOST_NODES} elements on the page")
                    return Shown(html, settled)
            await self._rest.wake()

    async def _comes_to_rest(self) -> bool:
        """Give the page its time. False when what it shows still changes, or is not what others would see."""
        finished = await self._rest.five_seconds() or await self._all_answered()
        unchanging = await self._rest.unchanging()
        as_others_see_it = self._mark is None or self._mark == await self._rest.text()
        own = self._judge.own
        return (
            finished
            and unchanging
            and as_others_see_it
            and not own.lacking
            and not await self._rest.a_call_failed(own.pending, own.refused_addresses)
        )

    async def _all_answered(self) -> bool:
        """Whether only pictures, fonts and the like are still under way."""
        asked = self._judge.own.pending
        return await self._rest.answered(asked) == len(asked)

    async def certificate(self) -> str | None:
        """The SHA-256, in hex, of the server's own certificate; `None` when the page came without TLS."""
        return None if self._certificate is None else await self.wait(self._certificate, ANSWERING)

    async def cookies(self, urls: list[str]) -> frozenset[str]:
        """The values of the cookies that belong to these URLs."""
        self.fresh()
        answer = await self.call("Network.getCookies", {"urls": urls})
        return frozenset(cookie["value"] for cookie in answer["cookies"])

    async def screenshot(self, quality: int, band: tuple[int, int] | None = None) -> bytes:
        """The page as JPEG, from its top, at most `HIGHEST` pixels; or a `band` of it: top and height."""
        self.fresh()
        width, height, window = await self.run(_SIZE)
        # As wide as the page without its scroll bar, so that rectangles on the page can be found on it.
        top, tall = band or (0, min(max(height, window), HIGHEST))
        clip = {"x": 0, "y": top, "width": width, "height": tall, "scale": 1}
        shot = {"format": "jpeg", "quality": quality, "clip": clip, "captureBeyondViewport": height > window}
        answer = await self.call("Page.captureScreenshot", shot)
        return base64.b64decode(answer["data"])

    def close(self) -> None:
        """Cancel background tasks. Closing the context closes the page itself."""
        super().close()
        if self._certificate is not None:
            self._certificate.cancel()

    async def _arrive(self) -> None:
        """Wait until the page loads no further document. Raises `Failed(READ_TIMEOUT)`."""
        if self._announced.is_set():
            with suppress(TimeoutError):
                await self.wait(self._requested.wait(), BEGINNING)
            self._announced.clear()
        if self._landed.is_set():
            self.raise_if_stopped()
            return
        try:
            await self.wait(self._landed.wait(), self._read)
        except TimeoutError:
            raise Failed(Failure.READ_TIMEOUT, f"no answer within {self._read:.0f} s") from None

    def _listen(self) -> None:
        self.cdp.on("Fetch.requestPaused", lambda event: self.spawn(self._paused(event)))
        self.cdp.on("Page.frameRequestedNavigation", self._on_announced)
        self.cdp.on("Page.frameNavigated", self._on_navigated)
        self.cdp.on("Page.javascriptDialogOpening", self._on_dialog)
        self.cdp.on("Network.responseReceived", self._on_response)

    def _on_announced(self, event: dict[str, Any]) -> None:
        if event["frameId"] == self.frame and event["disposition"] == "currentTab":
            self._hear()
            self._requested.clear()
            self._announced.set()

    def _on_navigated(self, event: dict[str, Any]) -> None:
        if event["frame"]["id"] == self.frame:
            flight = event["frame"]["loaderId"]
            # A document that was not asked for from a server, such as `about:blank`.
            self._documents += flight != self._flight
            self.enter()
            self._land(flight)

    def _on_dialog(self, event: dict[str, Any]) -> None:
        if event["type"] != "beforeunload":
            self._judge.dialog(event["message"])

    def _on_response(self, event: dict[str, Any]) -> None:
        if event["requestId"] != self._flight:
            return
        self._certificate = asyncio.ensure_future(self._leaf(urlsplit(event["response"]["url"])))
        try:
            self._judge.peer(event["response"].get("remoteIPAddress", "").strip("[]"))
        except Failed as exc:
            self.stop(exc)

    async def _leaf(self, url: SplitResult) -> str | None:
        """Ask for the certificate while `Network` still knows it, then switch `Network` off."""
        chain: list[str] = []
        if url.scheme == "https":
            with suppress(Error):
                origin = {"origin": f"https://{url.netloc}"}
                chain = (await self.cdp.send("Network.getCertificate", origin))["tableNames"]
        self._hearing = False
        await self.quietly("Network.disable")
        return hashlib.sha256(base64.b64decode(chain[0])).hexdigest() if chain else None

    def _on_failed(self, request: Request) -> None:
        """A request failed. For the page itself this stops the step; a cut-off body is reported here too."""
        error = (request.failure or "").removeprefix("net::")
        # ERR_ABORTED is ignored: either we stopped the document ourselves and know why, or the page moved on
        # while it was loading.
        if request.is_navigation_request() and request.frame.parent_frame is None and error != "ERR_ABORTED":
            self.stop(Failed(of_net_error(error), error))

    async def _paused(self, event: dict[str, Any]) -> None:
        if event["resourceType"] != "Document":
            await self._own(event)
            return
        main = event["frameId"] == self.frame
        paused = event["requestId"]
        try:
            await self._judged(event, main)
        except WentAway:
            # The page stays as it is.
            await self.quietly("Fetch.failRequest", requestId=paused, errorReason="Aborted")
        except Failed as exc:
            refuse = self._judge.own.refuse if main else self._judge.own.refuse_frame
            refuse(event["request"]["method"], event["request"]["url"])
            if main and "networkId" in event:
                self.stop(exc)
                self._landed.set()
            await self.quietly("Fetch.failRequest", requestId=paused, errorReason="Aborted")
        else:
            await self.quietly("Fetch.continueRequest", requestId=paused)

    async def _own(self, event: dict[str, Any]) -> None:
        asked = event["request"]
        purposes = {name.lower(): value for name, value in asked["headers"].items()}
        request = OwnRequest(
            asked["url"],
            asked["method"],
            event["resourceType"],
            asked.get("postData", ""),
            ahead="prefetch" in purposes.get("sec-purpose", purposes.get("purpose", "")),
        )
        if await self._judge.admit(request):
            await self.quietly("Fetch.continueRequest", requestId=event["requestId"])
            return
        if self._judge.own.call_refused:
            await self._remember()
        await self.quietly("Fetch.failRequest", requestId=event["requestId"], errorReason="BlockedByClient")

    async def _remember(self) -> None:
        """Note what the page shows before its first refusal: what it shows later may come of that."""
        if self._mark is None:
            self._mark = ""
            with suppress(WentAway, TimeoutError):
                self._mark = await self.wait(self._rest.text(), _MARKING)

    async def _judged(self, event: dict[str, Any], main: bool) -> None:
        if "networkId" not in event:
            # A download: the page stays as it is.
            raise Failed(Failure.INVALID_RESPONSE, "the page offers a file")
        if "responseStatusCode" in event:
            if main:
                await self._response(event)
        elif "responseErrorReason" not in event:
            await self._request(event, main)

    async def _request(self, event: dict[str, Any], main: bool) -> None:
        request = event["request"]
        redirected = "redirectedRequestId" in event
        if main and not redirected and self._judge.stays(request["url"]):
            self._announced.clear()
            raise WentAway
        if main:
            self._begin(event["networkId"])
        await self._judge.ask(request["url"], request["method"], main=main, redirected=redirected)

    async def _response(self, event: dict[str, Any]) -> None:
        status = event["responseStatusCode"]
        headers = [(one["name"].lower(), one["value"]) for one in event["responseHeaders"]]
        self._judge.answered(event["request"]["url"], status, headers)
        if status in _REDIRECTS and any(name == "location" for name, _ in headers):
            return
        if status in (204, 205):
            raise Failed(Failure.EMPTY_BODY)
        self._refuse_if_larger(declared_length(headers))
        answer = await self._bodies.receive(
            self.cdp.send("Fetch.getResponseBody", {"requestId": event["requestId"]})
        )
        body: str = answer["body"]
        content = base64.b64decode(body) if answer["base64Encoded"] else body.encode()
        self._refuse_if_larger(len(content))
        self._judge.received(content)
        await self._rest.wake()

    def _refuse_if_larger(self, size: int) -> None:
        if size > self._body:
            raise Failed(Failure.BODY_TOO_LARGE, f"more than {self._body} bytes")

    def _fresh(self) -> None:
        """Begin a step. What the page tried by itself since the last step was stopped; forget it."""
        self.fresh()
        self._certificate = None
        self._announced.clear()
        self._landed.set()
        self._hear()

    def _hear(self) -> None:
        """Switch `Network` on. Do not wait for the answer: it comes only after a paused document goes on."""
        if not self._hearing:
            self._hearing = True
            self.spawn(self.quietly("Network.enable"))

    def _begin(self, flight: str) -> None:
        self._flight = flight
        self._documents += 1
        self._mark = None
        self._announced.clear()
        self._landed.clear()
        self._requested.set()

    def _land(self, flight: str) -> None:
        if flight == self._flight:
            self._landed.set()
