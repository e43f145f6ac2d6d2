"""Writes files whole or not at all: no reader ever sees half a file, not even after a power cut.

A link is followed: the file it leads to is replaced, and the link stays. A file that is replaced keeps its
mode. A device, a pipe or a socket is refused: nothing can be written whole into it, and put in its place a
file would destroy it.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from probes.failures import Mendable


class NoFile(OSError, Mendable):
    """What is to be written is there already, and is a device, a pipe or a socket."""

    def __init__(self, path: Path) -> None:
        super().__init__(errno.EINVAL, "it is a device, a pipe or a socket, and no file", str(path))

    def __str__(self) -> str:
        return f"{self.filename}: {self.strerror}; name a file."


def write_whole(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write or replace a file, making its folders. On return its content and its name are on the disk.

    `private`: only its owner may read it (0600); otherwise the old file's mode is kept, and the umask decides
    on a new one. Raises `OSError`; the old file is then still there, and no unfinished one.
    """
    path, mode = _place(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _draft(path, content, 0o600 if private else 0o666) as draft:
        if mode is not None and not private:
            draft.chmod(mode)
        draft.replace(path)
    _sync_folder(path.parent)


def write_once(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read, making its folders. It is on the disk on return.

    Raises `FileExistsError` when the file exists, and leaves it as it is. When two processes do this at the
    same time, only one of them succeeds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _draft(path, content, 0o600) as draft:
        try:
            _name_once(draft, path, content)
        finally:  # also when another process was first: the caller then uses the file of that process
            _sync_folder(path.parent)


@contextmanager
def made_whole(path: Path) -> Iterator[Path]:
    """Gives a path to write a file or folder to, which becomes `path` when the block ends without an error.

    For folders, and for files too large for the memory. After an error nothing is left. Unlike `write_whole`
    it does not wait until the data is on the disk. Raises `OSError`.
    """
    path, mode = _place(path)
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=path.parent) as folder:
        made = Path(folder) / path.name
        yield made
        if mode is not None:
            made.chmod(mode)
        made.replace(path)


def _place(path: Path) -> tuple[Path, int | None]:
    """Where to write, links followed, and the mode of the file that is there. Raises `OSError`."""
    try:
        found = path.stat().st_mode
    except FileNotFoundError:
        return Path(os.path.realpath(path)), None
    if stat.S_ISDIR(found):
        return path, None
    if not stat.S_ISREG(found):
        raise NoFile(path)
    return Path(os.path.realpath(path)), stat.S_IMODE(found) & 0o777


@contextmanager
def _draft(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    """A temporary file with this content, on the disk beside `path`; deleted when the block ends."""
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


def _name_once(draft: Path, path: Path, content: bytes) -> None:
    """Give `draft` its name unless it is taken. Without hard links (FAT, some shares) write it there."""
    try:
        os.link(draft, path)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Force the names in `folder` to the disk: else a power cut may take a new name away again.

    Shared folders and FUSE may not be able to: the file has its name all the same, so that is no error.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise
    finally:
        os.close(handle)


_NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
_CANNOT_SYNC = {errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS}
