"""The names of the journal's published files, lists of digests, and the lock on the folder."""

from __future__ import annotations

import fcntl
import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

# The courts' filing site allows one dot, before the extension. No character here is special to a shell.
SAFE_NAME = re.compile(r"[A-Za-z0-9_-]{1,70}(\.[a-z0-9]{1,8})?")
_SEAL = re.compile(r"SEAL-(\d{4}-\d{2}-\d{2})(_[a-z0-9]+(-[a-z0-9]+)*\.tsr|\.sha256)", re.ASCII)
_SUM_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")


def log_key(key_id: bytes) -> str:
    """File name of the journal's public key (PEM). It contains the key id, so a new key has a new file."""
    return f"LOG-{key_id.hex()}.pem"


def day_file(day: date, target: str) -> str:
    """File name of the lines of one chain that were sealed under `day`."""
    return f"{day}_{target}.jsonl"


def seal(day: date) -> str:
    """File name of the seal of `day`."""
    return f"SEAL-{day}.sha256"


def checkpoint(day: date) -> str:
    """File name of the signed tree head at the seal of `day`."""
    return f"CHECKPOINT-{day}.txt"


def schedule(day: date) -> str:
    """File name of the list of draws recorded on `day`."""
    return f"SCHEDULE-{day}.sha256"


def token(day: date, authority: str) -> str:
    """File name of an authority's reply (time stamp) for the seal of `day`."""
    return f"SEAL-{day}_{authority}.tsr"


def sealed_day(name: str) -> date | None:
    """The day of a seal, or of a stamp on it, by its file name; `None` for any other name."""
    found = _SEAL.fullmatch(name)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:  # as of "SEAL-2026-02-30.sha256"
        return None


def sha256sum(files: Iterable[tuple[str, bytes]]) -> bytes:
    """The digests of these files (name, content), as `sha256sum` prints them, sorted by name."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files))
    return "".join(lines).encode()


def read_sums(content: bytes) -> dict[str, str]:
    """By name: the digests in a list written by `sha256sum`. Raises `ValueError` for any other line."""
    matches = [_SUM_LINE.fullmatch(line) for line in content.decode("ascii").splitlines()]
    if None in matches:
        raise ValueError(f"line {matches.index(None) + 1} is not «digest, two spaces, name»")
    return {match[2]: match[1] for match in matches if match}


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the lock on `folder`, waiting while another process or thread holds it.

    The lock is released when the holder is killed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("wb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
