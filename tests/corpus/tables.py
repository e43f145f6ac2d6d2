"""The corpus in words and tables: for a terminal, and in Markdown for the README."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table

from probes.model import Outcome, Platform
from probes.proof import best_origin
from tests.corpus.matrix import DATE, FALSE, Cells, Matrix, false

RATES = {"none": Outcome.NO_SLOTS, "slots": Outcome.SLOTS_OFFERED}


def table(title: str, cells: Cells) -> Table:
    """Expected beside read, for a terminal: columns go by the numbers of the rows."""
    read, rows = _grid(cells)
    number = {outcome: str(n) for n, outcome in enumerate(Outcome, 1)}
    drawn = Table(
        "expected \\ read", *(number[each] for each in read), title=title, box=None, title_justify="left"
    )
    for truth, counts in rows:
        drawn.add_row(f"{number[truth]:>2} {truth}", *(str(n) if n else "·" for n in counts))
    return drawn


def rates(matrix: Matrix, platforms: Iterable[Platform]) -> Table:
    """False conclusive readings and their bounds, for a terminal."""
    head, *rows = _rates(matrix, platforms)
    drawn = Table(*head, box=None)
    for row in rows:
        drawn.add_row(*row)
    return drawn


def markdown(matrix: Matrix, platforms: Sequence[Platform]) -> str:
    """What the README says: the size, the matrix, the bounds, and what they do not prove."""
    read, rows = _grid(matrix.whole)
    grid = [["expected \\ read", *read], *([truth, *map(str, counts)] for truth, counts in rows)]
    unproven = ", ".join(each.name for each in platforms if each.verified_on is None)
    size = SIZE.format(
        visits=matrix.visits,
        pages=matrix.distinct,
        saved=matrix.saved.total(),
        false=len(matrix.faults(FALSE)),
        dates=matrix.dates,
        wrong=len(matrix.faults(DATE)),
    )
    parts = [size, _lines(grid), AT_MOST, _lines(list(_rates(matrix, platforms))), CAVEAT.format(unproven)]
    return "\n\n".join(parts) + "\n"


SIZE = """\
`make corpus` reads {visits:,} labelled visits ({pages:,} different pages): {saved:,} saved ones that a
person labelled, and those made of them by changes whose effect is known (a mark taken away, hidden, quoted,
respelled, cut, moved to another step…). False conclusive readings: **{false}**.
Earliest dates compared: {dates:,}, wrong: **{wrong}**. Rows: what a page shows; columns: what was read."""
AT_MOST = """\
*At most* is the exact one-sided bound at 95 % (Clopper–Pearson) on the rate of such readings among visits
that show something else."""
CAVEAT = """\
Made pages are no independent sample of the real world: the bound over all visits says how careful readers are
with what we could think of, the one over saved pages what that many separate pages can bear out. None covers
a redesign that nobody has seen. Unproven, that is without one recorded page yet: {}."""


def _grid(cells: Cells) -> tuple[list[Outcome], list[tuple[Outcome, list[int]]]]:
    """The outcomes that were read, and a row of counts for each that was expected."""
    read = [outcome for outcome in Outcome if any(key[1] is outcome for key in cells)]
    expected = [outcome for outcome in Outcome if any(key[0] is outcome for key in cells)]
    return read, [(truth, [cells[truth, each] for each in read]) for truth in expected]


def _rates(matrix: Matrix, platforms: Iterable[Platform]) -> Iterable[list[str]]:
    yield [
        "platform",
        "visits",
        "pages",
        *(part for name in RATES for part in (f"false {name}", "at most")),
        "proven?",
    ]
    for each in platforms:
        cells = matrix.cells[each.name]
        yield [each.name, *_sizes(cells, len(matrix.pages[each.name])), *_bounds(cells), degree(each)]
    yield ["together", *_sizes(matrix.whole, matrix.distinct), *_bounds(matrix.whole), ""]
    yield ["saved pages", f"{matrix.saved.total():,}", "", *_bounds(matrix.saved), ""]


def degree(each: Platform) -> str:
    """The best pages its reader was tested with: `reconstructed, unproven`; of recorded ones the day."""
    if each.verified_on:
        return f"recorded, {each.verified_on:%Y-%m-%d}"
    return f"{best_origin(each)}{f' ({each.templates})' if each.templates else ''}, unproven"


def _sizes(cells: Cells, pages: int) -> list[str]:
    return [f"{cells.total():,}", f"{pages:,}"]


def _bounds(cells: Cells) -> Iterable[str]:
    for outcome in RATES.values():
        rate = false(cells, outcome)
        yield f"{rate.errors} of {rate.n:,}"
        yield "" if rate.upper is None else f"{rate.upper:.2%}"


def _lines(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(cell or ' ' for cell in line)} |" for line in lines)
