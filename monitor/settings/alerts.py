"""The tables `[smtp]` and `[alerts]` of `vigie.toml`: the mail server, organisations' own lists, limits."""

from __future__ import annotations

import re
from datetime import timedelta
from email.errors import HeaderParseError
from email.headerregistry import Address
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, model_validator

from monitor.durations import Duration
from monitor.model import Language
from monitor.places.departements import NAMES
from monitor.places.regions import REGIONS
from monitor.problems import nearest, quoted
from monitor.settings.base import Name, Section

PORTS = {"starttls": 587, "tls": 465, "none": 25}
LONGEST_ADDRESS = 254


class Topic(StrEnum):
    """What one may ask to hear of."""

    ZERO = "zero"
    SLOTS = "slots"
    MILESTONE = "milestone"
    DIGEST = "digest"


def mail_address(value: str) -> str:
    """`value` as a plain `name@domain`. Raises `ValueError` with the sentence to print."""
    sentence = f"{quoted(value[:80])} is not a mail address; write it like contact@example.org"
    try:
        address = Address(addr_spec=value)
        domain = address.domain.encode("idna").decode().lower()
    # `AttributeError` is Python's own mistake, for a domain that begins with « [ ».
    except (HeaderParseError, ValueError, IndexError, AttributeError) as error:
        raise ValueError(sentence) from error
    spec = f"{address.username}@{domain}"
    if not re.fullmatch(r"[!-?A-~]+@[a-z0-9-]+(\.[a-z0-9-]+)*", spec) or len(spec) > LONGEST_ADDRESS:
        raise ValueError(sentence)
    return spec


def known_zone(value: str) -> str:
    """`value` if it is an IANA zone. Raises `ValueError` with the sentence to print."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'{quoted(value)} is not a time zone; write it like "Europe/Paris"') from error
    return value


def known_region(value: str) -> str:
    """`value` if it is a région's slug. Raises `ValueError` with the sentence to print."""
    if value not in REGIONS:
        raise ValueError(f"{quoted(value)} is not a région; {nearest(value, REGIONS)}")
    return value


def known_departement(value: str) -> str:
    """`value` if it can be a département code. Raises `ValueError` with the sentence to print."""
    if value not in NAMES:
        raise ValueError(f'{quoted(value)} is not a département; write its code as text: "01", "2A", "974"')
    return value


MailAddress = Annotated[str, AfterValidator(mail_address)]
Zone = Annotated[str, AfterValidator(known_zone)]
Region = Annotated[str, AfterValidator(known_region)]
Departement = Annotated[str, AfterValidator(known_departement)]


class Smtp(Section):
    """The mail server. Certificates are always verified."""

    host: str = Field(
        default="", description="Mail server; without one, no mail is sent.", examples=["smtp.example.org"]
    )
    port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Port, if not the usual one (587, or 465 for tls).",
        examples=[587],
    )
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="How the connection is protected; none only on this machine.",
        examples=["starttls"],
    )
    username: str = Field(default="", description="Login, if the server wants one.", examples=["vigie"])
    password: SecretStr | None = Field(
        default=None, description="Password of the login; best given as a file.", examples=["…"]
    )
    ca_file: Path | None = Field(
        default=None,
        description="Certificate authorities to trust instead of the system's own.",
        examples=["/etc/ssl/own-ca.pem"],
    )
    sender: str = Field(
        default="", description="Address the mails come from.", examples=["vigie@example.org"]
    )
    reply_to: MailAddress | None = Field(
        default=None,
        description="Address answers go to, if not the sender.",
        examples=["contact@example.org"],
    )
    timeout: Duration = Field(
        default=timedelta(seconds=30),
        le=timedelta(minutes=5),
        description="How long to wait for an answer of the server.",
        examples=["30s"],
    )

    @property
    def port_used(self) -> int:
        """The port of the settings, or the usual one for this kind of security."""
        return self.port or PORTS[self.security]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.host and not self.sender:
            raise ValueError('has a host and no sender; write for example sender = "vigie@example.org"')
        if self.host:
            mail_address(self.sender)
        if bool(self.username) != bool(self.password):
            raise ValueError("has only half a login; give username and password together, or neither")
        if self.host and self.security == "none" and not _loopback(self.host):
            raise ValueError('has security = "none" for a server elsewhere; write "starttls" or "tls"')
        return self


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class MailingList(Section):
    """One organisation's own list. An empty choice means everything; several choices narrow each other."""

    name: Name = Field(
        description="Short name; it is part of every unsubscribe link.", examples=["ldh-vienne"]
    )
    to: tuple[MailAddress, ...] = Field(
        min_length=1, description="Addresses; each gets its own mail.", examples=[["permanence@example.org"]]
    )
    language: Language = Field(default=Language.FRENCH, description="fr or en.", examples=["fr"])
    zone: Zone = Field(
        default="Europe/Paris", description="Zone of the Monday digest.", examples=["Indian/Reunion"]
    )
    public: bool = Field(
        default=True, description="Whether mails about slots wait for the embargo.", examples=[True]
    )
    topics: frozenset[Topic] = Field(
        default=frozenset(Topic),
        description="Which mails.",
        examples=[["zero", "slots", "milestone", "digest"]],
    )
    patience: Duration = Field(
        default=timedelta(0), description="Only zeros that have lasted this long are told.", examples=["72h"]
    )
    regions: frozenset[Region] = Field(
        default=frozenset(), description="Régions.", examples=[["nouvelle-aquitaine"]]
    )
    departements: frozenset[Departement] = Field(
        default=frozenset(), description="Codes of départements, as text.", examples=[["86"]]
    )
    prefectures: frozenset[str] = Field(
        default=frozenset(), description="Préfectures, as targets.toml writes them.", examples=[["Vienne"]]
    )
    demarches: frozenset[str] = Field(
        default=frozenset(), description="Démarches, as targets.toml writes them.", examples=[["Duplicata"]]
    )
    targets: frozenset[str] = Field(
        default=frozenset(), description="Targets, by their id.", examples=[["86-sejour"]]
    )


class Alerts(Section):
    """What it takes to say « zéro créneau », who is told, and the limits of telling."""

    zeros: int = Field(
        default=6, ge=2, le=1000, description="Consecutive conclusive visits without a slot.", examples=[6]
    )
    spread: Duration = Field(
        default=timedelta(hours=24),
        description="Least time between the first and the last of them.",
        examples=["24h"],
    )
    days: int = Field(
        default=2, ge=1, le=366, description="Least number of different local days.", examples=[2]
    )
    embargo: Duration = Field(
        default=timedelta(hours=24),
        description="How long public lists wait before they hear of slots.",
        examples=["24h"],
    )
    pause: Duration = Field(
        default=timedelta(hours=24),
        description="Least time between two mails of one subscription.",
        examples=["24h"],
    )
    recipient_cap: int = Field(
        default=200,
        ge=1,
        le=1_000_000,
        description="More mails at once are held until an operator releases them.",
        examples=[200],
    )
    operators: tuple[MailAddress, ...] = Field(
        default=(), description="Who hears of trouble.", examples=[["astreinte@example.org"]]
    )
    language: Language = Field(
        default=Language.FRENCH, description="Language for operators.", examples=["fr"]
    )
    zone: Zone = Field(default="Europe/Paris", description="Zone for operators.", examples=["Europe/Paris"])
    public_url: Annotated[str, Field(pattern=r"^(https?://[^\s?#]+)?$")] = Field(
        default="",
        description="Where people subscribe and unsubscribe; without it nobody can.",
        examples=["https://vigie.example.org"],
    )
    host: str = Field(
        default="127.0.0.1",
        description="Address on which the pages to subscribe listen.",
        examples=["127.0.0.1"],
    )
    port: int = Field(
        default=9809, ge=0, le=65535, description="Port of the pages to subscribe.", examples=[9809]
    )
    pages_url: Annotated[str, Field(pattern=r"^(https?://[^\s?#]+)?$")] = Field(
        default="",
        description="Where readers of mails reach /releves and /guichets; without it mails cite numbers.",
        examples=["https://vigie.example.org"],
    )
    secret: SecretStr | None = Field(
        default=None,
        description="Signs the links in mails, 32 characters or more; best given as a file.",
        examples=["…"],
    )
    webhook: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = Field(
        default="",
        description="URL that receives alerts as Alertmanager sends them.",
        examples=["http://127.0.0.1:9095/hook"],
    )
    disk_free: float = Field(
        default=0.10,
        ge=0,
        le=1,
        description="Operators are told when less of the disk is free.",
        examples=[0.1],
    )
    lists: tuple[MailingList, ...] = Field(
        default=(),
        description="Mailing lists of organisations, each a table `[[alerts.lists]]`.",
        examples=[[]],
    )

    @property
    def tz(self) -> ZoneInfo:
        """The time zone of the mails to operators."""
        return ZoneInfo(self.zone)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        names = [listed.name for listed in self.lists]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"has two lists named {quoted(twice[0])}; give each list its own name")
        if self.public_url and (self.secret is None or len(self.secret.get_secret_value()) < 32):
            raise ValueError(
                "has a public_url and no secret of 32 characters; make one with: openssl rand -hex 32"
            )
        address = urlsplit(self.public_url)
        if address.scheme == "http" and not _loopback(address.hostname or ""):
            raise ValueError("has a public_url in the clear; write https://, as one-click unsubscribe needs")
        return self
