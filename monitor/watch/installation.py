"""What an installation has by its settings: its targets and its record."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from monitor.settings.load import Settings
from monitor.store import Store, StoreError, open_store, upgrade
from monitor.store.record import target_versions
from monitor.targets.catalogue import CatalogueEntry, CatalogueRules, read_catalogue
from probes.model import Target
from probes.registry import known


def catalogue(settings: Settings) -> tuple[CatalogueEntry, ...]:
    """Every entry of the settings' catalogue, enabled or not. Raises `BadInput`."""
    return read_catalogue(settings.targets.path, CatalogueRules.of(settings, known()))


def record(settings: Settings) -> Store:
    """The settings' store, brought to the current schema. Raises `StoreError`.

    A folder beside us, such as the default `var`, is made; one elsewhere must be there already.
    """
    if folder := _folder_beside(settings):
        folder.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database.address)
    return open_store(settings.database.address, media=settings.storage.media)


def opened(settings: Settings) -> Store:
    """The settings' store as it is. Raises `StoreError`."""
    folder = _folder_beside(settings)
    if folder and not folder.is_dir():
        address = settings.database.address
        raise StoreError(f"The database {address} does not exist yet: run `vigie db upgrade`.")
    return open_store(settings.database.address, media=settings.storage.media)


def _folder_beside(settings: Settings) -> Path | None:
    """The folder of an SQLite file that is given from where we are; `None` for any other database."""
    path = Path(settings.database.address.removeprefix("sqlite:///"))
    here = settings.database.address.startswith("sqlite:///") and not path.is_absolute()
    return path.parent if here else None


def known_targets(settings: Settings) -> dict[str, Target]:
    """By id: the targets of the catalogue and of the record, whichever there is. Raises `BadInput`."""
    targets: dict[str, Target] = {}
    with suppress(StoreError), opened(settings).read() as conn:
        targets = target_versions.current(conn)
    entries = catalogue(settings) if settings.targets.path.exists() else ()
    return targets | {entry.target.id: entry.target for entry in entries}
