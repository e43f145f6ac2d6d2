"""Pictures: files under the media folder, named by their SHA-256. A file is never written in part."""

from __future__ import annotations

import hashlib
from pathlib import Path

from monitor.files import write_whole
from monitor.store.database.errors import Damaged, MediaError


class Media:
    """The folder of pictures. Equal pictures are stored once.

    A missing picture is not an error, because pictures are thinned out; a changed one is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """The path for the picture with this address, whether or not the file exists."""
        return self.folder / sha256[:2] / sha256[2:]

    def keep(self, picture: bytes) -> str:
        """Store a picture and return its address. Raises `MediaError`; no partial file is left then."""
        sha256 = hashlib.sha256(picture).hexdigest()
        path = self.path(sha256)
        try:
            if not path.exists():
                write_whole(path, picture, private=True)
        except OSError as error:
            why = f"could not be kept in {self.folder} ({error.strerror})"
            raise MediaError(f"The picture {sha256} {why}: make room or mend the folder.") from error
        return sha256

    def load(self, sha256: str) -> bytes | None:
        """The picture, or `None` when it was thinned out or lost. Raises `Damaged` when it was changed."""
        try:
            picture = self.path(sha256).read_bytes()
        except FileNotFoundError:
            return None
        if hashlib.sha256(picture).hexdigest() != sha256:
            raise Damaged(f"The picture {self.path(sha256)} is not what was recorded: restore a backup.")
        return picture
