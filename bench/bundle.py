"""A bundle of thirty days of one hourly target, both verifiers, and the tree under it (`-h` tells options).

Rows are made through the store and the log, with a picture of 50 kB a day as booking pages give; the pages of
a visit are the saved ones, or as heavy as real ones can be.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

from PIL import Image

from bench.reclassify import CASE, READ, capture
from monitor.evidence.bundle import gather, make
from monitor.evidence.bundle import pieces as bundle_pieces
from monitor.evidence.bundle.pieces import Pieces
from monitor.evidence.journal import tree
from monitor.model import Observation
from monitor.store import upgrade
from probes.model import Target
from tests.cast.installation import FIRST, Installation
from tests.cast.observations import observation

DAY = timedelta(days=1)
LEAVES, PROOFS = 1_000_000, 1_000
QUALITY = 25
TARGET = replace(CASE.target, id="banc")

Made = TypeVar("Made")


def main() -> None:
    """Print one line of JSON for a bundle with light pages, one with heavy pages, and one for the tree."""
    parser = argparse.ArgumentParser(prog="python -m bench.bundle", description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    options = parser.parse_args()
    for heavy in (False, True):
        with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
            print(json.dumps(made_and_verified(Path(folder), options.days, heavy=heavy)), flush=True)
    print(json.dumps(grown()))


def made_and_verified(folder: Path, days: int, *, heavy: bool) -> dict[str, object]:
    """Make a bundle and verify it: seconds by the clock and of CPU, sizes, and if a second is the same."""
    upgrade(f"sqlite:///{folder}/vigie.db")
    kept = Installation(folder, url=f"sqlite:///{folder}/vigie.db", targets=[TARGET], a_day=24)
    kept.live(days + 2, partial(_visit, heavy=heavy))
    seconds, cpu, pieces = _timed(lambda: _archive(kept, days, folder / "one.zip"))
    _archive(kept, days, folder / "two.zip")
    bundle_pieces.write_folder(pieces, folder / "bundle")
    shell, shell_cpu, _ = _timed(
        lambda: _verify("sh", folder / "bundle/verify.sh", kept.authority.fingerprint)
    )
    python, python_cpu, _ = _timed(
        lambda: _verify(sys.executable, folder / "bundle/verify.py", kept.authority.fingerprint)
    )
    return {
        "days": days,
        "pieces": len(pieces),
        "page_kb": round(sum(len(step.body) for step in capture(0, heavy=heavy).steps) / 1000),
        "megabytes": round((folder / "one.zip").stat().st_size / 1e6, 1),
        "same_bytes": _digest(folder / "one.zip") == _digest(folder / "two.zip"),
        "make": seconds,
        "make_cpu": cpu,
        "verify_sh": shell,
        "verify_sh_cpu": shell_cpu,
        "verify_py": python,
        "verify_py_cpu": python_cpu,
        "load": round(os.getloadavg()[0], 1),
    }


def _archive(kept: Installation, days: int, path: Path) -> Pieces:
    matter = gather.gather(kept.store, kept.seals, [TARGET.id], FIRST + DAY, FIRST + days * DAY)
    pieces = make.make(kept.office, matter)
    bundle_pieces.write_zip(pieces, path)
    return pieces


def _verify(program: str, path: Path, pin: str) -> None:
    subprocess.run([program, str(path), pin], check=True, capture_output=True)


def _visit(target: Target, at: datetime, *, heavy: bool) -> Observation:
    hour = int((at - datetime.combine(FIRST, datetime.min.time(), at.tzinfo)).total_seconds() // 3600)
    seen = replace(capture(hour, heavy=heavy), screenshot=_picture(at.date()))
    return observation(at, name=target.id, reading=READ, capture=seen, started_at=at)


@cache
def _picture(day: date) -> bytes:
    """A JPEG as large as the screenshot of a booking page (about 50 kB), the same for the whole day."""
    tiny = Image.frombytes("RGB", (48, 30), random.Random(day.toordinal()).randbytes(4_320))
    made = io.BytesIO()
    tiny.resize((1280, 800)).save(made, "JPEG", quality=QUALITY)
    return made.getvalue()


def grown() -> dict[str, float]:
    """The time of a million appends to the tree, in seconds, and of one proof, in milliseconds."""
    leaves = [hashlib.sha256(n.to_bytes(4, "big")).digest() for n in range(LEAVES)]
    seconds, cpu, large = _timed(lambda: tree.Tree(leaves))
    places = range(0, LEAVES, LEAVES // PROOFS)
    included, _, _ = _timed(lambda: [tree.inclusion(large.node, n, LEAVES) for n in places])
    extended, _, _ = _timed(lambda: [tree.consistency(large.node, n + 1, LEAVES) for n in places])
    return {
        "appends": LEAVES,
        "seconds": seconds,
        "cpu": cpu,
        "inclusion_ms": round(included / PROOFS * 1000, 4),
        "consistency_ms": round(extended / PROOFS * 1000, 4),
    }


def _timed(work: Callable[[], Made]) -> tuple[float, float, Made]:
    """Run `work`: seconds by the clock, CPU seconds (child processes too), and the result."""
    start, before = time.perf_counter(), _cpu()
    result = work()
    return round(time.perf_counter() - start, 3), round(_cpu() - before, 3), result


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
