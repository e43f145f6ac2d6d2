"""Where the pages come from that a reader was tested with, in three degrees. No I/O.

Only pages recorded from the real site prove a reader: the others say what we, or the product's own templates,
expect a page to be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol


class PageOrigin(StrEnum):
    """Where a saved page comes from, the weakest first. `docs/glossary.md` says what each one means."""

    RECONSTRUCTED = "reconstructed"
    RENDERED = "rendered"
    RECORDED = "recorded"


@dataclass(frozen=True, kw_only=True, slots=True)
class Templates:
    """The open templates that made a rendered page: `owner/name` of their repository, and the commit.

    Raises `ValueError` for anything but a whole commit: a branch or a tag says something else tomorrow.
    """

    repository: str
    commit: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", self.repository):
            raise ValueError(f'{self.repository!r} is no repository; write it like "betagouv/example"')
        if not re.fullmatch(r"[0-9a-f]{40}", self.commit):
            raise ValueError(f"{self.commit!r} is no commit; write all of its 40 digits")

    def __str__(self) -> str:
        return f"{self.repository}@{self.commit[:12]}"


class Tested(Protocol):
    """What a platform says of the pages that its reader was tested with."""

    @property
    def verified_on(self) -> date | None: ...
    @property
    def templates(self) -> Templates | None: ...


def best_origin(tested: Tested) -> PageOrigin:
    """The best pages that a reader was tested with. Only `recorded` is proven."""
    if tested.verified_on is not None:
        return PageOrigin.RECORDED
    return PageOrigin.RECONSTRUCTED if tested.templates is None else PageOrigin.RENDERED
