"""One visit with a real Chromium. The stop line is checked before each document is requested.

`Step.body` holds the document's bytes, decompressed, charset not converted, as over plain HTTP.
`Step.rendered` is the page as a person saw it, as HTML.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error

from probes.failures import Failed, Failure, of_exception
from probes.model import Step, Transport
from probes.sessions.browser.channel import WentAway
from probes.sessions.browser.chrome import CLOSING
from probes.sessions.browser.own_requests import OwnRequest, OwnRequests
from probes.sessions.browser.tab import Tab
from probes.sessions.guard import Resolver, StopLineCrossed
from probes.sessions.pace import NotNow
from probes.sessions.visit import Deciding, Draft, Visit

_MOST_DIALOGS = 20
_MOST_PICTURES = 20


class BrowserVisit(Visit):
    """A `Session` over Chromium."""

    transport = Transport.BROWSER
    remote_errors = (*Visit.remote_errors, Error)
    alone = True
    tab: Tab

    def __init__(
        self, resolve: Resolver, *, deciding: Deciding | None, quality: int | None, **rules: Any
    ) -> None:
        super().__init__(**rules)
        self._resolve = resolve
        self._deciding = deciding
        self._quality = quality
        self._has_deciding_picture = False
        self._vetted: set[str] = set()
        self._current: Draft | None = None
        self._asked = 0
        self._again = 0
        self.own = OwnRequests(self.line, self.allowance)

    async def open(self, url: str) -> Step:
        """Go to `url`; then wait until the page has come to rest."""
        self.line.check_page(url)
        return await self.take(self.draft("open", "GET", url), self._open)

    async def submit(
        self,
        selector: str,
        values: Mapping[str, str],
        *,
        button: str | None = None,
    ) -> Step:
        """Fill and submit the form `selector` in the page, then wait as `open` does."""
        self.line.check_submission(selector, values, button)
        draft = self.draft("submit", "POST", self.last_page().final_url)
        try:
            self.check_form(selector, draft.url)
        except Failed as exc:
            return self.record(draft, exc)
        return await self.take(draft, partial(self._submit, selector, values, button))

    async def unfold(self, selector: str) -> Step:
        """Click the control `selector`, which shows more of the page, then wait as `open` does."""
        self.line.check_control(selector)
        draft = self.draft("unfold", "GET", self.last_page().final_url)
        return await self.take(draft, partial(self._unfold, selector))

    async def call(self, url: str, body: Mapping[str, object]) -> Step:
        """Always raises `StopLineCrossed`: in a browser the page's own scripts make such calls."""
        raise StopLineCrossed(f"the walk calls {url} from a browser, where pages make their own calls")

    async def cookies(self) -> frozenset[str]:
        """The values of the visit's cookies. `vigie record` masks them in the pages it saves."""
        urls = sorted({url for step in self._steps for url in (step.url, step.final_url)})
        return await self.tab.cookies(urls)

    async def finish(self) -> None:
        """Take the screenshot if the last step shows a page, and no page of the visit had deciding words."""
        if self._has_deciding_picture or not self._steps or self._steps[-1].rendered is None:
            return
        self.screenshot, self.pictured = await self._photograph(), self._steps[-1].n

    async def _photograph(self, band: tuple[int, int] | None = None) -> bytes | None:
        if self._quality is None:
            return None
        try:
            async with asyncio.timeout(CLOSING):
                return await self.tab.screenshot(self._quality, band)
        except (Failed, WentAway, Error, TimeoutError):
            # The visit counts without a picture: it must not fail for lack of one.
            return None

    async def _open(self, draft: Draft) -> None:
        self._watch(draft)
        try:
            await self.tab.navigate(draft.url)
            await self._read(draft)
        finally:
            self._current = None

    async def _submit(
        self, selector: str, values: Mapping[str, str], button: str | None, draft: Draft
    ) -> None:
        self._watch(draft)
        try:
            await self.tab.submit(selector, values, button)
            await self._read(draft)
        finally:
            self._current = None

    async def _unfold(self, selector: str, draft: Draft) -> None:
        self._watch(draft)
        try:
            await self.tab.unfold(selector)
            await self._read(draft)
        finally:
            self._current = None

    def _watch(self, draft: Draft) -> None:
        self._current, self._asked, self._again = draft, 0, 0
        self.own = OwnRequests(self.line, self.allowance)
        draft.refused = self.own.refused

    async def _read(self, draft: Draft) -> None:
        # For an error without a body Chromium shows an error page of its own: do not keep it as the site's.
        if draft.body or (draft.status or 200) < 400:
            shown = await self.tab.shown()
            draft.rendered, draft.settled = shown.html, shown.settled
            if (draft.status or 200) < 400:
                await self._look_for_ink(draft)
        draft.tls_sha256 = await self.tab.certificate()

    async def _look_for_ink(self, draft: Draft) -> None:
        """Test the ink of the words that could decide; take the picture of a page that has such words."""
        if self._deciding is None:
            return
        # Pillow, which compares pictures: visits over plain HTTP do without it.
        from probes.sessions.browser.ink import inked  # noqa: PLC0415

        draft.ink = ()
        if words := self._deciding(self.present(draft)):
            self._has_deciding_picture = True
            # The step under way gets the next number.
            self.pictured = len(self._steps)
            draft.ink, self.screenshot = await inked(self.tab, words, self._photograph)
            if self.screenshot and len(self.pictures) < _MOST_PICTURES:
                self.pictures[self.pictured] = self.screenshot

    async def ask(self, url: str, method: str, *, main: bool, redirected: bool) -> None:
        """`Judge.ask`: checks host, IP address and stop line, for the page and for its frames."""
        if main:
            moves = self._asked > 0 and not redirected
            self._judge_page(url, method, redirected)
            if moves:
                await self._take_turn()
        else:
            self.allowance.check(url)
            self.check_target(url)
        await self._vet(urlsplit(url).hostname or "")

    def stays(self, url: str) -> bool:
        """`Judge.stays`: whether the page loads itself again for the second time in a step."""
        draft = self._current
        if draft is None or self._asked == 0 or _document(url) != _document(draft.final_url):
            return False
        self._again += 1
        self.own.moves_on |= self._again > 1
        return self._again > 1

    async def _take_turn(self) -> None:
        """Wait for the host's turn before a document that the page asks for by itself."""
        try:
            await self._turn.page()
        except NotNow as exc:
            raise Failed(Failure.OFF_LIMITS, f"the page moves on by itself, and {exc}") from exc

    async def admit(self, request: OwnRequest) -> bool:
        """`Judge.admit`: holds what the page asks for by itself to the stop line and the hosts' addresses."""
        if not self.own.admit(request):
            return False
        try:
            await self._vet(urlsplit(request.url).hostname or "")
        except Failed:
            self.own.refuse(request.method, request.url)
            return False
        return True

    def _judge_page(self, url: str, method: str, redirected: bool) -> None:
        draft = self._current
        if draft is None:
            raise Failed(Failure.OFF_LIMITS, "the page moves on by itself between two steps")
        self.own.forget()
        first, self._asked = self._asked == 0, self._asked + 1
        if method != "GET" and not (draft.action == "submit" and (first or redirected)):
            raise Failed(Failure.OFF_LIMITS, "the page sends a form by itself")
        if not first:
            self.follow(draft, url)
            return
        if draft.action == "submit":
            draft.url, draft.method = url, method
        self.allowance.check(url)
        self.check_target(url)

    async def _vet(self, host: str) -> None:
        if host in self._vetted:
            return
        try:
            await self.allowance.addresses(host, self._resolve)
        except OSError as exc:
            raise Failed(of_exception(exc), str(exc)) from exc
        self._vetted.add(host)

    def answered(self, url: str, status: int, headers: list[tuple[str, str]]) -> None:
        """`Judge.answered`: keeps the head of the answer in the step under way."""
        if self._current is not None:
            self._current.answered(url, status, headers)

    def received(self, body: bytes) -> None:
        """`Judge.received`: keeps the body. Raises `Failed` for a file to download."""
        if self._current is not None:
            self._current.body = body
            self._current.check_kind()

    def peer(self, address: str) -> None:
        """`Judge.peer`: checks the IP address that answered.

        Chromium resolves the name again itself, so the address may differ from the one checked before. The
        body is dropped when the address is not allowed.
        """
        draft = self._current
        if draft is None or not address:
            return
        draft.server_address = address
        try:
            self.allowance.check_address(urlsplit(draft.final_url).hostname or "", address)
        except Failed:
            draft.body = b""
            raise

    def dialog(self, message: str) -> None:
        """`Judge.dialog`: keeps the first 20 messages of a step."""
        if self._current is not None and len(self._current.dialogs) < _MOST_DIALOGS:
            self._current.dialogs.append(message)


def _document(url: str) -> str:
    """`url` without what follows #: the document that it names."""
    return urlsplit(url)._replace(fragment="").geturl()
