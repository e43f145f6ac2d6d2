"""The table `[evidence]` of `vigie.toml`: where the log is published, who signs, who stamps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, model_validator

from monitor.days import Day
from monitor.problems import quoted
from monitor.settings.base import Name, Section


def _origin(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9.-]+(/[A-Za-z0-9._-]+)*", text):
        raise ValueError(
            f'{quoted(text)} is not an address without its scheme; write "vigie.example/journal"'
        )
    return text


def _url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s]+", text):
        raise ValueError(f'{quoted(text)} is not a URL; write it like "http://tsa.example/tsr"')
    return text


def _policy(text: str | None) -> str | None:
    if text is not None and not re.fullmatch(r"\d+(\.\d+)+", text):
        raise ValueError(
            f'{quoted(text)} is not an object identifier; write it like "1.3.6.1.4.1.601.10.3.1"'
        )
    return text


class Stamper(Section):
    """One time-stamping authority (RFC 3161), as a table `[[evidence.authorities]]`."""

    name: Name = Field(description="Short name, used in file names.", examples=["certum"])
    url: Annotated[str, AfterValidator(_url)] = Field(
        description="Where stamps are asked for.", examples=["http://tsa.example/tsr"]
    )
    root: Path = Field(description="Its root certificate (PEM).", examples=["tsa/certum-root.pem"])
    chain: Path | None = Field(
        default=None,
        description="Its intermediate certificates (PEM), archived with every bundle.",
        examples=["tsa/certum-chain.pem"],
    )
    policy: Annotated[str | None, AfterValidator(_policy)] = Field(
        default=None,
        description="The policy its stamps must name; any when absent.",
        examples=["1.3.6.1.4.1.601.10.3.1"],
    )
    qualified: bool = Field(
        default=False,
        description="Whether the European trusted list shows it as qualified: check before you say so.",
        examples=[True],
    )


class Hold(Section):
    """A matter is open, as a table `[[evidence.holds]]`: no picture of these local days is thinned out."""

    first: Day = Field(description="First local day.", examples=["2026-03-01"])
    last: Day = Field(description="Last local day, included.", examples=["2026-05-31"])
    target: str | None = Field(
        default=None, description="Only this target; all when absent.", examples=["vienne-titre"]
    )

    @model_validator(mode="after")
    def _in_order(self) -> Hold:
        if self.last < self.first:
            raise ValueError("last is before first; swap them")
        return self


class Evidence(Section):
    """The evidence log: signed, sealed every day, stamped by third parties, published."""

    folder: Path = Field(
        default=Path("var/evidence"),
        description="Folder of seals, stamps and tree, to be published as static files.",
        examples=["var/evidence"],
    )
    origin: Annotated[str, AfterValidator(_origin)] = Field(
        default="vigie.invalid/journal",
        description="The log's name: where it is published, without the scheme. Never changes.",
        examples=["vigie.example/journal"],
    )
    key: SecretStr | None = Field(
        default=None,
        description="The log's private key (Ed25519, PEM); without it, the one in `key_path`.",
        examples=["…"],
    )
    key_path: Path = Field(
        default=Path("var/log.key"),
        description="The log's private key, made once when missing; back it up, apart from the database.",
        examples=["/run/secrets/log.key"],
    )
    operator: str = Field(
        default="",
        description="Who keeps the record: the person or organisation that attests bundles.",
        examples=["Association Exemple, 1 rue de l'Exemple, Poitiers"],
    )
    authorities: tuple[Stamper, ...] = Field(
        default=(), description="Who stamps the seals: two or more, at least one qualified."
    )
    pictures_days: int = Field(
        default=90, ge=1, le=36500, description="Age in days after which `vigie thin` may remove pictures."
    )
    holds: tuple[Hold, ...] = Field(
        default=(), description="Open matters whose pictures stay, each a table `[[evidence.holds]]`."
    )

    @model_validator(mode="after")
    def _told_apart(self) -> Evidence:
        names = [one.name for one in self.authorities]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two authorities are named {min(twice)}; their stamps would share one file")
        return self
