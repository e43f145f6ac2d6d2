"""Steps and observations to change, bundles of an honest operator, and both verifiers to judge them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from monitor.evidence.bundle import pieces as bundle_pieces
from monitor.evidence.bundle.pieces import Pieces
from monitor.evidence.journal import checkpoint
from tests.cast.authority import TestAuthority
from tests.evidence.keeper import history, run_shell
from tests.evidence.vienne import a_step, an_observation
from tests.evidence.world import ALTERED, FIRST, INTACT, LATE, Verdict, World, load


@pytest.fixture
def make_step() -> Any:
    """A step of a visit, any field of which can be changed."""
    return a_step


@pytest.fixture
def make_observation() -> Any:
    """An observation without slots, any field of which can be changed."""
    return an_observation


@pytest.fixture
def verify() -> ModuleType:
    """`verify.py` as a module."""
    return load(Path(bundle_pieces.__file__).parent / "verifiers" / "verify.py")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    at = datetime(2026, 11, 3, tzinfo=UTC)
    return World(
        folder=folder,
        key=checkpoint.keygen(folder / "log.key", name="vigie.example/journal"),
        other_key=checkpoint.keygen(folder / "other.key", name="vigie.example/journal"),
        authorities=(TestAuthority(folder, "tsa1", at), TestAuthority(folder, "tsa2", at, elliptic=True)),
        foreign=TestAuthority(folder / ".", "tsa3", at),
    )


@pytest.fixture(scope="module")
def one_day(world: World) -> Pieces:
    return world.bundle(history(FIRST, 1), 1, "one-day")


@pytest.fixture(scope="module")
def four_days(world: World) -> Pieces:
    return world.bundle(history(FIRST, 4), 4, "four-days")


@pytest.fixture
def both(verify: ModuleType, world: World, tmp_path: Path) -> Callable[..., Verdict]:
    def judge(pieces: Mapping[str, bytes], *pins: str) -> Verdict:
        shell = run_shell(dict(pieces), tmp_path / "bundle", *(pins or (world.pin,)))
        try:
            late, missing, _ = verify.verify(dict(pieces), set(pins or (world.pin,)))
            python, words = (LATE if late or missing else INTACT), ""
        except Exception as error:  # noqa: BLE001  any exception is a refusal
            python, words = ALTERED, str(error)
        return Verdict(python, shell.returncode, words + shell.stdout + shell.stderr)

    return judge
