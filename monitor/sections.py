"""The tables of `vigie.toml`, one class each: names, defaults, limits, and the text of `docs/settings.md`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from monitor.bad_input import quoted
from monitor.durations import Duration, format_duration
from monitor.hosts import is_hostname, is_local

POLITE_SPACING = timedelta(seconds=10)
SHORTEST_INTERVAL = timedelta(minutes=15)


def _interval(value: timedelta) -> timedelta:
    if not value or timedelta(days=1) % value:
        words = 'does not divide 24 hours; write for example "30m", "60m" or "2h"'
        raise ValueError(f"{quoted(value)} {words}")
    return value


def _contact(text: str) -> str:
    address = r"[\w.+-]+@[\w-]+(\.[\w-]+)+|https?://[^\s()<>\"]+"
    if text and not re.fullmatch(address, text, re.ASCII):
        raise ValueError(
            f"{quoted(text)} is neither an e-mail address nor a URL; write one that reaches a person"
        )
    return text


def _database(url: SecretStr) -> SecretStr:
    if not re.match(r"(sqlite|postgresql|postgresql\+psycopg)://", url.get_secret_value()):
        raise ValueError(
            "is not a database URL we can use; write sqlite:///<path> or postgresql://<user>@<host>/<name>"
        )
    return url


def _seed(seed: SecretStr | None) -> SecretStr | None:
    if seed and len(seed.get_secret_value()) < 32:
        raise ValueError(
            "is shorter than 32 characters and could be guessed; make one with: openssl rand -hex 32"
        )
    return seed


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text):
        raise ValueError(f"{quoted(text)} is not a short name; use lower-case letters, digits and hyphens")
    return text


def _host(text: str) -> str:
    if not (is_hostname(text) or is_local(text)):
        raise ValueError(
            f'{quoted(text)} is not a full host name in lower case; write it like "www.vienne.gouv.fr"'
        )
    return text


def _list(value: object) -> object:
    """A variable of the environment holds a list as `a,b`."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Interval = Annotated[Duration, AfterValidator(_interval)]
Host = Annotated[str, AfterValidator(_host)]
Name = Annotated[str, AfterValidator(_name)]


class Section(BaseModel):
    """One table of `vigie.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(Section):
    """Where the record is kept: SQLite in a file, or PostgreSQL when several machines share it."""

    url: Annotated[SecretStr, AfterValidator(_database)] = Field(
        default=SecretStr("sqlite:///var/vigie.sqlite3"),
        description="Database URL.",
        examples=["sqlite:///var/vigie.sqlite3", "postgresql+psycopg://vigie@localhost/vigie"],
    )
    password: SecretStr | None = Field(
        default=None,
        description="Password to put into a PostgreSQL URL that has none; best given as a file.",
        examples=["…"],
    )

    @property
    def address(self) -> str:
        """The URL with its password in it: for `open_store` alone, never for a log."""
        url = self.url.get_secret_value()
        if self.password is None:
            return url
        user, at, rest = urlsplit(url).netloc.rpartition("@")
        secret = quote(self.password.get_secret_value(), safe="")
        return url.replace(f"{user}{at}{rest}", f"{user}:{secret}@{rest}", 1)


class Storage(Section):
    """Where pages and screenshots are kept, each file named by its SHA-256."""

    media: Path = Field(
        default=Path("var/media"), description="Folder of the captured pages.", examples=["var/media"]
    )


class Identity(Section):
    """Who is visiting: written in the User-Agent of every request."""

    contact: Annotated[str, AfterValidator(_contact)] = Field(
        default="",
        description="E-mail address or URL where a webmaster reaches you; no real site is visited without.",
        examples=["contact@association.example"],
    )


class VantagePoint(Section):
    """From where pages are seen; written on every row."""

    name: Name = Field(
        default="main", description="Short name of this machine or network.", examples=["paris-1"]
    )


class Browser(Section):
    """The Chromium that visits pages."""

    executable: Path | None = Field(
        default=None,
        description="Path of Chromium; without it, the system's own is looked for, then Playwright's.",
        examples=["/usr/bin/chromium"],
    )
    screenshot: Literal["jpeg", "none"] = Field(
        default="jpeg",
        description='Picture kept of the last page of a visit: `"jpeg"` or `"none"`.',
        examples=["jpeg"],
    )
    recycle_after: int = Field(
        default=200,
        ge=1,
        le=100_000,
        description="Visits after which Chromium is started afresh.",
        examples=[200],
    )
    sandbox: bool = Field(
        default=True,
        description="Chromium's sandbox; switch it off only inside a container that forbids it.",
        examples=[True],
    )


class HostPace(Section):
    """What differs for one host."""

    spacing: Duration | None = Field(
        default=None, description="Least time between two pages.", examples=["30s"]
    )
    pages_per_day: int | None = Field(
        default=None, ge=1, description="Page requests per UTC day.", examples=[600]
    )


def _hosts(hosts: Mapping[str, HostPace]) -> Mapping[str, HostPace]:
    for host, pace in hosts.items():
        if pace.spacing is not None and pace.spacing < POLITE_SPACING and not is_local(host):
            raise ValueError(f'gives {host} less than the polite minimum; write spacing = "10s" or more')
    return hosts


class Pace(Section):
    """How gently a site is visited. One visit at a time per host, always."""

    spacing: Duration = Field(
        default=POLITE_SPACING,
        ge=POLITE_SPACING,
        description="Least time between two pages of one host.",
        examples=["10s"],
    )
    pages_per_day: int = Field(
        default=600,
        ge=1,
        description="Page requests per host and UTC day; a shared host may need its own.",
        examples=[600],
    )
    wait: Duration = Field(
        default=timedelta(minutes=5),
        le=timedelta(hours=1),
        description="How long a visit waits for its turn at a busy host before it becomes a gap.",
        examples=["5m"],
    )
    breaker_after: int = Field(
        default=3,
        ge=1,
        le=100,
        description="Refusals in a row after which a host is left alone.",
        examples=[3],
    )
    breaker_pause: Duration = Field(
        default=timedelta(minutes=30),
        ge=timedelta(minutes=30),
        description="First pause of a host that refuses; doubled at each further refusal.",
        examples=["30m"],
    )
    breaker_max: Duration = Field(
        default=timedelta(hours=24),
        ge=timedelta(minutes=30),
        description="Longest pause.",
        examples=["24h"],
    )
    hosts: Annotated[Mapping[Host, HostPace], AfterValidator(_hosts)] = Field(
        default_factory=dict,
        description='Other values for one host, as a table `[pace.hosts."<host>"]`. '
        "`localhost` stands for every name ending in `.localhost`; only local hosts may go below 10 s.",
    )

    @model_validator(mode="after")
    def _longest_is_not_the_shortest(self) -> Pace:
        if self.breaker_max < self.breaker_pause:
            least = format_duration(self.breaker_pause)
            raise ValueError(
                f'breaker_max is shorter than breaker_pause; write breaker_max = "{least}" or more'
            )
        return self

    def for_host(self, host: str) -> tuple[timedelta, int]:
        """Spacing and pages per day of `host`."""
        own = self.hosts.get(host) or (self.hosts.get("localhost") if is_local(host) else None) or HostPace()
        spacing = self.spacing if own.spacing is None else own.spacing
        return spacing, own.pages_per_day or self.pages_per_day


class Schedule(Section):
    """When pages are visited: at one random instant in each interval, drawn from a secret seed."""

    interval: Interval = Field(
        default=timedelta(hours=1),
        ge=SHORTEST_INTERVAL,
        description="Interval of the targets that name none; divides 24 hours.",
        examples=["60m"],
    )
    workers: int = Field(
        default=8,
        ge=1,
        le=64,
        description="Visits at a time, over all hosts; most of a visit is the pause between two pages.",
        examples=[8],
    )
    misfire_grace: Duration = Field(
        default=timedelta(minutes=1),
        ge=timedelta(seconds=1),
        le=timedelta(minutes=10),
        description="How late a visit may still start; later, its instant becomes a gap.",
        examples=["60s"],
    )
    seed: Annotated[SecretStr | None, AfterValidator(_seed)] = Field(
        default=None,
        description="Secret from which instants are drawn; without it, the one in `seed_path`.",
        examples=["…"],
    )
    seed_path: Path = Field(
        default=Path("var/seed"),
        description="Where a random seed is written once, readable by its owner alone; back it up.",
        examples=["var/seed"],
    )


class Metrics(Section):
    """Where Prometheus finds the metrics."""

    host: str = Field(default="127.0.0.1", description="Address to listen on.", examples=["127.0.0.1"])
    port: int = Field(
        default=9808, ge=0, le=65535, description="Port to listen on; 0 takes a free one.", examples=[9808]
    )


class Targets(Section):
    """What is watched."""

    path: Path = Field(
        default=Path("targets.toml"), description="The catalogue of targets.", examples=["targets.toml"]
    )
    platforms: Path = Field(
        default=Path("platforms.d"),
        description="Folder of booking pages described in TOML, one file each; it need not exist.",
        examples=["platforms.d"],
    )
    hosts_allowed: Annotated[tuple[Host, ...], BeforeValidator(_list)] = Field(
        default=(),
        description="Booking hosts accepted besides the official ones; in a variable, separated by commas.",
        examples=[["rdv.example.fr"]],
    )
