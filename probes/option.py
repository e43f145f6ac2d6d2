"""The options that a platform knows: what `options` of a target in `targets.toml` may hold. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Three letters or digits at least: fewer stand on almost every page, so they would confirm nothing.
WORDS = r"(?:[^\w\n]*\w){3}[^\n]{0,200}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One option. `values` is a regex that the whole value must match; `looks` says the same to a person.

    `looks` ends the sentence « … is not … », as « five digits »; `meaning` is a whole sentence. Raises
    `ValueError` when the `example` is none of the `values`.
    """

    name: str
    values: str
    looks: str
    meaning: str
    example: str
    required: bool = False

    def __post_init__(self) -> None:
        if not self.takes(self.example):
            raise ValueError(f"the example {self.example!r} of {self.name} is not {self.looks}")

    def takes(self, value: str) -> bool:
        """Whether a target may give this value."""
        return re.fullmatch(self.values, value) is not None


TITLE = Option(
    name="title",
    values=WORDS,
    looks="words of the page's heading, on one line, with three letters or digits at least",
    meaning="Words that the page's heading or title must have; with others it is another procedure's page.",
    example="Naturalisation",
)
