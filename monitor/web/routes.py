"""The pages `/releves/…` (a row of the record, its picture, its bodies) and `/guichets/…` (a target's rows).

They use no script and no cookie, and change nothing.

A captured page is given as a file to download and is never shown as a page: it may hold hostile scripts,
which would then run under our own address.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import wraps
from importlib.resources import files
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from monitor.days import parse_day
from monitor.present.framed import framed
from monitor.store import Damaged, EntryRow, GapRow, ObservationRow, Store, StoreError
from monitor.store.record import entries, target_versions
from monitor.store.review import controls
from monitor.web import sheet
from monitor.web.listing import listing
from probes.model import Capture, Clock
from probes.pages.seen import decided
from probes.proof import PageOrigin

log = logging.getLogger(__name__)

ROW = "/releves/{number}"
CAPTURE = f"{ROW}/capture"
COPY = f"{ROW}/copie"
BODY = f"{ROW}/pages/{{page}}"
GUICHET = "/guichets/{target}"
LARGEST = 2**63
MOST_ROWS = 200
POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}
_SANDBOX = {**HEADERS, "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox"}
_IMAGES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
_PAGES = Environment(
    loader=PackageLoader("monitor.web", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_STYLE = files("monitor.web").joinpath("templates/style.css").read_text(encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Records:
    """What the pages are made from. `origins`: the best pages that each platform's reader was tested with."""

    store: Store
    clock: Clock
    embargo: timedelta
    origins: Mapping[str, PageOrigin]


class NothingToShow(Exception):
    """There is nothing to show at this address. `status` is the HTTP status, `words` one French sentence."""

    def __init__(self, status: int, words: str, row: int | None = None) -> None:
        super().__init__(words)
        self.status, self.words, self.row = status, words, row


def routes(records: Records) -> list[BaseRoute]:
    """The routes to add to an application. Handlers are plain functions, which Starlette runs in threads."""
    pages = _Answers(records)
    return [
        Route("/releves/style.css", _style),
        Route(ROW, _answering(pages.row)),
        Route(CAPTURE, _answering(pages.capture)),
        Route(COPY, _answering(pages.copy)),
        Route(BODY, _answering(pages.body)),
        Route(GUICHET, _answering(pages.guichet)),
    ]


@dataclass(frozen=True)
class _Answers:
    records: Records

    def row(self, request: Request) -> Response:
        """The page of one row, observation or gap."""
        row = self._entry(request)
        with self.records.store.read() as conn:
            target = target_versions.of(conn, row.target_version_id)
            judged = controls.judged(conn, row.id)
        if isinstance(row, GapRow):
            return _page("row", sheet=sheet.of_gap(row, target))
        capture = self._whole(row)
        tested = self.records.origins.get(row.platform, PageOrigin.RECONSTRUCTED)
        shown = sheet.of_observation(row, target, capture, judged, tested=tested)
        return _page("observation", sheet=shown)

    def capture(self, request: Request) -> Response:
        """The picture of a row. Without one, redirects to the row's page, which says why there is none."""
        row = self._entry(request)
        if (picture := self._picture(row)) is None:
            return RedirectResponse(f"/releves/{row.id}", status_code=303, headers=HEADERS)
        kind = next((kind for start, kind in _IMAGES.items() if picture.startswith(start)), None)
        return Response(picture, headers=_SANDBOX, media_type=kind) if kind else _file(picture, f"{row.id}")

    def copy(self, request: Request) -> Response:
        """A copy of the picture with a caption, and frames around the words that decided."""
        row = self._entry(request)
        if isinstance(row, GapRow) or (picture := self._picture(row)) is None:
            return RedirectResponse(f"/releves/{row.id}", status_code=303, headers=HEADERS)
        with self.records.store.read() as conn:
            target = target_versions.of(conn, row.target_version_id)
        capture = self.records.store.load_capture(row.id)
        try:
            made = framed(picture, sheet.caption(row, target, capture), decided(row.in_force, capture))
        except OSError:
            raise NothingToShow(
                404, f"L'image du relevé n° {row.id} ne peut pas être copiée.", row.id
            ) from None
        return Response(made, headers=_SANDBOX, media_type="image/jpeg")

    def body(self, request: Request) -> Response:
        """One received body, to download."""
        row = self._entry(request)
        page = _number(request.path_params["page"])
        steps = () if isinstance(row, GapRow) else self.records.store.load_capture(row.id).steps
        found = next((step for step in steps if step.n == page), None)
        if found is None:
            raise NothingToShow(404, f"Le relevé n° {row.id} n'a pas de page n° {page}.", row.id)
        return _file(found.body, f"{row.id}-page-{page}")

    def guichet(self, request: Request) -> Response:
        """The rows of a guichet, newest first, without those under embargo.

        `?du=…&au=…` asks for the rows of these local days, both included.
        """
        store, name = self.records.store, request.path_params["target"]
        with store.read() as conn:
            target = target_versions.current(conn).get(name)
        if target is None:
            raise NothingToShow(404, "Le registre ne connaît pas ce guichet.")
        first, last = (_day(request.query_params.get(edge, "")) for edge in ("du", "au"))
        public = self.records.clock.now() - self.records.embargo
        rows = store.entries(
            name,
            since=_midnight(first, target.tz) if first else None,
            until=min(public, _midnight(last + timedelta(days=1), target.tz)) if last else public,
            limit=MOST_ROWS + 1,
            newest_first=True,
        )
        return _page("guichet", page=listing(target, list(rows), first=first, last=last, most=MOST_ROWS))

    def _entry(self, request: Request) -> EntryRow:
        """The row asked for. Raises `NothingToShow` when it is unknown (404) or under embargo (403)."""
        number = _number(request.path_params["number"])
        with self.records.store.read() as conn:
            row = entries.find(conn, number)
        if row is None:
            raise NothingToShow(404, f"Le registre n'a pas de relevé n° {number}.")
        # Whatever its outcome: if only rows with slots were refused, a refusal would give them away.
        if row.at > self.records.clock.now() - self.records.embargo:
            with self.records.store.read() as conn:
                target = target_versions.of(conn, row.target_version_id)
            until = sheet.local(row.at + self.records.embargo, target.tz)
            raise NothingToShow(403, f"Le relevé n° {row.id} est sous embargo jusqu'au {until}.")
        return row

    def _picture(self, row: EntryRow) -> bytes | None:
        """The picture of a row; `None` when none was taken. `NothingToShow` when it was thinned out."""
        address = None if isinstance(row, GapRow) else row.screenshot_sha256
        if address is None:
            return None
        picture = self.records.store.media.load(address)
        if picture is None:
            words = f"L'image du relevé n° {row.id} n'est plus conservée ; son empreinte reste au registre."
            raise NothingToShow(404, words, row.id)
        return picture

    def _whole(self, row: ObservationRow) -> Capture | None:
        """The row's capture. When a piece of it is damaged: `None`, and a line in the log."""
        try:
            return self.records.store.load_capture(row.id)
        except Damaged as damage:
            log.error("row %d: %s", row.id, damage)
            return None


def _number(text: str) -> int:
    """The row or page number in `text`. Raises `NothingToShow` when it cannot be one."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else LARGEST
    if number >= LARGEST:
        raise NothingToShow(404, "Cette adresse ne désigne aucun relevé : elle attend un numéro.")
    return number


def _day(text: str) -> date | None:
    """The day in `text`; `None` when it is empty. Raises `NothingToShow` when it is no date."""
    if not text:
        return None
    try:
        return parse_day(text)
    except ValueError:
        words = f"« {text[:20]} » n'est pas un jour : écrivez-le ainsi, 2026-03-01."
        raise NothingToShow(404, words) from None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def _answering(answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """`answer`, with each of its errors turned into a page with one sentence."""

    @wraps(answer)
    def answered(request: Request) -> Response:
        try:
            return answer(request)
        except NothingToShow as refused:
            return _said(refused.status, refused.words, refused.row)
        except Damaged as damage:
            log.error("%s: %s", request.url.path, damage)
            return _said(
                500, "Cette pièce n'est plus celle qui a été enregistrée : restaurez une sauvegarde."
            )
        except StoreError as error:
            log.warning("%s: %s", request.url.path, error)
            busy = _said(503, "La base ne répond pas pour l'instant ; réessayez dans une minute.")
            busy.headers["Retry-After"] = "60"
            return busy

    return answered


def _style(_: Request) -> Response:
    """The style sheet. It is a file so that the content policy can forbid inline styles."""
    return Response(_STYLE, media_type="text/css", headers={**HEADERS, "Cache-Control": "max-age=3600"})


def _page(name: str, status: int = 200, **context: object) -> HTMLResponse:
    return HTMLResponse(_PAGES.get_template(f"{name}.j2").render(**context), status, HEADERS)


def _said(status: int, words: str, row: int | None = None) -> HTMLResponse:
    return _page("said", status, words=words, row=row)


def _file(content: bytes, name: str) -> Response:
    """A file that browsers download and do not show: the bytes as received, so no encoding is stated."""
    disposition = f'attachment; filename="releve-{name}.txt"'
    return Response(
        content, headers={**_SANDBOX, "Content-Type": "text/plain", "Content-Disposition": disposition}
    )
