"""`make corpus`, second part: every page that lies, visited over each transport, and what was read."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from tests.adversary.every import LIES
from tests.cast.lie_visits import Told, told


def main() -> int:
    """Print the table and every fault; 1 when a lie was believed or a plain answer missed."""
    visits = told(LIES)
    console = Console(highlight=False)
    console.print(_table(visits))
    false, blind = ([one for one in visits if getattr(one, kind)] for kind in ("false", "blind"))
    for one in (*false, *blind):
        console.print(str(one), style="red", markup=False)
    console.print(
        f"{len(LIES)} pages, {len(visits)} visits: {len(false)} believed, {len(blind)} plain answers missed."
    )
    return 1 if false or blind else 0


def _table(visits: Iterable[Told]) -> Table:
    read = Counter((one.lie.platform, one.transport, one.said) for one in visits)
    table = Table(
        "platform", "transport", "what a person sees, and what was read", "visits", title="Pages that lie"
    )
    for (platform, transport, said), number in sorted(read.items()):
        table.add_row(platform, transport, said, f"{number}")
    return table


if __name__ == "__main__":
    sys.exit(main())
