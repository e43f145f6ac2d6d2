"""How the readers do on the labelled corpus: what was expected beside what was read, and what that proves."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from monitor.review.audit import Rate, upper
from probes.model import Outcome, Platform, Reading
from tests.corpus.made import REQUESTS, SAVED, Labelled

Cells = Counter[tuple[Outcome, Outcome]]


@dataclass(frozen=True, slots=True)
class Wrong:
    """One visit that was read otherwise than it should be, and the name of that fault."""

    one: Labelled
    reading: Reading
    fault: str

    def __str__(self) -> str:
        read = f"{self.reading.outcome} ({self.reading.rule})"
        return f"{self.one.name}: {self.fault}; should be {self.one.truth}, was read as {read}"


FAULTS = FALSE, MISSED, DATE = "false conclusive reading", "answer not read", "wrong date"


@dataclass(slots=True)
class Matrix:
    """Counts over a corpus. `cells`: (expected, read) by platform; `saved`: those of saved pages alone.

    `pages`: distinct bodies by platform; `dates`: earliest dates compared; `wrong`: every fault, in order.
    """

    cells: defaultdict[str, Cells] = field(default_factory=lambda: defaultdict(Counter))
    saved: Cells = field(default_factory=Counter)
    pages: defaultdict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    dates: int = 0
    wrong: list[Wrong] = field(default_factory=list)

    @property
    def visits(self) -> int:
        """How many labelled visits were read."""
        return self.whole.total()

    @property
    def whole(self) -> Cells:
        """The cells of all platforms together."""
        return sum(self.cells.values(), Counter())

    @property
    def distinct(self) -> int:
        """How many different bodies they were made of."""
        return len(set[bytes]().union(*self.pages.values()))

    def faults(self, fault: str) -> list[Wrong]:
        """The visits with this fault."""
        return [each for each in self.wrong if each.fault == fault]

    def note(self, one: Labelled, reading: Reading) -> None:
        """Count one visit."""
        self.cells[one.platform][one.truth, reading.outcome] += 1
        if one.family == SAVED:
            self.saved[one.truth, reading.outcome] += 1
        self.pages[one.platform] |= {_body(step.body, step.rendered) for step in one.capture.steps}
        fault = _fault(one, reading)
        if fault:
            self.wrong.append(Wrong(one, reading, fault))
        self.dates += bool(one.dated and one.earliest and reading.outcome is one.truth)


def false(cells: Cells, outcome: Outcome) -> Rate:
    """How often pages that show something else were read as `outcome`, and how often at most they are."""
    n = sum(count for (truth, _read), count in cells.items() if truth is not outcome)
    errors = sum(count for (truth, read), count in cells.items() if read is outcome is not truth)
    return Rate(errors=errors, n=n, upper=upper(errors, n) if n else None)


def measure(
    visits: Iterable[Labelled],
    platforms: Callable[[str], Platform],
    advanced: Callable[[], None] = lambda: None,
) -> Matrix:
    """Read every visit with the reader of its platform."""
    matrix = Matrix()
    for one in visits:
        matrix.note(one, platforms(one.platform).read(one.target, one.capture))
        advanced()
    return matrix


def _fault(one: Labelled, reading: Reading) -> str:
    if reading.outcome is not one.truth:
        if reading.outcome in REQUESTS:
            return FALSE
        return MISSED if one.must and one.truth in REQUESTS else ""
    if one.dated and one.truth.conclusive:
        shown = [slot and slot.starts_at for slot in (reading.earliest, reading.second)]
        return "" if (*shown, reading.kind) == (one.earliest, one.second, one.kind) else DATE
    return ""


def _body(body: bytes, rendered: str | None) -> bytes:
    return hashlib.sha256(body + (rendered or "").encode("utf-8", "surrogatepass")).digest()
