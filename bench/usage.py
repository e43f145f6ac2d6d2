"""What a process and its descendants use: CPU seconds, memory (PSS), processes, file descriptors.

Read from `/proc`, so on Linux only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Sums over a tree of processes. `cpu` is in seconds, children that ended included; `pss` is in bytes."""

    cpu: float
    pss: int
    processes: int
    descriptors: int


def usage(root: int | None = None, *, leave_out: frozenset[int] = frozenset()) -> Usage:
    """The usage of process `root` (default: this one) and its descendants.

    Processes in `leave_out` and their descendants are not counted.
    """
    tree = list(_tree(root or os.getpid(), leave_out))
    return Usage(
        cpu=sum(_cpu(pid) for pid in tree),
        pss=sum(_pss(pid) for pid in tree),
        processes=len(tree),
        descriptors=sum(_descriptors(pid) for pid in tree),
    )


def _tree(root: int, leave_out: frozenset[int]) -> Iterator[int]:
    if root in leave_out:
        return
    yield root
    for task in Path(f"/proc/{root}/task").glob("*/children"):
        with suppress(OSError):
            for child in task.read_text().split():
                yield from _tree(int(child), leave_out)


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / TICK


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def _descriptors(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return 0
