"""The base class of the tables of `vigie.toml`, and the types of values that several of them have."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from monitor.durations import Duration
from monitor.places.hosts import is_hostname, is_local
from monitor.problems import quoted

SHORTEST_INTERVAL = timedelta(minutes=15)


def _interval(value: timedelta) -> timedelta:
    if not value or timedelta(days=1) % value:
        words = 'does not divide 24 hours; write for example "30m", "60m" or "2h"'
        raise ValueError(f"{quoted(value)} {words}")
    return value


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


def as_list(value: object) -> object:
    """The list in a text `a,b`, as environment variables hold it; other values are returned as they are."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Interval = Annotated[Duration, AfterValidator(_interval)]
Host = Annotated[str, AfterValidator(_host)]
Name = Annotated[str, AfterValidator(_name)]


class Section(BaseModel):
    """One table of `vigie.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
