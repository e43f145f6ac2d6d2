"""Mistakes in files and settings that people write, told in one sentence: where, what, how to mend it."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from monitor.durations import format_duration
from probes.failures import Mendable


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `where` names the file and the line or key; `what` says what is wrong and how to mend it.

    `what` has no full stop at its end; it may end with a question mark.
    """

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + ("" if self.what.endswith("?") else ".")


class BadInput(Mendable):
    """Something a person wrote cannot be used. `str()` is the first problem, and the number of the others."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        more = len(self.problems) - 1
        rest = f" (And {more} more problem{'s' if more > 1 else ''}.)" if more else ""
        return f"{self.problems[0]}{rest}"


def read_text(path: Path, named_by: str = "") -> str:
    """The text of a file, without the mark that Windows puts before it (BOM).

    Raises `BadInput` when it cannot be read or is not UTF-8.

    `named_by` is the environment variable that gave the path, if any, for the error sentence.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        what = f"cannot be read ({error.strerror}); check its path and its rights"
    except UnicodeDecodeError as error:
        what = f"is not UTF-8 text (byte {error.start}); save it as UTF-8"
    raise BadInput(Problem(f"{named_by}: {path}" if named_by else str(path), what))


DIGITS = 100


def parse_toml(text: str, file: str) -> dict[str, Any]:
    """The tables of a TOML text. Raises `BadInput`, naming line and column where they are known."""
    try:
        tables = tomllib.loads(text)
        return _checked(tables)
    except tomllib.TOMLDecodeError as error:
        what = f"is not valid TOML: {error}; correct it there"
    except RecursionError:
        what = "holds tables or lists within hundreds of others; write them flat"
    except ValueError:
        what = f"holds a whole number of more than {DIGITS} digits; correct it"
    raise BadInput(Problem(file, what))


def _checked(tables: dict[str, Any]) -> dict[str, Any]:
    """The tables themselves. Raises `ValueError` for a number too long to be printed again."""

    def check(value: object) -> None:
        if isinstance(value, int) and abs(value) >= 10**DIGITS:
            raise ValueError
        for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            check(one)

    check(tables)
    return tables


def quoted(value: Any) -> str:
    """A value as JSON on one line, for error sentences; a duration is written like `"30m"`."""
    return json.dumps(value, ensure_ascii=False, default=_text)


def as_toml(value: Any) -> str:
    """A value as TOML on one line: of JSON, only what is a table is written otherwise."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {as_toml(each)}' for key, each in value.items())} }}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(as_toml, value))}]"
    return quoted(value)


def _text(value: Any) -> str:
    return format_duration(value) if isinstance(value, timedelta) else str(value)


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of an error sentence about an unknown `word`: the nearest of `known`, or all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    return f'did you mean "{close[0]}"?' if close else f"known here: {', '.join(names) or 'none'}"
