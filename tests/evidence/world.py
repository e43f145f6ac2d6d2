"""An operator with a key and two authorities, the bundles made there, and what both verifiers say of them."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from monitor.evidence.bundle.pieces import Pieces
from monitor.evidence.journal.checkpoint import CheckpointSigner
from tests.cast.authority import TestAuthority
from tests.evidence.keeper import TARGETS, Fact, Keeper

FIRST = date(2026, 11, 2)
MINE = TARGETS[:1]
INTACT, ALTERED, LATE = 0, 1, 2


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("bundle_verify", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def remember(verify: ModuleType, pieces: Pieces) -> None:
    """Let `verify.py` digest unchanged pieces once, so that hundreds of thousands of changes can be tried."""
    known = {id(content): verify.digest(content) for content in pieces.values()}
    plain = verify.digest
    vars(verify)["digest"] = lambda data: known.get(id(data)) or plain(data)


@dataclass(frozen=True)
class World:
    """One operator, two authorities, and somebody else."""

    folder: Path
    key: CheckpointSigner
    other_key: CheckpointSigner
    authorities: tuple[TestAuthority, ...]
    foreign: TestAuthority

    @property
    def pin(self) -> str:
        return self.authorities[0].fingerprint

    def kept(self, facts: list[Fact], days: int, name: str, **changes: Any) -> Keeper:
        settings: dict[str, Any] = {"key": self.key, "authorities": self.authorities} | changes
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        keeper = Keeper(folder, **settings)
        keeper.keep(facts, FIRST + timedelta(days=days - 1))
        return keeper

    def bundle(self, facts: list[Fact], days: int, name: str = "forged", **changes: Any) -> Pieces:
        keeper = self.kept(facts, days, name, **changes)
        return keeper.bundle(MINE, FIRST, FIRST + timedelta(days=days - 1))


@dataclass(frozen=True)
class Verdict:
    """What both verifiers say."""

    python: int
    shell: int
    words: str


def judged(verdict: Verdict, expected: int, *words: str) -> bool:
    return (verdict.python, verdict.shell) == (expected, expected) and all(
        word in verdict.words for word in words
    )
