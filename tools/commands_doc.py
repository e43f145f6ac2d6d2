"""Prints `docs/commands.md`, made from the help of the commands: `python -m tools.commands_doc`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperGroup

from monitor.cli import app

HEAD = """# Commands

Every command of `vigie`, from its own help. This page is written by `python -m tools.commands_doc`."""


def commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """(words typed after `vigie`, command) for every command, sorted by name.

    A group is one of them when it does something without a further word.
    """
    alone = not isinstance(command, TyperGroup)
    if alone or command.invoke_without_command:
        yield " ".join(words), command
    if alone:
        return
    context = typer.Context(command)
    for name in sorted(command.list_commands(context)):
        yield from commands(command.get_command(context, name), (*words, name))


def page() -> str:
    """The whole document, as Markdown."""
    parts = [HEAD]
    for name, command in commands(typer.main.get_command(app)):
        parts += [f"## `vigie {name}`", " ".join((command.help or "").split())]
        options = [_line(parameter) for parameter in command.params]
        parts += ["\n".join(options)] if options else []
    return "\n\n".join(parts) + "\n"


def _line(parameter: Any) -> str:
    names = ", ".join(parameter.opts) if parameter.param_type_name == "option" else f"<{parameter.name}>"
    return f"- `{names}`: {parameter.help}" if getattr(parameter, "help", None) else f"- `{names}`"


if __name__ == "__main__":
    print(page(), end="")
