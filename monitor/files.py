"""Writing files whole or not at all: nobody ever sees half of one, also after a power cut."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write or replace a file. On return its content and its name are on the disk; folders are made.

    `private`: for its owner's eyes alone; else as the umask says. Raises `OSError`, leaving no piece behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _draft(path, content, 0o600 if private else 0o666) as draft:
        draft.replace(path)
    _sync_folder(path.parent)


def write_once(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, for its owner's eyes alone. On disk on return; folders are made.

    Raises `FileExistsError`: the one that is there stays, also when two processes start together.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _draft(path, content, 0o600) as draft:
        try:
            os.link(draft, path)
        finally:  # also when another process was first: the caller goes on with the file of that one
            _sync_folder(path.parent)


@contextmanager
def made_whole(path: Path) -> Iterator[Path]:
    """Where to write a file or folder that becomes `path` when the block ends; after an error nothing stays.

    For what is too large for the memory or is a folder. It is not forced to the disk. Raises `OSError`.
    """
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=path.parent) as folder:
        made = Path(folder) / path.name
        yield made
        made.replace(path)


@contextmanager
def _draft(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    """A file of this content on the disk beside `path`, under a name of its own; gone afterwards."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.partial")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:  # whatever stopped us, even Ctrl-C
        draft.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Force the names in `folder` to the disk: without it a power cut may take a new name back."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
