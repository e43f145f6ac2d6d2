"""The one way files of the record are named, and their digests."""

from __future__ import annotations

import fcntl
import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

# One dot, before the extension: the rule of the courts' filing site, and no surprise for a shell.
SAFE_NAME = re.compile(r"[A-Za-z0-9_-]{1,70}(\.[a-z0-9]{1,8})?")
_SUM_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")


def log_key(key_id: bytes) -> str:
    """The log's public key, as openssl reads it; a new key is a new file."""
    return f"LOG-{key_id.hex()}.pem"


def day_file(day: date, target: str) -> str:
    """All records of one chain sealed under `day`."""
    return f"{day}_{target}.jsonl"


def seal(day: date) -> str:
    """The seal of `day`."""
    return f"SEAL-{day}.sha256"


def checkpoint(day: date) -> str:
    """The tree head at the seal of `day`."""
    return f"CHECKPOINT-{day}.txt"


def schedule(day: date) -> str:
    """The draws recorded on `day`."""
    return f"SCHEDULE-{day}.sha256"


def token(day: date, authority: str) -> str:
    """An authority's reply for the seal of `day`."""
    return f"SEAL-{day}_{authority}.tsr"


def sha256sum(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Contents by name as `sha256sum` prints them, in the order of names."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files))
    return "".join(lines).encode()


def read_sums(content: bytes) -> dict[str, str]:
    """Digests by name of a file written by `sha256sum`. Raises `ValueError` for a line of another form."""
    matches = [_SUM_LINE.fullmatch(line) for line in content.decode("ascii").splitlines()]
    if None in matches:
        raise ValueError(f"line {matches.index(None) + 1} is not «digest, two spaces, name»")
    return {match[2]: match[1] for match in matches if match}


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other process or thread keeps `folder`, and keep the others out; a killed one lets go."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("wb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
