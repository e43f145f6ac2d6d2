"""One `[[target]]` of the catalogue as a person writes it: its keys and their allowed values. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from monitor.places.departements import NAMES
from monitor.places.hosts import without_trackers
from monitor.problems import quoted
from monitor.settings.base import Interval, Name
from probes.model import Transport


def _departement(code: object) -> object:
    if isinstance(code, int) and not isinstance(code, bool):
        raise ValueError(f'is the number {code}, but codes are text; write departement = "{code:02d}"')
    if isinstance(code, str) and code not in NAMES:
        raise ValueError(f"{quoted(code)} is not a département code; {_code_hint(code)}")
    return code


def _code_hint(code: str) -> str:
    if code == "20":
        return 'Corsica is "2A" or "2B"'
    padded = code.upper().zfill(2)
    if padded in NAMES:
        return f'write "{padded}"'
    return 'codes are "01" to "95", "2A", "2B", "971" to "978", "986", "987" and "988"'


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text) > 200:
        raise ValueError("is not one line of 1 to 200 printable characters; copy the wording of the page")
    return text


def _id(text: str) -> str:
    if text == "journal":
        raise ValueError("is the name of the evidence log's own chain; choose another")
    return text


def _day(value: object) -> object:
    text = value.isoformat() if isinstance(value, date) else value
    if not isinstance(text, str) or not re.fullmatch(r"20\d\d(-(0[1-9]|1[0-2])(-\d\d)?)?", text):
        raise ValueError(
            f'{quoted(text)} is not a day, month or year; write "2026-03-01", "2026-03" or "2026"'
        )
    return text


Line = Annotated[str, AfterValidator(_line)]
Day = Annotated[str, BeforeValidator(_day)]


class CatalogueRow(BaseModel):
    """One `[[target]]` as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[Name, AfterValidator(_id)] = Field(
        examples=["86-vienne-aes"],
        description="The name of the target in every command, row and metric; it never changes. Refused: "
        "one that is taken, `journal`, and what is not lower-case letters, digits and "
        "hyphens.",
    )
    platform: str = Field(
        examples=["classic"],
        description="The booking product, as `vigie platforms` names it. Refused: one that is neither "
        "built in nor described in `platforms.d`.",
    )
    url: Annotated[str, AfterValidator(without_trackers)] = Field(
        examples=["https://www.vienne.gouv.fr/booking/create/12345"],
        description="The page at which a visit begins. Advertisers' parameters (`utm_…`) are taken off. "
        "Refused: what is not `https://`, a host that is neither official nor in `[targets] "
        "hosts_allowed`, a page that is not the platform's, and a guichet that is watched "
        "already.",
    )
    prefecture: Line = Field(
        examples=["Vienne"],
        description="Whose page it is, as mails and figures name it. Refused: what is not one line of 200 "
        "characters at most.",
    )
    departement: Annotated[str, BeforeValidator(_departement)] = Field(
        examples=["86"],
        description="Its code, in quotes: `01`, `2A`, `971`. Refused: a number, and what is no code.",
    )
    demarche: Line = Field(
        examples=["Admission exceptionnelle au séjour"],
        description="What is booked there, in the wording of the page. Refused: what is not one line of "
        "200 characters at most.",
    )
    zone: str = Field(
        examples=["Europe/Paris"],
        description="The time zone of the dates on the page. Refused: another than that of the département.",
    )
    desk: Line | None = Field(
        default=None,
        examples=["Guichet 1"],
        description="One guichet or place of a page with several, by its label; without it, all of them. "
        "Refused: an empty line, and any where the platform knows none. A label that the page does not show "
        "passes here; `vigie probe` then says `unrecognised`.",
    )
    interval: Interval | None = Field(
        default=None,
        examples=["60m"],
        description="One visit is drawn in each interval of the day; without it, `[schedule] interval`. "
        "Refused: what does not divide 24 hours, and less than 15 minutes for a real site.",
    )
    transport: Transport = Field(
        default=Transport.BROWSER,
        examples=["browser"],
        description="How pages are fetched: with Chromium, or by plain HTTP. Refused: one that the "
        "platform does not offer, and `http` where it does not declare that its answer stands "
        "in the HTML (`in_html`).",
    )
    control: Name | None = Field(
        default=None,
        examples=["86-vienne-naturalisation"],
        description="Another target of the same préfecture, which usually has slots: a visit of it tells "
        "a zero from a page that answers nobody. Refused: an unknown id, the target itself, "
        "another préfecture's.",
    )
    enabled: StrictBool = Field(
        default=True,
        examples=[True],
        description="Whether it is visited. Refused: anything but `true` and `false`.",
    )
    last_seen: Day | None = Field(
        default=None,
        examples=["2026-03"],
        description="When a person last saw the page: a day, a month or a year. Refused: anything else.",
    )
    source: str = Field(
        default="",
        examples=["site of the préfecture"],
        description="Where the address comes from, for whoever reads the file. Refused: what is not text.",
    )
    options: Mapping[str, str] = Field(
        default_factory=dict,
        description="Settings for the platform, all in quotes. Refused: one that the platform does not "
        "know, an empty one, one that does not look right; and a target without one that must "
        "be given.",
    )

    @property
    def guichet(self) -> tuple[str, ...]:
        """Equal for two rows of the same guichet: address in a normal form, desk, options."""
        page = urlsplit(self.url)
        query = urlencode(sorted(parse_qsl(page.query)))
        path = page.path.removeprefix("/index.php").rstrip("/")
        host = (page.hostname or "").removeprefix("www.")
        return (
            f"{host}:{page.port or ''}{path}?{query}",
            self.desk or "",
            repr(sorted(self.options.items())),
        )
