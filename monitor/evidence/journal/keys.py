"""The journal's own key: from the settings, or from its file, which is made once."""

from __future__ import annotations

import logging
from contextlib import suppress

from monitor.evidence.journal import checkpoint
from monitor.evidence.journal.checkpoint import CheckpointSigner, NoteError
from monitor.evidence.journal.seals import Seals
from monitor.problems import BadInput, Problem, read_text
from monitor.settings.load import Settings

logger = logging.getLogger(__name__)


def log_key(settings: Settings, *, make: bool = True) -> CheckpointSigner:
    """The journal's signing key, from the settings or from its file.

    With `make`, a missing key file is written with a new key. Raises `BadInput` when the key cannot be
    used, or when its file is missing although seals exist: a new key would not fit them.
    """
    given, name, path = settings.evidence.key, settings.evidence.origin, settings.evidence.key_path
    if given is None and make and not path.exists():
        if Seals(settings.evidence.folder).days():
            words = f"is missing, and signed what is in {settings.evidence.folder}: put its copy back"
            raise BadInput(Problem(str(path), words))
        with suppress(FileExistsError):
            checkpoint.keygen(path, name=name)
    pem = given.get_secret_value() if given else read_text(path)
    if given is None and path.stat().st_mode & 0o004:
        logger.warning("%s can be read by everybody on this machine: chmod 600 %s", path, path)
    try:
        return checkpoint.signer(pem.encode(), name=name)
    except NoteError as error:
        raise BadInput(Problem("[evidence] key", str(error))) from error
