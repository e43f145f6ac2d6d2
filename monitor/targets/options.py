"""The `options` and the `desk` of a target, held against those that its platform declares. Pure.

What a platform does not know would be ignored without a word, and another procedure's page recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from monitor.problems import Problem, nearest, quoted
from probes.model import Platform
from probes.option import Option


def option_problems(where: str, table: Mapping[str, Any], platforms: Sequence[Platform]) -> Iterator[Problem]:
    """A problem for each option of a `[[target]]` table that its platform does not take, or lacks.

    None for what is a mistake of the table itself: an unknown platform, options that are not texts.
    """
    platform = next((each for each in platforms if each.name == table.get("platform")), None)
    given = table.get("options", {})
    if platform is None or not isinstance(given, dict):
        return
    if table.get("desk") and not platform.desks:
        words = f"is not known to the platform {platform.name}, which reads the whole page; leave it out"
        yield Problem(f"{where}, desk", words)
    declared = {option.name: option for option in platform.options}
    # Unknown ones first: of a misspelt name, that the right one is missing would mislead.
    for name in sorted(given.keys() - declared.keys()):
        yield Problem(f"{where}, options.{name}", _unknown(name, platform.name, declared))
    for name, option in declared.items():
        if words := _wrong(option, given.get(name)):
            yield Problem(f"{where}, options.{name}", words)


def _unknown(name: str, platform: str, declared: Mapping[str, Option]) -> str:
    return f"is not an option of the platform {platform}; {nearest(name, declared)}"


def _wrong(option: Option, value: object) -> str:
    """What is wrong with the value of an option, `None` where it is not given; empty when nothing is."""
    mend = f"write for example {option.name} = {in_toml(option.example)}"
    if value is None:
        return f"is missing; {mend} in its options" if option.required else ""
    if not isinstance(value, str) or option.takes(value):
        return ""
    if not value.strip():
        return f"is empty; {mend}" + ("" if option.required else ", or leave it out")
    return f"{quoted(value)} is not {option.looks}; {mend}"


def in_toml(text: str) -> str:
    """A text of one line as a TOML value, in single quotes where it has double ones."""
    return f"'{text}'" if '"' in text and "'" not in text else quoted(text)
