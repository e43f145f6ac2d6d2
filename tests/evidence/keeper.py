"""A whole record kept for tests, from visits to bundle, by an operator who may be honest or not.

A history is a list of facts; keeping it builds chains, tree, seals, stamps and bundle. A forger changes the
history and keeps it again, with every digest, link, root and signature made anew.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from monitor.evidence.bundle import pieces as bundle_pieces
from monitor.evidence.bundle.pieces import BundleScope, Pieces
from monitor.evidence.journal import checkpoint, names, records, tree
from monitor.evidence.journal.checkpoint import Checkpoint, CheckpointSigner
from monitor.evidence.journal.records import FactKind, Link
from monitor.evidence.journal.seals import SealContent, Seals
from monitor.model import Draw, Gap, GapReason
from monitor.store.journal.lines import FIRST_LINK
from probes.model import Capture, Transport
from tests.cast.authority import TestAuthority
from tests.evidence.vienne import a_step, a_target, an_observation

TARGETS = ("vienne-titre", "vienne-permis")
Stamp = Callable[[date], datetime]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something recorded, and the page it received."""

    kind: FactKind
    target: str
    body: dict[str, Any]
    at: datetime
    page: bytes = b""


def on_the_morrow(day: date) -> datetime:
    """When an honest operator's seal of `day` is stamped."""
    return datetime.combine(day, time(0, 5), UTC) + timedelta(days=1)


def instants(day: date) -> list[datetime]:
    """One instant in each hour of a day, at a minute that varies."""
    start = datetime.combine(day, time(), UTC)
    return [start + timedelta(hours=hour, minutes=(hour * 7 + day.day) % 55) for hour in range(24)]


def visit(target: str, at: datetime) -> Fact:
    """A visit that found no slot, with a page that differs each time."""
    page = f"<html><p>Aucun créneau.</p><input name='jeton' value='{target}{at:%d%H%M}'></html>".encode()
    step = a_step(body=page, started_at=at, finished_at=at + timedelta(milliseconds=400))
    seen = an_observation(
        target=target,
        scheduled_at=at,
        started_at=at,
        finished_at=at + timedelta(seconds=1),
        capture=Capture(transport=Transport.HTTP, steps=(step,)),
    )
    known = frozenset({"booking", "create"})
    done = at + timedelta(seconds=2)
    return Fact(
        kind=FactKind.OBSERVATION,
        target=target,
        body=records.observation(seen, known=known),
        at=done,
        page=page,
    )


def a_draw(target: str, day: date) -> Fact:
    """The draw of `day`, recorded the evening before."""
    at = datetime.combine(day, time(18), UTC) - timedelta(days=1)
    drawn = Draw(
        target=target,
        day=day,
        interval=timedelta(hours=1),
        instants=tuple(instants(day)),
        seed_sha256="ab" * 32,
        drawn_at=at,
    )
    return Fact(kind=FactKind.DRAW, target=target, body=records.draw(drawn, a_target(target)), at=at)


def a_gap(target: str, at: datetime) -> Fact:
    missed = Gap(target=target, scheduled_at=at, reason=GapReason.MISFIRE)
    return Fact(kind=FactKind.GAP, target=target, body=records.gap(missed), at=at + timedelta(minutes=1))


def history(first: date, days: int, targets: Sequence[str] = TARGETS) -> list[Fact]:
    """Hourly visits, one gap a day at noon, draws the evening before."""
    facts = []
    for offset in range(days):
        day = first + timedelta(days=offset)
        for target in targets:
            facts.append(a_draw(target, day))
            for hour, at in enumerate(instants(day)):
                facts.append(a_gap(target, at) if hour == 12 else visit(target, at))
    return sorted(facts, key=lambda fact: (fact.at, fact.target))


@dataclass
class Keeper:
    """Keeps a history below `folder`; `key` signs, `authorities` stamp at the instant `stamp` says."""

    folder: Path
    key: CheckpointSigner
    authorities: Sequence[TestAuthority]
    stamp: Stamp = on_the_morrow
    lines: list[tuple[Fact, bytes]] = field(default_factory=list)
    tree: tree.Tree = field(default_factory=tree.Tree)

    def keep(self, facts: Iterable[Fact], last: date) -> None:
        """Record the facts and seal every day up to `last`."""
        waiting = list(facts)
        day = waiting[0].at.date()
        heads: dict[str, tuple[int, str]] = {}
        seals = Seals(self.folder)
        while day <= last:
            today = [fact for fact in waiting if fact.at.date() == day]
            chains = {target: b"".join(self._record(f, heads) for f in today if f.target == target)
                      for target in sorted({fact.target for fact in today})}  # fmt: skip
            self._seal(seals, day, chains)
            day += timedelta(days=1)

    def _record(self, fact: Fact, heads: dict[str, tuple[int, str]]) -> bytes:
        place, prev = heads.get(fact.target, (0, FIRST_LINK))
        link = Link(
            seq=self.tree.size,
            target=fact.target,
            target_seq=place,
            prev=prev,
            entry=self.tree.size,
            recorded_at=fact.at,
        )
        line = records.record(fact.kind, fact.body, link)
        heads[fact.target] = place + 1, records.digest(line)
        self.tree.append(tree.leaf_hash(line))
        self.lines.append((fact, line))
        return line

    def _seal(self, seals: Seals, day: date, chains: dict[str, bytes]) -> None:
        head = Checkpoint(origin=self.key.name, size=self.tree.size, root=self.tree.root())
        path = seals.seal(
            SealContent(
                day=day,
                chains=chains,
                checkpoint=checkpoint.sign(head, self.key).encode(),
                log_key=self.key.verifier.pem,
                log_key_id=self.key.verifier.key_id,
            )
        )
        for name, lines in chains.items():
            (self.folder / names.day_file(day, name)).write_bytes(lines)
        for authority in self.authorities:
            token = authority.stamp(path.read_bytes(), self.stamp(day))
            (self.folder / names.token(day, authority.name)).write_bytes(token)

    def bundle(self, targets: tuple[str, ...], first: date, last: date) -> Pieces:
        """The bundle of whole UTC days, from the evening of their draws; proofs of its two ends."""
        begin, end = (datetime.combine(day, time(), UTC) for day in (first, last + timedelta(days=1)))
        seals = Seals(self.folder)
        days = bundle_pieces.sealed_days(seals, min(fact.at.date() for fact, _ in self.lines), last)
        pieces = bundle_pieces.sealed_pieces(seals, days) | bundle_pieces.verifiers()
        pieces["donnees/PERIMETRE.txt"] = BundleScope(targets=targets, begin=begin, end=end).text
        for day in days:
            for name in (*targets, records.JOURNAL):
                path = self.folder / names.day_file(day, name)
                pieces |= {f"donnees/{path.name}": path.read_bytes()} if path.exists() else {}
        note = pieces[f"preuves/{names.checkpoint(days[-1])}"].decode()
        size = checkpoint.opened(note, self.key.verifier)[0].size
        mine = {n: fact for n, (fact, _) in enumerate(self.lines[:size]) if fact.target in targets}
        for fact in mine.values():
            pieces |= bundle_pieces.capture_piece(fact.page, "html") if fact.page else {}
        for authority in self.authorities:
            pieces |= bundle_pieces.authority_pieces([authority.described()])
        for seq in {min(mine), max(mine)}:
            proof = tree.inclusion(self.tree.node, seq, size)
            pieces[f"preuves/ligne-{seq}.tlog-proof"] = checkpoint.proof(seq, proof, note).encode()
        return bundle_pieces.closed(pieces, self.key)


def reclosed(pieces: Pieces, key: CheckpointSigner) -> Pieces:
    """The pieces with a new list and signature, as whoever holds `key` can make."""
    return bundle_pieces.closed(
        {n: c for n, c in pieces.items() if n not in (bundle_pieces.SUMS, bundle_pieces.SIGNATURE)}, key
    )


def changed(fact: Fact, **changes: Any) -> Fact:
    """The same fact with other words in its record."""
    return replace(fact, body=json.loads(json.dumps(fact.body)) | changes)


def run_shell(
    pieces: Pieces, folder: Path, *pins: str, shell: str = "sh"
) -> subprocess.CompletedProcess[str]:
    """`verify.sh` on the pieces, written anew."""
    shutil.rmtree(folder, ignore_errors=True)
    bundle_pieces.write_folder(pieces, folder)
    return shell_verdict(folder, *pins, shell=shell)


def shell_verdict(folder: Path, *pins: str, shell: str = "sh") -> subprocess.CompletedProcess[str]:
    """`verify.sh` on a written bundle."""
    command = [shell, str(folder / "verify.sh"), *pins]
    return subprocess.run(command, capture_output=True, text=True, check=False)
