"""The `[alerts]` section of `vigie.toml`: the mail server, organisations' own lists, limits.

Every value can also come from the environment (`VIGIE_ALERTS__SMTP__HOST` and so on).
"""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from email.errors import HeaderParseError
from email.headerregistry import Address
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from monitor.alerts.audience import Language, Scope, Subscription, Topic
from monitor.alerts.regions import REGION_OF, REGIONS
from monitor.durations import Duration
from monitor.transitions import Rules

PORTS = {"starttls": 587, "tls": 465, "none": 25}
LONGEST_ADDRESS = 254


def mail_address(value: str) -> str:
    """`value` as a plain `name@domain`. Raises `ValueError` with the sentence to print."""
    sentence = f"{value[:80]!r} is not a mail address; write it like contact@example.org"
    try:
        address = Address(addr_spec=value)
        domain = address.domain.encode("idna").decode().lower()
    except (HeaderParseError, ValueError, IndexError) as error:
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
        raise ValueError(f'{value!r} is not a time zone; write it like "Europe/Paris"') from error
    return value


def known_region(value: str) -> str:
    """`value` if it is a région's slug. Raises `ValueError` with the sentence to print."""
    if value not in REGIONS:
        raise ValueError(f"{value!r} is not a région; known: {', '.join(REGIONS)}")
    return value


def known_departement(value: str) -> str:
    """`value` if it can be a département code. Raises `ValueError` with the sentence to print."""
    if value not in REGION_OF and not re.fullmatch(r"9[78]\d", value):
        raise ValueError(f'{value!r} is not a département; write its code as text: "01", "2A", "974"')
    return value


MailAddress = Annotated[str, AfterValidator(mail_address)]
Zone = Annotated[str, AfterValidator(known_zone)]
Region = Annotated[str, AfterValidator(known_region)]
Departement = Annotated[str, AfterValidator(known_departement)]


class Section(BaseModel):
    """A table of the settings: no unknown key, nothing changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SmtpSettings(Section):
    """The mail server. The password may stand in a file of its own; certificates are always verified."""

    host: str = Field(examples=["smtp.example.org"])
    port: int | None = Field(default=None, ge=1, le=65535, examples=[587])
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = Field(default=None, examples=["vigie"])
    password: SecretStr | None = None
    password_file: Path | None = Field(default=None, examples=["/run/secrets/smtp"])
    ca_file: Path | None = Field(default=None, examples=["/etc/ssl/own-ca.pem"])
    sender: MailAddress = Field(examples=["vigie@example.org"])
    reply_to: MailAddress | None = Field(default=None, examples=["contact@example.org"])
    timeout: Duration = timedelta(seconds=30)

    @property
    def port_used(self) -> int:
        """The port, or the usual one for this kind of security."""
        return self.port or PORTS[self.security]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.password and self.password_file:
            raise ValueError("has both password and password_file; keep one of them")
        if bool(self.username) != bool(self.password or self.password_file):
            raise ValueError("needs username and password together, or neither")
        if self.security == "none" and not _loopback(self.host):
            raise ValueError(
                'security = "none" is for a mail server on this machine only; use "starttls" or "tls"'
            )
        return self


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class ListSettings(Section):
    """One organisation's own mailing list. `public` lists hear of slots only after the embargo."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", examples=["ldh-vienne"])
    to: tuple[MailAddress, ...] = Field(min_length=1, examples=[["permanence@example.org"]])
    language: Language = Language.FRENCH
    zone: Zone = "Europe/Paris"
    public: bool = True
    topics: frozenset[Topic] = frozenset(Topic)
    patience: Duration = timedelta(0)
    regions: frozenset[Region] = frozenset()
    departements: frozenset[Departement] = frozenset()
    prefectures: frozenset[str] = frozenset()
    demarches: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()

    def subscriptions(self, embargo: timedelta) -> tuple[Subscription, ...]:
        """One subscription per address, under an id that does not show the address."""
        scope = Scope(
            regions=self.regions,
            departements=self.departements,
            prefectures=self.prefectures,
            demarches=self.demarches,
            targets=self.targets,
        )
        return tuple(
            Subscription(
                id=f"{self.name}-{hashlib.sha256(address.encode()).hexdigest()[:16]}",
                address=address,
                scope=scope,
                topics=self.topics,
                language=self.language,
                zone=self.zone,
                embargo=embargo if self.public else timedelta(0),
                patience=self.patience,
            )
            for address in self.to
        )


class ZeroSettings(Section):
    """What it takes to say « zéro créneau »."""

    attempts: int = Field(default=6, ge=2, examples=[6])
    spread: Duration = timedelta(hours=24)
    days: int = Field(default=2, ge=2, examples=[2])

    @property
    def rules(self) -> Rules:
        """The rules of the fold."""
        return Rules(zeros=self.attempts, spread=self.spread, days=self.days)


class AlertSettings(Section):
    """Everything about alerts. Without `smtp`, transitions are recorded and nothing is sent.

    `recipient_cap`: more mails than this at once are held until an operator releases them.
    """

    smtp: SmtpSettings | None = None
    operators: tuple[MailAddress, ...] = Field(default=(), examples=[["astreinte@example.org"]])
    operator_language: Language = Language.FRENCH
    lists: tuple[ListSettings, ...] = Field(default=(), alias="list")
    zero: ZeroSettings = ZeroSettings()
    embargo: Duration = timedelta(hours=24)
    pause: Duration = timedelta(hours=24)
    recipient_cap: int = Field(default=200, ge=1, examples=[200])
    public_url: str | None = Field(
        default=None, pattern=r"^https?://[^\s/]+(/[^\s]*)?$", examples=["https://vigie.example.org"]
    )
    secret: SecretStr | None = None
    secret_file: Path | None = Field(default=None, examples=["/run/secrets/vigie-alerts"])
    webhook: str | None = Field(
        default=None, pattern=r"^https?://\S+$", examples=["http://127.0.0.1:9095/hook"]
    )
    disk_free: float = Field(default=0.10, ge=0, le=1, examples=[0.1])

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """The subscriptions of all lists."""
        return tuple(one for listed in self.lists for one in listed.subscriptions(self.embargo))

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [listed.name for listed in self.lists]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"has two lists named {twice[0]!r}; give each list its own name")
        return self


def secret_of(value: SecretStr | None, file: Path | None) -> str | None:
    """The secret itself, from the settings or its file. Raises `ValueError` naming an unreadable file."""
    if file is None:
        return value.get_secret_value() if value else None
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the secret file {file} cannot be read: {error}") from error
