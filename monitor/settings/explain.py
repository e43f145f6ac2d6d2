"""Turns pydantic's errors into one sentence each: what is wrong and how to mend it.

Values of secret fields are never repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import UnionType
from typing import get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from monitor.problems import as_toml, nearest, quoted


def by_cause(errors: Iterable[ErrorDetails]) -> list[ErrorDetails]:
    """The errors, unknown keys first.

    For a misspelt key pydantic also reports the right key as missing. Read first, that would mislead.
    """
    return sorted(errors, key=lambda error: error["type"] != "extra_forbidden")


def explain(error: ErrorDetails, root: type[BaseModel]) -> str:
    """A sentence, without a full stop, about an error in a value of `root`: what is wrong; how to mend it."""
    keys = [part for part in error["loc"] if isinstance(part, str)]
    model, field = _find(root, keys)
    if error["type"] == "extra_forbidden":
        return f"is not a known name; {nearest(keys[-1], model.model_fields)}"
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    secret = field is not None and SecretStr in (field.annotation, *get_args(field.annotation))
    return f"{_wrong(error, secret=secret)}; {_mend(error, keys[-1], field, secret=secret)}"


def _find(model: type[BaseModel], keys: list[str]) -> tuple[type[BaseModel], FieldInfo | None]:
    """The model in which the last of `keys` is, and the field of that key; `None` for an unknown key."""
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
    if error["type"] == "bool_type" and str(error["input"]).lower() in ("true", "false"):
        return f"write {key} = {str(error['input']).lower()}, without quotes"
    examples = field.examples if field else None
    return f"write for example {key} = {as_toml(examples[0])}" if examples else "begin a table of that name"


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
