"""The style sheets of a page, fetched over plain HTTP to know what they hide.

Only those of the page's own site are asked for, at plain addresses that end in `.css` and lie elsewhere than
the page: no step of a booking does. They are no pages, and a browser asks for them too, so they do not count
in the host's budget. Most visits ask for none, because sheets are kept in memory as long as the site says.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

import httpx

from probes.failures import Failed
from probes.model import Clock, LinkedSheet
from probes.pages.page import host_of, origin_of, path_of
from probes.pages.received.encoding import decode_sheet, is_of_ascii
from probes.pages.styling.stylesheet import effects, is_print
from probes.pages.visible import parsed
from probes.sessions.guard import Allowance
from probes.sessions.http.unpacking import Unpacker

MOST_SHEETS = 16
MOST_BYTES = 1_000_000
"""Largest sheet, unpacked; `MOST_BYTES` times two is the most that all sheets of a page may have."""
MOST_CHARS = 500
"""Longest part of an address that is kept: it may hold a whole sheet."""
MOST_HOPS = 3
MOST_SECONDS = 15.0
"""For all sheets of a page together: a page is worth more than its sheets."""
MOST_KEPT = 64
USUAL_AGE, LONGEST_AGE = timedelta(hours=1), timedelta(hours=24)

# They declare fonts and nothing else.
_FONTS = frozenset(("fonts.googleapis.com", "fonts.bunny.net", "use.typekit.net"))
_GONE = (404, 410)
_PLAIN_PATH = re.compile(r"(?:/[\w.,~+@=-]+)+\.css", re.IGNORECASE | re.ASCII)
_HEADERS = {"Accept": "text/css,*/*;q=0.1"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A sheet in memory: its text, until when it needs no asking, and what to ask with then."""

    text: str
    fresh_until: datetime
    validators: Mapping[str, str]


class SheetMemory:
    """The sheets that visits of this process have read, by URL; the `MOST_KEPT` used last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def find(self, url: str) -> Kept | None:
        """The sheet last kept for `url`, fresh or not."""
        if url in self._kept:
            self._kept.move_to_end(url)
        return self._kept.get(url)

    def keep(self, url: str, sheet: Kept) -> None:
        """Keep `sheet` for `url`."""
        self._kept[url] = sheet
        self._kept.move_to_end(url)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)


class SheetReader:
    """Reads the sheets of pages during one visit."""

    def __init__(
        self, client: httpx.AsyncClient, memory: SheetMemory, allowance: Allowance, clock: Clock
    ) -> None:
        self._client = client
        self._memory = memory
        self._allowance = allowance
        self._clock = clock

    async def of(self, html: str, page_url: str) -> tuple[LinkedSheet, ...]:
        """The sheets that the page links to, and those that they import; without text where unread."""
        wanted = list(linked(html, page_url))
        strange = frozenset(linked(html, page_url, strange=True))
        found: dict[str, LinkedSheet] = {}
        size = 0
        until = asyncio.get_running_loop().time() + MOST_SECONDS
        while wanted:
            url = wanted.pop(0)
            if url in found or host_of(url) in _FONTS:
                continue
            asked = len(found) < MOST_SHEETS and url not in strange
            text = await self._text(url, page_url, until) if asked else None
            size += len(text or "")
            found[url] = LinkedSheet(url=url[:MOST_CHARS], text=text if size <= 2 * MOST_BYTES else None)
            if len(found) > MOST_SHEETS:
                break
            if text:
                # Large sheets take a while; other visits share this loop.
                known = await asyncio.to_thread(effects, text)
                wanted += [urljoin(url, address) for address in known.imports] if known else []
        return tuple(found.values())

    async def _text(self, url: str, page_url: str, until: float) -> str | None:
        kept = self._memory.find(url)
        if kept and self._clock.now() < kept.fresh_until:
            return kept.text
        try:
            async with asyncio.timeout_at(until):
                return await self._ask(url, page_url, kept)
        except (TimeoutError, Failed, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            return None

    async def _ask(self, url: str, page_url: str, kept: Kept | None) -> str | None:
        asked = url
        for _ in range(MOST_HOPS):
            if not _is_own(asked, page_url):
                return None
            self._allowance.check(asked)
            headers = {**_HEADERS, "Referer": page_url, **(kept.validators if kept else {})}
            response = await self._client.send(
                self._client.build_request("GET", asked, headers=headers), stream=True
            )
            try:
                if response.next_request is None:
                    return await self._received(url, response, kept)
                asked = str(response.next_request.url)
            finally:
                await response.aclose()
        return None

    async def _received(self, url: str, response: httpx.Response, kept: Kept | None) -> str | None:
        validity = self._validity(response)
        if response.status_code == 304 and kept:
            self._memory.keep(url, replace(kept, fresh_until=validity))
            return kept.text
        if response.status_code in _GONE:
            # A browser gets none either, and shows the page without it.
            text = ""
        elif response.status_code == 200:
            found = decode_sheet(await _body(response), response.headers.get("content-type", ""))
            if found is None:
                return None
            text = found
        else:
            return None
        self._memory.keep(url, Kept(text=text, fresh_until=validity, validators=_validators(response)))
        return text

    def _validity(self, response: httpx.Response) -> datetime:
        said = response.headers.get("cache-control", "").lower()
        if "no-cache" in said or "no-store" in said:
            return self._clock.now()
        age = re.search(r"\bmax-age=(\d{1,9})\b", said)
        return self._clock.now() + (min(timedelta(seconds=int(age[1])), LONGEST_AGE) if age else USUAL_AGE)


def linked(html: str, page_url: str, *, strange: bool = False) -> Iterator[str]:
    """The absolute URLs of the style sheets that a page asks for by itself, without its imports' imports.

    `strange`: only those of links that name an encoding in which the sheet's letters are not ASCII bytes.
    """
    tree = parsed(html)
    if tree is None:
        return
    base = tree.css_first("base[href]")
    base_url = urljoin(page_url, (base.attributes.get("href") or "") if base else "")
    for node in tree.css("link[rel][href][charset]" if strange else "link[rel][href]"):
        said = node.attributes
        kinds = (said.get("rel") or "").lower().split()
        applies = "stylesheet" in kinds and "alternate" not in kinds and "disabled" not in said
        applies = applies and not (strange and is_of_ascii(said.get("charset") or ""))
        if applies and not is_print(said.get("media") or "") and (said.get("href") or "").strip():
            yield _joined(base_url, said.get("href") or "")
    for node in tree.css("style") if not strange else ():
        known = effects(node.text())
        yield from (_joined(base_url, address) for address in (known.imports if known else ()))


def _joined(base: str, address: str) -> str:
    try:
        return urlsplit(urljoin(base, address.strip()))._replace(fragment="").geturl()
    except ValueError:
        return address


def _is_own(url: str, page_url: str) -> bool:
    """Whether `url` is, by its address, a style sheet of the page's own site and no step beside the page."""
    path, page = urlsplit(url).path, path_of(page_url).split("/")
    beside = len(page) > 3 and path.split("/")[:3] == page[:3]
    plain = _PLAIN_PATH.fullmatch(path) and ".." not in path
    return origin_of(url) == origin_of(page_url) and bool(plain) and not beside


def _validators(response: httpx.Response) -> dict[str, str]:
    names = (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since"))
    return {asked: response.headers[name] for name, asked in names if name in response.headers}


async def _body(response: httpx.Response) -> bytes:
    unpacker = Unpacker(response.headers.get("content-encoding", ""), MOST_BYTES)
    body = bytearray()
    async for chunk in response.aiter_raw():
        for piece in unpacker.feed(chunk):
            body += piece
            await asyncio.sleep(0)
    unpacker.end()
    return bytes(body)
