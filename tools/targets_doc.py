"""Writes the tables of `docs/targets.md`, each between two HTML comments: `python -m tools.targets_doc`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import get_args

from pydantic.fields import FieldInfo

from monitor.targets.options import in_toml
from monitor.targets.row import CatalogueRow
from probes.model import Platform, Transport
from probes.option import Option
from probes.registry import PLATFORMS

PAGE = Path(__file__).parents[1] / "docs" / "targets.md"
TYPES = {str: "text", bool: "true or false", timedelta: "duration", Transport: '`"browser"` or `"http"`'}


def fields() -> str:
    """The table of the fields of `[[target]]`."""
    rows = (
        f"| `{name}` | {_type(field)} | {_default(field)} | {_example(name, field)} | {field.description} |"
        for name, field in CatalogueRow.model_fields.items()
    )
    return _table("| field | type | default | example | meaning, and what is refused |", rows)


def options() -> str:
    """The table of the options of every built-in platform."""
    return _table("| platform | option | must be given | looks like | example | meaning |", _options())


def platforms() -> str:
    """The table of what `transport` may be, and where each platform's answer stands (`in_html`)."""
    return _table("| platform | `transport` | in the HTML | why |", map(_platform, PLATFORMS))


def _options() -> Iterator[str]:
    users: dict[Option, list[str]] = {}
    for platform in PLATFORMS:
        for option in platform.options:
            users.setdefault(option, []).append(f"`{platform.name}`")
    for option, names in users.items():
        where = "every platform" if len(names) == len(PLATFORMS) else ", ".join(names)
        need = "yes" if option.required else "no"
        example = f"`{option.name} = {in_toml(option.example)}`"
        yield f"| {where} | `{option.name}` | {need} | {option.looks} | {example} | {option.meaning} |"


def _platform(platform: Platform) -> str:
    offered = " or ".join(f'`"{how}"`' for how in sorted(platform.transports))
    declared = platform.answer.in_html
    stands = "not declared" if declared is None else "yes" if declared.stands else "no"
    return f"| `{platform.name}` | {offered} | {stands} | {declared.reason if declared else '–'} |"


def _type(field: FieldInfo) -> str:
    kinds = [field.annotation, *(part for each in get_args(field.annotation) for part in _parts(each))]
    return next((TYPES[kind] for kind in kinds if kind in TYPES), "text") if not _is_table(field) else "table"


def _parts(annotation: object) -> tuple[object, ...]:
    return (annotation, *get_args(annotation))


def _is_table(field: FieldInfo) -> bool:
    return getattr(field.annotation, "__origin__", None) is Mapping


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be given"
    value = field.get_default(call_default_factory=True, validated_data={})
    return "–" if value in (None, "", {}) else f"`{_written(value)}`"


def _example(name: str, field: FieldInfo) -> str:
    example = '{ title = "Naturalisation" }' if _is_table(field) else _written((field.examples or [""])[0])
    return f"`{name} = {example}`"


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else in_toml(str(value))


def _table(head: str, rows: Iterator[str]) -> str:
    return "\n".join([head, "|" + "---|" * (head.count("|") - 1), *rows]) + "\n"


PARTS: Mapping[str, Callable[[], str]] = {"fields": fields, "options": options, "platforms": platforms}


def document(text: str) -> str:
    """The page `text` with its tables made anew. Raises `ValueError` when one has no place in it."""
    for name, made in PARTS.items():
        before, found, rest = text.partition(f"<!-- {name}: written by `python -m tools.targets_doc` -->\n")
        _old, closing, after = rest.partition(f"<!-- /{name} -->\n")
        if not (found and closing):
            raise ValueError(f"docs/targets.md has no place for the table of {name}")
        text = "".join((before, found, made(), closing, after))
    return text


if __name__ == "__main__":
    PAGE.write_text(document(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
