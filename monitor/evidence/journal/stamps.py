"""Third parties' time stamps (RFC 3161) on the seals: asked for, kept raw, checked twice, retried for days.

A reply counts when openssl accepts it (imprint, nonce, chain, extended key usage), its policy is the expected
one and its time is now: a late stamp says that it is late. rfc3161-client is the second opinion; it refuses
some encodings openssl accepts, so a disagreement is recorded, not fatal.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from monitor.evidence.journal import names, records
from monitor.evidence.journal.seals import RETRY_DAYS, Seals
from monitor.files import write_whole
from probes.model import Clock

CLOCK_TOLERANCE = timedelta(minutes=10)
_MOST_BYTES = 65_536
_MOST_SECONDS = 60
_QUERY = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


class StampRefused(Exception):
    """A reply that proves nothing, or no reply; the message says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Authority:
    """Whom we ask: `name` is a slug for file names; `root` and `chain` are PEM files, archived with bundles.

    `policy` is the expected policy, any when `None`. `qualified` is the operator's claim, after reading the
    European trusted list, that the stamp is a qualified one.
    """

    name: str
    url: str
    root: Path
    chain: Path | None = None
    policy: str | None = None
    qualified: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """What an accepted reply says."""

    stamped_at: datetime
    policy: str
    checkers_agree: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class StampAttempt:
    """One request to one authority for one seal: an anchor for the log, or why there is none."""

    day: date
    authority: str
    anchor: records.Anchor | None = None
    reason: str = ""


class Anchors:
    """Keeps every recent seal stamped by every authority."""

    def __init__(
        self, seals: Seals, authorities: Sequence[Authority], client: httpx.Client, clock: Clock
    ) -> None:
        self._seals = seals
        self._authorities = authorities
        self._client = client
        self._clock = clock

    def pending(self) -> list[tuple[date, Authority]]:
        """The stamps still missing, oldest first, however old."""
        days = self._seals.days()
        return [(day, one) for day in days for one in self._authorities if not self._token(day, one).exists()]

    def given_up(self) -> list[tuple[date, Authority]]:
        """The stamps nobody asks for any more."""
        return [(day, one) for day, one in self.pending() if not self._in_time(day)]

    def catch_up(self) -> list[StampAttempt]:
        """Ask once for every missing stamp of the last days. Never raises for what an authority did."""
        return [self._attempt(day, one) for day, one in self.pending() if self._in_time(day)]

    def received(self) -> list[tuple[date, Authority]]:
        """The stamps that came in the last days, oldest first."""
        days = [day for day in self._seals.days() if self._in_time(day)]
        return [(day, one) for day in days for one in self._authorities if self._token(day, one).exists()]

    def read_again(self, day: date, authority: Authority) -> StampAttempt:
        """What a stamp received earlier says: whoever received it was stopped before the log had it."""
        try:
            stamp = said(self._token(day, authority), self._seals.read(names.seal(day)), authority)
        except StampRefused as refusal:
            return StampAttempt(day=day, authority=authority.name, reason=str(refusal))
        return self._accepted(day, authority, stamp)

    def _in_time(self, day: date) -> bool:
        return self._clock.now().date() - day <= timedelta(days=RETRY_DAYS)

    def _token(self, day: date, authority: Authority) -> Path:
        return self._seals.folder / names.token(day, authority.name)

    def _attempt(self, day: date, authority: Authority) -> StampAttempt:
        token = self._token(day, authority)
        reply = token.parent / "pending" / token.name
        try:
            stamp = self._stamp(day, authority, reply)
        except StampRefused as refusal:
            return StampAttempt(day=day, authority=authority.name, reason=str(refusal))
        reply.replace(token)
        return self._accepted(day, authority, stamp)

    def _accepted(self, day: date, authority: Authority, stamp: Stamp) -> StampAttempt:
        received = records.Anchor(
            seal_day=day,
            seal_sha256=records.digest(self._seals.read(names.seal(day))),
            authority=authority.name,
            token_sha256=records.digest(self._token(day, authority).read_bytes()),
            stamped_at=stamp.stamped_at,
            policy=stamp.policy,
            checkers_agree=stamp.checkers_agree,
        )
        return StampAttempt(day=day, authority=authority.name, anchor=received)

    def _stamp(self, day: date, authority: Authority, reply: Path) -> Stamp:
        seal = self._seals.read(names.seal(day))
        query = reply.with_suffix(".tsq")
        write_whole(query, request(seal))
        # Raw and first: whatever a checker thinks of it, what was received is kept.
        write_whole(reply, self._ask(authority, query.read_bytes()))
        return check(reply, query=query, seal=seal, authority=authority, now=self._clock.now())

    def _ask(self, authority: Authority, query: bytes) -> bytes:
        try:
            with self._client.stream("POST", authority.url, content=query, headers=_QUERY) as response:
                if response.status_code != httpx.codes.OK:
                    raise StampRefused(f"{authority.name} answered HTTP {response.status_code}")
                return self._received(response, authority)
        except httpx.HTTPError as error:
            raise StampRefused(f"{authority.name} did not answer: {type(error).__name__}") from error

    def _received(self, response: httpx.Response, authority: Authority) -> bytes:
        started, received = self._clock.monotonic(), b""
        for chunk in response.iter_bytes():
            received += chunk
            if len(received) > _MOST_BYTES or self._clock.monotonic() - started > _MOST_SECONDS:
                raise StampRefused(f"{authority.name} sends too much or too slowly")
        return received


def request(seal: bytes) -> bytes:
    """A query for a stamp on `seal`, with a fresh nonce, asking for the authority's certificate."""
    return TimestampRequestBuilder().data(seal).hash_algorithm(HashAlgorithm.SHA256).build().as_bytes()


def check(reply: Path, *, query: Path, seal: bytes, authority: Authority, now: datetime) -> Stamp:
    """What a reply proves. Raises `StampRefused`."""
    _openssl_accepts(reply, query, authority, now)
    stamp = said(reply, seal, authority)
    if authority.policy and stamp.policy != authority.policy:
        raise StampRefused(f"{authority.name} stamped under policy {stamp.policy}, not {authority.policy}")
    if abs(stamp.stamped_at - now) > CLOCK_TOLERANCE:
        raise StampRefused(
            f"{authority.name} says {stamp.stamped_at:%Y-%m-%d %H:%M} UTC, our clock {now:%Y-%m-%d %H:%M}"
        )
    return stamp


def said(reply: Path, seal: bytes, authority: Authority) -> Stamp:
    """What an accepted reply says. Raises `StampRefused` when openssl cannot read it."""
    shown = _openssl("ts", "-reply", "-in", str(reply), "-text")
    if shown.returncode != 0:
        raise StampRefused(f"{authority.name}: openssl cannot read {reply.name}")
    return Stamp(
        stamped_at=_stamped_at(shown.stdout),
        policy=_shown(shown.stdout, "Policy OID"),
        checkers_agree=_second_opinion(reply, seal, authority),
    )


def _openssl_accepts(reply: Path, query: Path, authority: Authority, now: datetime) -> None:
    chain = ["-untrusted", str(authority.chain)] if authority.chain else []
    command = ["ts", "-verify", "-queryfile", str(query), "-in", str(reply), "-CAfile", str(authority.root)]
    verdict = _openssl(*command, *chain, "-attime", str(int(now.timestamp())))
    if verdict.returncode != 0:
        raise StampRefused(f"{authority.name}: openssl refuses the reply ({_reason(verdict.stderr)})")


def _second_opinion(reply: Path, seal: bytes, authority: Authority) -> bool:
    builder = VerifierBuilder()
    for certificate in x509.load_pem_x509_certificates(authority.root.read_bytes()):
        builder = builder.add_root_certificate(certificate)
    if authority.chain:
        for certificate in x509.load_pem_x509_certificates(authority.chain.read_bytes()):
            builder = builder.add_intermediate_certificate(certificate)
    try:
        response = decode_timestamp_response(reply.read_bytes())
        return builder.build().verify(response, hashlib.sha256(seal).digest())
    except (ValueError, VerificationError):
        return False


def _openssl(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["openssl", *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except FileNotFoundError as error:
        raise StampRefused("openssl is not installed: no time stamp can be checked without it") from error


def _reason(errors: str) -> str:
    """The last reason openssl gave, without its internal addresses."""
    reasons = re.findall(r"error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):", errors)
    return "; ".join(dict.fromkeys(reasons)) or "no reason given"


def _shown(text: str, label: str) -> str:
    """The last such line: those before it may be the reply's status, which nobody signed."""
    found: list[str] = re.findall(rf"^{label}: (.+)$", text, re.MULTILINE)
    return found[-1].strip() if found else ""


def _stamped_at(text: str) -> datetime:
    shown = re.sub(r"\.\d+", "", _shown(text, "Time stamp"))
    return datetime.strptime(shown, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)
