"""The lines of the journal, schema v1: canonical JSON, made from observations, gaps, draws and so on. Pure.

Only the fields named here are written (an allow-list). A record is one line with its newline; exactly these
bytes are hashed, chained and sealed. There is one chain for each target, and the chain `journal` for what
belongs to no target. A chain counts its records, and each record names the SHA-256 of the record before it.
`docs/record-v1.schema.json` describes every field.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from monitor.model import Draw, Gap, Observation, Vantage
from monitor.rules import scrub
from probes.model import AcceptedLine, Capture, Ink, Outcome, Reading, Slot, Step, Target
from probes.pages.seen import seen

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"
Body: TypeAlias = dict[str, Json]

VERSION = 1
JOURNAL = "journal"
_MOST_REFUSED = 20
# A page may invent a method.
_METHODS = ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")


class FactKind(StrEnum):
    """The types of record: a closed list. `facts` has a class for each."""

    OBSERVATION = "observation"
    GAP = "gap"
    DRAW = "draw"
    CONFIG = "config"
    RECLASSIFICATION = "reclassification"
    INCIDENT = "incident"
    ANCHOR = "anchor"


class JournalIncidentKind(StrEnum):
    """The problems of the journal itself that are written into it: a closed list."""

    AUTHORITY_LATE = "authority_late"
    AUTHORITY_GIVEN_UP = "authority_given_up"


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """The place of a record: `seq` in the journal, `target_seq` in the chain `target`, both from 0.

    `prev` is the SHA-256 of the record before it in the chain. `entry` is the number of the entry it is
    about, if any. `recorded_at` is when it was written.
    """

    seq: int
    target: str
    target_seq: int
    prev: str
    entry: int | None
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchor:
    """A time stamp received from an authority. `stamped_at` is by the authority's clock.

    `checkers_agree` says whether rfc3161-client accepts the stamp too; openssl always did.
    """

    seal_day: date
    seal_sha256: str
    authority: str
    token_sha256: str
    stamped_at: datetime
    policy: str
    checkers_agree: bool


def record(kind: FactKind, body: Body, link: Link) -> bytes:
    """The line of a record. Raises `TypeError` for a float, because JSON has several spellings for one."""
    place: Body = {
        "v": VERSION,
        "type": str(kind),
        "seq": link.seq,
        "target": link.target,
        "target_seq": link.target_seq,
        "prev": link.prev,
        "recorded_at": instant(link.recorded_at),
    }
    if link.entry is not None:
        place["entry"] = link.entry
    return canonical(body | place)


def canonical(value: Mapping[str, Json]) -> bytes:
    """One line of UTF-8 JSON with sorted keys and no spaces, with its newline. `TypeError` for a float."""
    _refuse_floats(value)
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError(f"a record cannot hold the float {value!r}: use an integer of a smaller unit")
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)


def digest(line: bytes) -> str:
    """SHA-256 in hexadecimal; that of a line is the `prev` of the next record in its chain."""
    return hashlib.sha256(line).hexdigest()


def instant(value: datetime) -> str:
    """The instant as text in UTC, to the millisecond. The width never varies: text order is time order."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def observation(visit: Observation, *, known: frozenset[str] = frozenset()) -> Body:
    """The body for an observation: everything but the raw pages, which are named by their SHA-256.

    `known` are the words that addresses may show: see `scrub.url`.
    """
    body: Body = {
        "platform": scrub.slug(visit.platform),
        "reader_version": scrub.slug(visit.reader_version),
        "transport": str(visit.transport),
        "origin": str(visit.origin),
        "simulated": visit.simulated,
        "started_at": instant(visit.started_at),
        "finished_at": instant(visit.finished_at),
        "vantage": _vantage(visit.vantage),
        "steps": [_step(step, known) for step in visit.capture.steps],
        **_shot(visit.capture),
        **_reading(visit.reading, visit.capture),
    }
    if visit.scheduled_at:
        body["scheduled_at"] = instant(visit.scheduled_at)
    if visit.over_http:
        body["over_http"] = _over_http(visit.over_http)
    return body


def _over_http(second: Reading) -> Body:
    """The second reading of a double reading: as much of it as the two are compared by."""
    body: Body = {"outcome": str(second.outcome), "rule": scrub.slug(second.rule)}
    optional = {"kind": second.kind, "failure": second.failure}
    return body | {name: str(value) for name, value in optional.items() if value}


def gap(missed: Gap) -> Body:
    """The body for a gap. `detail`, the sentence for people, is left out."""
    return {
        "scheduled_at": instant(missed.scheduled_at),
        "reason": str(missed.reason),
        "simulated": missed.simulated,
    }


def draw(drawn: Draw, target: Target) -> Body:
    """The body for a draw: its instants, the SHA-256 of their seed, and the target as it will be visited."""
    return {
        **target_config(target),
        "day": drawn.day.isoformat(),
        "interval_s": drawn.interval // timedelta(seconds=1),
        "instants": [instant(moment) for moment in drawn.instants],
        "seed_sha256": scrub.slug(drawn.seed_sha256),
        "drawn_at": instant(drawn.drawn_at),
    }


def target_config(target: Target) -> Body:
    """The body for a version of a target: what is visited under its name from this record on."""
    shown = scrubbed(target)
    body: Body = {
        "platform": shown.platform,
        "url": shown.url,
        "prefecture": shown.prefecture,
        "departement": shown.departement,
        "demarche": shown.demarche,
        "zone": shown.zone,
    }
    return body | ({"desk": shown.desk} if shown.desk else {})


def scrubbed(target: Target) -> Target:
    """The target without the words of its address that records must not show."""
    return replace(
        target,
        platform=scrub.slug(target.platform),
        url=scrub.url(target.url, scrub.vocabulary(target.url)),
        prefecture=scrub.own_words(target.prefecture),
        departement=scrub.slug(target.departement),
        demarche=scrub.own_words(target.demarche),
        desk=scrub.own_words(target.desk) if target.desk else None,
        options={},
    )


def service_config(
    *, software: str, python: str, system: str, browser: str | None = None, egress: str | None = None
) -> Body:
    """The body for the machine and programs that make the visits. `egress` is their public IP address."""
    body: Body = {
        "software": scrub.own_words(software),
        "python": scrub.slug(python),
        "system": scrub.own_words(system),
    }
    if browser:
        body["browser"] = scrub.own_words(browser)
    if address := scrub.address(egress):
        body["egress"] = address
    return body


def reclassification(
    of: int, reading: Reading, capture: Capture, *, platform: str, reader_version: str
) -> Body:
    """The body for a later reading of `capture`, which belongs to the record with the `seq` `of`."""
    return {
        "of": of,
        "platform": scrub.slug(platform),
        "reader_version": scrub.slug(reader_version),
        **_reading(reading, capture),
    }


def incident(kind: JournalIncidentKind, *, about: str, day: date) -> Body:
    """The body for a problem of the journal since `day`. `about` is the name of an authority."""
    return {"incident": str(kind), "about": scrub.slug(about), "day": day.isoformat()}


def anchor(received: Anchor) -> Body:
    """The body for a time stamp on a seal."""
    return {
        "seal_day": received.seal_day.isoformat(),
        "seal_sha256": received.seal_sha256,
        "authority": scrub.slug(received.authority),
        "token_sha256": received.token_sha256,
        "stamped_at": instant(received.stamped_at),
        "policy": scrub.slug(received.policy),
        "checkers_agree": received.checkers_agree,
    }


def _vantage(vantage: Vantage) -> Body:
    body: Body = {"name": scrub.slug(vantage.name), "software": scrub.own_words(vantage.software)}
    if vantage.browser:
        body["browser"] = scrub.own_words(vantage.browser)
    if vantage.user_agent:
        body["user_agent"] = scrub.own_words(vantage.user_agent)
    if vantage.clock_offset is not None:
        body["clock_offset_ms"] = vantage.clock_offset // timedelta(milliseconds=1)
    return body


def _step(step: Step, known: frozenset[str]) -> Body:
    body: Body = {
        "n": step.n,
        "action": scrub.slug(step.action),
        "method": scrub.slug(step.method),
        "url": scrub.url(step.url, known),
        "started_at": instant(step.started_at),
        "ms": (step.finished_at - step.started_at) // timedelta(milliseconds=1),
        "body_sha256": step.body_sha256,
        "body_bytes": len(step.body),
    }
    optional: Body = {
        "final_url": scrub.url(step.final_url, known) if step.final_url != step.url else None,
        "redirects": [scrub.url(address, known) for address in step.redirects],
        "status": step.status,
        "headers": scrub.headers(step.headers),
        "server_address": scrub.address(step.server_address),
        "tls_sha256": scrub.sha256(step.tls_sha256),
        "rendered_sha256": step.rendered is not None and sha256_text(step.rendered),
        "dialogs_sha256": step.dialogs and sha256_text("\n".join(step.dialogs)),
        "failure": step.failure and str(step.failure),
        "refused": [_request(asked, known) for asked in step.refused[:_MOST_REFUSED]],
        "sheets_sha256": digest(sheets(step)) if step.sheets else None,
    }
    settled: Body = {} if step.settled is None else {"settled": step.settled}
    return body | settled | {name: value for name, value in optional.items() if value}


def _request(asked: str, known: frozenset[str]) -> str:
    method, _, address = asked.partition(" ")
    return f"{method if method in _METHODS else '*'} {scrub.url(address, known)}"


def sheets(step: Step) -> bytes:
    """The style sheets that a page asks for, as one line of JSON; `text` is missing where it was not read."""
    listed = [
        {"url": sheet.url} | ({} if sheet.text is None else {"text": sheet.text})
        for sheet in step.sheets or ()
    ]
    line = json.dumps({"sheets": listed}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{line}\n".encode("utf-8", "surrogatepass")


def sha256_text(value: str) -> str:
    """The SHA-256 of a text in UTF-8. Lone surrogates, which some pages contain, are encoded as they are."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def _shot(capture: Capture) -> Body:
    shot: Body = {"shot_sha256": hashlib.sha256(capture.screenshot).hexdigest()} if capture.screenshot else {}
    return shot if capture.pictured is None else {**shot, "shot_step": capture.pictured}


def _reading(reading: Reading, capture: Capture) -> Body:
    body: Body = {"outcome": str(reading.outcome), "rule": scrub.slug(reading.rule)}
    optional: Body = {
        "quote": scrub.quotation(reading.words) if _quotes_a_mark(reading) else "",
        "kind": reading.kind and str(reading.kind),
        "failure": reading.failure and str(reading.failure),
        "earliest": _slot(reading.earliest) if reading.earliest else None,
        "second": _slot(reading.second) if reading.second else None,
        "slots": reading.slots,
        "horizon": reading.horizon.isoformat() if reading.horizon else None,
        # The answer of each desk, in the page's order; the labels stay in the page.
        "desks": [str(part.outcome) for part in reading.parts],
        "seen": [_seen(step, ink) for step, ink in seen(reading, capture)],
        "accepted": [_accepted(each) for each in reading.accepted],
    }
    return body | {
        name: value for name, value in optional.items() if value or (value == 0 and name == "slots")
    }


def _seen(step: int, ink: Ink) -> Body:
    """Where words that decided stand; without the words, which `quote` has."""
    place: Body = {"step": step, "left": ink.left, "top": ink.top, "width": ink.width, "height": ink.height}
    return place if ink.places == 1 else {**place, "places": ink.places}


def _quotes_a_mark(reading: Reading) -> bool:
    """Whether the quote is a text that a recogniser knows, not any text of an unknown page or a failure."""
    unknown = (Outcome.UNRECOGNISED, Outcome.SITE_DOWN, Outcome.PROBE_ERROR)
    return reading.failure is None and reading.outcome not in unknown


def _accepted(one: AcceptedLine) -> Body:
    line, reason = scrub.quotation(one.line), scrub.own_words(one.reason)
    return {"line": line, "at": instant(one.at), "reason": reason}


def _slot(slot: Slot) -> Body:
    return {"at": instant(slot.starts_at), "precision": str(slot.precision)}
