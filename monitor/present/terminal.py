"""The one maker of consoles. They print what people and pages wrote: no mark of style is read in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDE = 10_000
"""Characters on a line where nobody's window limits it: a file, a pipe."""

Facts = Mapping[str, str | Text | None]
"""What is known of one thing, by name; what is `None` is not printed."""


def terminal(*, stderr: bool = False) -> Console:
    """A console on standard output, or `stderr`. For emphasis give `style=` or a `Text`, never markup.

    Into a file or a pipe every line is printed whole: what reads it there needs whole names and paths.
    """
    console = Console(markup=False, emoji=False, highlight=False, stderr=stderr)
    if not console.is_terminal:
        console.width = WIDE
    return console


def tell(console: Console, facts: Facts) -> None:
    """One fact a line, whole: a path or an address that is too long for the window goes on below."""
    known = {name: value for name, value in facts.items() if value is not None}
    width = max(map(len, known), default=0)
    for name, value in known.items():
        console.print(Text.assemble(f" {name:{width}}  ", value), soft_wrap=True)


def show(
    console: Console, headings: Sequence[str], rows: Sequence[Sequence[str]], *, whole: Collection[str] = ()
) -> None:
    """A table. Columns named in `whole` are never broken, whatever the window; the others fold."""
    table = Table(box=None)
    for place, name in enumerate(headings):
        longest = max((len(row[place]) for row in rows), default=0)
        widest = longest if name in whole else None
        table.add_column(name, overflow="fold", no_wrap=name in whole, min_width=widest)
    for row in rows:
        table.add_row(*row)
    console.print(table, crop=False)
