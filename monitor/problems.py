"""What people write, read; and what is wrong with it, told in one sentence: where, what, how to mend it.

Turns pydantic's errors into such sentences. Values of secret fields are never repeated.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from monitor.durations import format_duration


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `where` names the file and the line or key; `what` says also how to mend it."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + ("" if self.what.endswith("?") else ".")


class BadInput(Exception):
    """Something a person wrote cannot be used. `str()` is one sentence, and how many more there would be."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        more = len(self.problems) - 1
        rest = f" (And {more} more problem{'s' if more > 1 else ''}.)" if more else ""
        return f"{self.problems[0]}{rest}"


def read_text(path: Path, named_by: str = "") -> str:
    """The text of a file a person wrote, or named in the variable `named_by`. Raises `BadInput`."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        what = f"cannot be read ({error.strerror}); check its path and its rights"
    except UnicodeDecodeError as error:
        what = f"is not UTF-8 text (byte {error.start}); save it as UTF-8"
    raise BadInput(Problem(f"{named_by}: {path}" if named_by else str(path), what))


def parse_toml(text: str, file: str) -> dict[str, Any]:
    """The tables of a TOML text. Raises `BadInput` naming line and column."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(Problem(file, f"is not valid TOML: {error}; correct it there")) from None


def quoted(value: Any) -> str:
    """A value as it would be written, on one line whatever it holds."""
    return json.dumps(value, ensure_ascii=False, default=_text)


def _text(value: Any) -> str:
    return format_duration(value) if isinstance(value, timedelta) else str(value)


def by_cause(errors: Iterable[ErrorDetails]) -> list[ErrorDetails]:
    """Unknown names first: a misspelt key is also a missing one, and the spelling is what to mend."""
    return sorted(errors, key=lambda error: error["type"] != "extra_forbidden")


def nearest(word: str, known: Iterable[str]) -> str:
    """What to write instead of `word`: the nearest known name, or else all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    return f'did you mean "{close[0]}"?' if close else f"known here: {', '.join(names)}"


def explain(error: ErrorDetails, root: type[BaseModel]) -> str:
    """One pydantic error about a value of `root`: what is wrong; how to mend it. Without a full stop."""
    keys = [part for part in error["loc"] if isinstance(part, str)]
    model, field = _find(root, keys)
    if error["type"] == "extra_forbidden":
        return f"is not a known name; {nearest(keys[-1], model.model_fields)}"
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    secret = field is not None and SecretStr in (field.annotation, *get_args(field.annotation))
    return f"{_wrong(error, secret=secret)}; {_mend(error, keys[-1], field, secret=secret)}"


def _find(model: type[BaseModel], keys: list[str]) -> tuple[type[BaseModel], FieldInfo | None]:
    """The model that holds the last of `keys`, and that key's field if it has one."""
    field = model.model_fields.get(keys[0]) if keys else None
    if field is None or len(keys) == 1:
        return model, field
    annotation, rest = field.annotation, keys[1:]
    if get_origin(annotation) in (dict, Mapping):
        annotation, rest = get_args(annotation)[1], rest[1:]
    elif get_origin(annotation) in (tuple, UnionType):
        annotation = get_args(annotation)[0]
    if rest and isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _find(annotation, rest)
    return model, field


def _mend(error: ErrorDetails, key: str, field: FieldInfo | None, *, secret: bool) -> str:
    if error["type"] == "string_type" and not secret and not isinstance(error["input"], (list, dict)):
        return f'write {key} = "{error["input"]}"'
    examples = field.examples if field else None
    return f"write for example {key} = {quoted(examples[0])}" if examples else "begin a table of that name"


def _wrong(error: ErrorDetails, *, secret: bool) -> str:
    if error["type"] == "missing":
        return "is missing"
    kind = _KINDS.get(error["type"], "usable here")
    shown = "this value" if secret or kind == "a table" else quoted(error["input"])
    ctx = error.get("ctx", {})
    if "expected" in ctx:
        return f"{shown} is not {ctx['expected']}"
    for side, size in (("ge", "small"), ("le", "large")):
        if side in ctx:
            return f"{shown} is too {size}, the limit is {ctx[side]}"
    return f"{shown} is not {kind}"


_KINDS = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "path_type": "a path in quotes",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}
