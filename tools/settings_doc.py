"""Prints `docs/settings.md` from the settings: `python -m tools.settings_doc > docs/settings.md`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from monitor.durations import format_duration
from monitor.settings.alerts import MailingList
from monitor.settings.evidence import Hold, Stamper
from monitor.settings.load import Settings
from monitor.settings.pace import HostPace

HEAD = """# Settings

<!-- Made by tools/settings_doc.py from what monitor/settings/load.py names; do not edit here. -->

Settings come from `vigie.toml` in the working directory, or from the file that `--config` or `VIGIE_CONFIG`
names. [`vigie.example.toml`](../vigie.example.toml) is a file to begin with. Every setting can also be given
as a variable of the environment, which wins over the file: `VIGIE_<SECTION>__<KEY>`, for example
`VIGIE_PACE__SPACING=30s`.

A secret is best kept in a file of its own: `VIGIE_<SECTION>__<KEY>_FILE` names the file that holds the value,
for example `VIGIE_DATABASE__URL_FILE=/run/secrets/database_url`.

Durations are written `10s`, `30m`, `24h`. Relative paths start at the working directory. A name that is not
listed here is refused."""


def document() -> str:
    """The whole page, as Markdown."""
    sections = [_section(name, field.annotation) for name, field in Settings.model_fields.items()]
    host = _section('pace.hosts."<host>"', HostPace)
    listed = _section("alerts.lists", MailingList).replace("`[alerts.lists]`", "`[[alerts.lists]]`")
    stamper = _section("evidence.authorities", Stamper).replace("`[evi", "`[[evi").replace("ies]`", "ies]]`")
    held = _section("evidence.holds", Hold).replace("`[evi", "`[[evi").replace("holds]`", "holds]]`")
    return "\n\n".join([HEAD, *sections, host, listed, stamper, held]) + "\n"


def _section(name: str, model: Any) -> str:
    rows = "\n".join(_rows(name, model))
    return (
        f"## `[{name}]`\n\n{model.__doc__}\n\n| key | default | limits | meaning |\n|---|---|---|---|\n{rows}"
    )


def _rows(section: str, model: type[BaseModel]) -> Iterator[str]:
    for key, field in model.model_fields.items():
        yield f"| `{key}` | {_default(field)} | {_limits(field)} | {field.description} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "none"
    value = field.get_default(call_default_factory=True, validated_data={})
    return "–" if value in (None, "", (), {}, frozenset()) else f"`{_written(value)}`"


def _written(value: Any) -> str:
    if isinstance(value, timedelta):
        return json.dumps(format_duration(value))
    if isinstance(value, SecretStr):
        return json.dumps(value.get_secret_value())
    if isinstance(value, frozenset):
        return json.dumps(sorted(value))
    return json.dumps(value, default=str)


def _limits(field: FieldInfo) -> str:
    bounds = {
        name: getattr(rule, name) for rule in field.metadata for name in ("ge", "le") if hasattr(rule, name)
    }
    signs = {"ge": "≥", "le": "≤"}
    return (
        ", ".join(f"{signs[name]} {_written(bound).strip(chr(34))}" for name, bound in bounds.items()) or "–"
    )


if __name__ == "__main__":
    print(document(), end="")
