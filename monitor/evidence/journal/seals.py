"""Daily seals: for each UTC day a text file in `sha256sum` format, with the digest of all that belongs to it.

A seal lists the day file of every chain, the draws recorded that day, the tree head, the journal's public
key, the seal before it, and every time stamp received since that seal. `sha256sum -c` checks it; third
parties time-stamp it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from monitor.evidence.journal import facts
from monitor.evidence.journal import names as journal_names
from monitor.evidence.journal.facts import DrawFact
from monitor.files import write_whole
from monitor.problems import BadInput, Problem

# Days after which a missing time stamp is no longer asked for. So no new file appears for an older seal.
RETRY_DAYS = 7
_A_DRAW = b'"type":"draw"'


@dataclass(frozen=True, kw_only=True, slots=True)
class SealContent:
    """What is sealed for a UTC day: lines by chain, signed tree head, public key (PEM) and key id."""

    day: date
    chains: Mapping[str, bytes]
    checkpoint: bytes
    log_key: bytes
    log_key_id: bytes


class Seals:
    """The folder of seals and time stamps. All of it may be published; seals and stamps never change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def days(self) -> list[date]:
        """The sealed days, in order."""
        days = (journal_names.sealed_day(path.name) for path in self._ours() if path.suffix == ".sha256")
        return sorted(filter(None, days))

    def strays(self) -> list[Problem]:
        """A problem for each file that is named like a seal or a stamp and is none. Nothing reads them."""
        ours = set(self._ours())
        words = "is no seal or stamp of ours and is left aside; move it out of this folder"
        return [Problem(str(path), words) for path in sorted(self.folder.glob("SEAL-*")) if path not in ours]

    def _ours(self) -> Iterator[Path]:
        named = (path for path in self.folder.glob("SEAL-*") if journal_names.sealed_day(path.name))
        return (path for path in named if path.is_file())

    def last(self) -> date | None:
        """The last sealed day."""
        return max(self.days(), default=None)

    def read(self, name: str) -> bytes:
        """A file of the folder. Raises `FileNotFoundError`."""
        return (self.folder / name).read_bytes()

    def listed(self, day: date) -> dict[str, str]:
        """By name: the digests in the seal of `day`. Raises `BadInput` when it is no longer a seal."""
        name = journal_names.seal(day)
        try:
            return journal_names.read_sums(self.read(name))
        except ValueError as error:
            words = f"is no longer a seal ({error}); put its copy back"
            raise BadInput(Problem(str(self.folder / name), words)) from error

    def tokens(self, day: date) -> list[str]:
        """The names of the accepted replies for the seal of `day`."""
        found = (path.name for path in self.folder.glob(f"SEAL-{day}_*.tsr") if path.is_file())
        return sorted(name for name in found if journal_names.sealed_day(name))

    def seal(self, content: SealContent) -> Path:
        """Write the seal of a day and return its path.

        Raises `ValueError` unless the day is the first, or the one after the last sealed day.
        """
        last = self.last()
        if last and content.day != last + timedelta(days=1):
            raise ValueError(f"{content.day} cannot be sealed after {last}: every day has its seal, in order")
        named = {journal_names.day_file(content.day, chain): lines for chain, lines in content.chains.items()}
        kept = {
            journal_names.log_key(content.log_key_id): content.log_key,
            journal_names.checkpoint(content.day): content.checkpoint,
            journal_names.schedule(content.day): schedule(content.chains),
        }
        for name, data in kept.items():
            write_whole(self.folder / name, data)
        before = {name: self.read(name) for name in self._since(last)}
        path = self.folder / journal_names.seal(content.day)
        write_whole(path, journal_names.sha256sum((named | kept | before).items()))
        return path

    def _since(self, last: date | None) -> list[str]:
        """The names of the previous seal, and of the time stamps that no seal lists yet."""
        if last is None:
            return []
        recent = [day for day in self.days() if day >= last - timedelta(days=RETRY_DAYS + 1)]
        named = {name for day in recent for name in self.listed(day)}
        tokens = [name for day in recent for name in self.tokens(day) if name not in named]
        return [journal_names.seal(last), *tokens]


def schedule(chains: Mapping[str, bytes]) -> bytes:
    """The list of the draws in the day's chains: the digest of each, named `<drawn day>_<target>`."""
    lines = [line for chain in chains.values() for line in chain.splitlines(keepends=True)]
    # Only draws are parsed: a line that a newer version wrote must not prevent the sealing of a day.
    read = ((facts.read(line, where="A draw to be sealed"), line) for line in lines if _A_DRAW in line)
    draws = [(f"{fact.day}_{fact.target}", line) for fact, line in read if isinstance(fact, DrawFact)]
    return journal_names.sha256sum(draws)
