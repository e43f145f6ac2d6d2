"""The settings: `vigie.toml`, then `VIGIE_<SECTION>__<KEY>` variables over it, or `…_FILE` for secrets.

Relative paths start at the working directory. Unknown names are refused with one sentence (`BadInput`).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Collection, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from monitor.files import write_once
from monitor.problems import BadInput, Problem, parse_toml, read_text
from monitor.settings import sections
from monitor.settings.alerts import Alerts, Smtp
from monitor.settings.evidence import Evidence
from monitor.settings.explain import by_cause, explain
from monitor.settings.pace import PaceSettings

PREFIX = "VIGIE_"
CONFIG_VARIABLE = "VIGIE_CONFIG"
DEFAULT_FILE = Path("vigie.toml")


class Settings(BaseSettings):
    """Every setting, frozen. `Settings()` knows defaults and environment; `load_settings` adds the file."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        case_sensitive=True,
        # a variable changes one key of a section given as an object, not the whole section
        nested_model_default_partial_update=True,
    )

    database: sections.Database = sections.Database()
    storage: sections.Storage = sections.Storage()
    identity: sections.Identity = sections.Identity()
    vantage: sections.VantagePoint = sections.VantagePoint()
    browser: sections.Browser = sections.Browser()
    pace: PaceSettings = PaceSettings()
    schedule: sections.Schedule = sections.Schedule()
    metrics: sections.Metrics = sections.Metrics()
    targets: sections.Targets = sections.Targets()
    evidence: Evidence = Evidence()
    smtp: Smtp = Smtp()
    alerts: Alerts = Alerts()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The sources in order of precedence: environment variables first, then the file's values."""
        return InitSettingsSource(settings_cls, _environment(os.environ)), init_settings

    def user_agent(self, *, local: bool = False) -> str:
        """`Vigie/0.1.0 (+contact)`. Raises `BadInput` without a contact, unless visits are `local` only."""
        if not self.identity.contact and not local:
            raise BadInput(Problem("[identity] contact", NO_CONTACT))
        return f"Vigie/{version('vigie')} (+{self.identity.contact or 'demo'})"


NO_CONTACT = (
    "is not set, and real sites are only visited by someone who can be reached; "
    'write an e-mail address or a URL, contact = "contact@association.example"'
)


def load_settings(path: Path | None = None) -> Settings:
    """The settings of the file `path`, else of the file that `VIGIE_CONFIG` names, else of `vigie.toml` here.

    Without any file, the defaults. Environment variables win over the file. Raises `BadInput`.
    """
    named = path or (Path(os.environ[CONFIG_VARIABLE]) if os.environ.get(CONFIG_VARIABLE) else None)
    file = named or DEFAULT_FILE
    return make_settings(parse_toml(read_text(file), str(file)) if named or file.exists() else {}, str(file))


def make_settings(written: Mapping[str, Any], file: str) -> Settings:
    """Settings from tables or section objects, the environment over them. Raises `BadInput` naming `file`."""
    try:
        return Settings(**written)
    except ValidationError as error:
        environment = _environment(os.environ)
        raise BadInput(*(_problem(e, file, environment) for e in by_cause(error.errors()))) from None


def schedule_seed(settings: Settings) -> bytes:
    """The secret seed of the draws. When there is none, its file is made, which only its owner may read.

    Raises `BadInput` when the file cannot be read or the seed is too short.
    """
    if settings.schedule.seed is not None:
        return settings.schedule.seed.get_secret_value().encode()
    path = settings.schedule.seed_path
    if not path.exists():
        try:
            write_once(path, f"{secrets.token_hex(32)}\n".encode())
        except FileExistsError:
            pass  # another process made it meanwhile
        except OSError as error:
            why = f"cannot be written ({error.strerror}); make its folder, or name another seed_path"
            raise BadInput(Problem(str(path), why)) from error
    seed = read_text(path).strip()
    if len(seed) < 32:
        raise BadInput(
            Problem(str(path), "holds no seed of 32 characters or more; restore it from your backup")
        )
    return seed.encode()


def _environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings in variables: `VIGIE_PACE__SPACING=30s` gives `{"pace": {"spacing": "30s"}}`.

    Raises `BadInput` for a variable that cannot be used, or is set both directly and by file.
    """
    found: dict[str, Any] = {}
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name == CONFIG_VARIABLE:
            continue
        section, key, value = _variable(name, environ[name])
        if key in found.setdefault(section, {}):
            raise BadInput(Problem(name, "is set both directly and by file; keep one of the two"))
        found[section][key] = value
    return found


def _variable(name: str, value: str) -> tuple[str, str, str]:
    section, _, key = name.removeprefix(PREFIX).lower().partition("__")
    if not key:
        raise BadInput(Problem(name, "is not a setting; their names are VIGIE_<SECTION>__<KEY>"))
    if not key.endswith("_file") or key in _keys(section):
        return section, key, value
    return section, key.removesuffix("_file"), read_text(Path(value), name).strip()


def _keys(section: str) -> Collection[str]:
    """The keys of a section; none for an unknown section, which is refused later."""
    field = Settings.model_fields.get(section)
    return getattr(field.annotation, "model_fields", {}) if field else ()


def _problem(error: ErrorDetails, file: str, environment: Mapping[str, Any]) -> Problem:
    """Where the value came from and what is wrong with it."""
    keys = [str(part) for part in error["loc"]]
    return Problem(_where(keys, file, environment), explain(error, Settings))


def _where(keys: list[str], file: str, environment: Mapping[str, Any]) -> str:
    section, *rest = keys
    if section in environment and (not rest or rest[0] in environment[section]):
        key = rest[0] if rest else next(iter(environment[section]))
        return f"{PREFIX}{section}__{key}".upper()
    *tables, key = [key for key in keys if key != "[key]" and not key.isdigit()]
    header = ".".join(f'"{part}"' if "." in part else part for part in tables)
    return f"{file}: [{header}] {key}" if tables else f"{file}: [{key}]"
