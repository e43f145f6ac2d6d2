"""The tables of `vigie.toml`, one class each: names, defaults, limits, and the text of `docs/settings.md`."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from monitor.durations import Duration
from monitor.problems import quoted
from monitor.settings.base import SHORTEST_INTERVAL, Host, Interval, Name, Section, as_list


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
        """The URL with the password in it, to be given to the store only and never logged."""
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
    hosts_allowed: Annotated[tuple[Host, ...], BeforeValidator(as_list)] = Field(
        default=(),
        description="Booking hosts accepted besides the official ones; in a variable, separated by commas.",
        examples=[["rdv.example.fr"]],
    )
