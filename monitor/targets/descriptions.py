"""The descriptions of platforms, `platforms.d/*.toml`: one platform per file. Each mistake: one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from monitor.days import parse_day
from monitor.problems import BadInput, Problem, parse_toml, read_text
from monitor.settings.explain import by_cause, explain
from probes.described.description import Description
from probes.described.platform import Described
from probes.model import Platform


def read_descriptions(folder: Path, built_in: Sequence[Platform]) -> tuple[Platform, ...]:
    """The platforms described in `folder`, in order of file names; none without a folder.

    Raises `BadInput` for a mistake in a file, or a name that another platform has.
    """
    taken = {platform.name: "built in" for platform in built_in}
    found = [(path, read_description(path)) for path in sorted(folder.glob("*.toml"))]
    for path, platform in found:
        if platform.name in taken:
            words = f'"{platform.name}" is already {taken[platform.name]}; choose another'
            raise BadInput(Problem(f"{path}: name", words))
        taken[platform.name] = f"described in {path.name}"
    return tuple(platform for _path, platform in found)


def read_description(path: Path) -> Described:
    """The platform described in one file. Raises `BadInput` with every problem found."""
    return parse_description(read_text(path), str(path))


def parse_description(text: str, file: str) -> Described:
    """The platform that a text describes; `file` is named in every sentence. Raises `BadInput`."""
    try:
        return Described(Description.model_validate(_with_its_day(parse_toml(text, file), file)))
    except ValidationError as error:
        raise BadInput(*(_problem(each, file) for each in by_cause(error.errors()))) from None


def _with_its_day(tables: dict[str, Any], file: str) -> dict[str, Any]:
    """The tables, `verified_on` read as every day is: pydantic would take 0 for one of 1970."""
    try:
        return tables | {key: parse_day(tables[key]) for key in ("verified_on",) if key in tables}
    except ValueError as error:
        raise BadInput(Problem(f"{file}: verified_on", str(error))) from None


def _problem(error: ErrorDetails, file: str) -> Problem:
    """Such as `platforms.d/x.toml: mark 2.dates.form: …`."""
    where = file
    for part in error["loc"]:
        where += f" {part + 1}" if isinstance(part, int) else f"{': ' if where == file else '.'}{part}"
    return Problem(where, explain(error, Description))
