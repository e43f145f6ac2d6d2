"""The one maker of consoles. They print what people and pages wrote: no mark of style is read in it."""

from __future__ import annotations

from rich.console import Console


def terminal(*, stderr: bool = False) -> Console:
    """A console on standard output, or `stderr`. For emphasis give `style=` or a `Text`, never markup."""
    return Console(markup=False, emoji=False, highlight=False, stderr=stderr)
