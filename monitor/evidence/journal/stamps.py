"""Third parties' time stamps (RFC 3161) on the seals: requested, kept raw, checked twice, retried for days.

A reply is accepted when openssl accepts it (imprint, nonce, chain, extended key usage), its policy is the
expected one, and its time agrees with our clock: a stamp received late shows the late time. rfc3161-client is
the second check. It refuses some encodings that openssl accepts, so its refusal is recorded and nothing more.
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
    """There is no reply, or the reply is not accepted; the message says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Authority:
    """An authority for time stamps. `name` is used in file names; `root` and `chain` are paths of PEM files,
    copied into bundles.

    `policy` is the OID of the expected policy; `None` accepts any. `qualified` is the operator's claim, after
    reading the European trusted list, that its stamps are qualified ones.
    """

    name: str
    url: str
    root: Path
    chain: Path | None = None
    policy: str | None = None
    qualified: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """What an accepted reply says: the time (UTC) and the policy, and whether both checks accept it."""

    stamped_at: datetime
    policy: str
    checkers_agree: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class StampAttempt:
    """The result of asking one authority to stamp one seal: an anchor for the journal, or a reason."""

    day: date
    authority: str
    anchor: records.Anchor | None = None
    reason: str = ""


class Anchors:
    """Gets a time stamp of every authority on every recent seal."""

    def __init__(
        self, seals: Seals, authorities: Sequence[Authority], client: httpx.Client, clock: Clock
    ) -> None:
        self._seals = seals
        self._authorities = authorities
        self._client = client
        self._clock = clock

    def pending(self) -> list[tuple[date, Authority]]:
        """The missing stamps as pairs of sealed day and authority, oldest first, with no limit of age."""
        days = self._seals.days()
        return [(day, one) for day in days for one in self._authorities if not self._token(day, one).exists()]

    def given_up(self) -> list[tuple[date, Authority]]:
        """The missing stamps that are no longer asked for: their day is more than `RETRY_DAYS` ago."""
        return [(day, one) for day, one in self.pending() if not self._in_time(day)]

    def catch_up(self) -> list[StampAttempt]:
        """Ask once for every missing stamp of the last `RETRY_DAYS` days. Failures are in the results."""
        return [self._attempt(day, one) for day, one in self.pending() if self._in_time(day)]

    def received(self) -> list[tuple[date, Authority]]:
        """The stamps present on the seals of the last `RETRY_DAYS` days, oldest first."""
        days = [day for day in self._seals.days() if self._in_time(day)]
        return [(day, one) for day in days for one in self._authorities if self._token(day, one).exists()]

    def read_again(self, day: date, authority: Authority) -> StampAttempt:
        """Read a stamp received earlier, by a round that was interrupted before it wrote the journal."""
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
        # The raw reply is stored before it is checked, so that it is kept even when it is refused.
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
    """A query for a stamp on `seal`, with a new nonce, which asks for the authority's certificate too."""
    return TimestampRequestBuilder().data(seal).hash_algorithm(HashAlgorithm.SHA256).build().as_bytes()


def check(reply: Path, *, query: Path, seal: bytes, authority: Authority, now: datetime) -> Stamp:
    """Check a reply against its query and the seal, and read it. `now` is the time of our clock.

    Raises `StampRefused` when openssl refuses it, or when its policy or its time is not the expected one.
    """
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
    """Read a reply without checking it. Raises `StampRefused` when openssl cannot read it."""
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
    """The value of the last line with this label: earlier ones may be the status, which is unsigned."""
    found: list[str] = re.findall(rf"^{label}: (.+)$", text, re.MULTILINE)
    return found[-1].strip() if found else ""


def _stamped_at(text: str) -> datetime:
    shown = re.sub(r"\.\d+", "", _shown(text, "Time stamp"))
    return datetime.strptime(shown, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)
