"""The table `[pace]` of `vigie.toml`: how gently sites are visited. Values below polite are refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from monitor.durations import Duration, format_duration
from monitor.places.hosts import is_local
from monitor.settings.base import Host, Section

MOST_PAGES = 1_000_000
"""More than ten a second, all day long."""
POLITE_SPACING = timedelta(seconds=10)


class HostPace(Section):
    """What differs for one host."""

    spacing: Duration | None = Field(
        default=None, description="Least time between two pages.", examples=["30s"]
    )
    pages_per_day: int | None = Field(
        default=None, ge=1, le=MOST_PAGES, description="Page requests per UTC day.", examples=[600]
    )


def _hosts(hosts: Mapping[str, HostPace]) -> Mapping[str, HostPace]:
    for host, pace in hosts.items():
        if pace.spacing is not None and pace.spacing < POLITE_SPACING and not is_local(host):
            raise ValueError(f'gives {host} less than the polite minimum; write spacing = "10s" or more')
    return hosts


class PaceSettings(Section):
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
        le=MOST_PAGES,
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
    def _longest_is_not_the_shortest(self) -> PaceSettings:
        if self.breaker_max < self.breaker_pause:
            least = format_duration(self.breaker_pause)
            raise ValueError(
                f'breaker_max is shorter than breaker_pause; write breaker_max = "{least}" or more'
            )
        return self

    def for_host(self, host: str) -> tuple[timedelta, int]:
        """Spacing and pages per UTC day of `host`: its own values, else those of all hosts."""
        own = self.hosts.get(host) or (self.hosts.get("localhost") if is_local(host) else None) or HostPace()
        spacing = self.spacing if own.spacing is None else own.spacing
        return spacing, own.pages_per_day or self.pages_per_day
