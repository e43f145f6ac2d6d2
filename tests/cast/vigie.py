"""`vigie` run as a person does: a process of its own, in a folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory

from monitor.cli import main
from tests.cast.forked import forked

Vigie = Callable[..., CompletedProcess[str]]
PATIENCE = 100
"""Seconds after which a command has hung."""


def typed(folder: Path, *arguments: str, answers: str = "") -> CompletedProcess[str]:
    """What `vigie …` said and returned; `answers` is what a person types when it asks."""
    with TemporaryDirectory() as kept:
        said, errors, asked = Path(kept, "stdout"), Path(kept, "stderr"), Path(kept, "stdin")
        asked.write_text(answers, encoding="utf-8", errors="surrogateescape")
        told = (folder, arguments, dict(os.environ), asked, said, errors)
        process = forked.Process(target=_be_vigie, args=told, daemon=True)
        process.start()
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError(f"vigie {' '.join(arguments)}: {errors.read_text(encoding='utf-8')}")
        texts = (path.read_text(encoding="utf-8") for path in (said, errors))
        return CompletedProcess(["vigie", *arguments], process.exitcode, *texts)


def _be_vigie(
    folder: Path,
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
    asked: Path,
    said: Path,
    errors: Path,
) -> None:
    """Be what a shell would start: its folder, environment, arguments, and nothing but files to talk on."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["vigie", *arguments]
    os.dup2(os.open(asked, os.O_RDONLY), 0)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    for number, path in ((1, said), (2, errors)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    sys.stdout, sys.stderr = (open(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))  # noqa: SIM115
    main()
