"""A fault put into a copy of the tree, and what becomes of it: a test that fails, or nothing at all.

The working tree is never touched. Time is processor time, so that a busy machine fails nothing.
"""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 20.0
"""Seconds of processor time within which a fault must be found."""
HANGS = 10 * LIMIT
"""Seconds after which the tests are ended, whatever they were doing."""
QUICK = "not browser and not postgresql"
"""What needs neither Chromium nor a database server."""

_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "var", "node_modules", "build", "dist", "*.egg-info")
_DIED = re.compile(r"^(?:FAILED|ERROR) (tests/[^\s\[]+)", re.MULTILINE)
_FAILURES = 1  # how pytest ends when tests ran and some failed


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """One fault: in `file`, the text `right`, which stands there once, becomes `wrong`.

    `does` says what the house would then do. `tests` are those that must notice, in the test folder of what
    breaks: the folder itself, or the file of it whose subject this is.
    """

    does: str
    file: str
    right: str
    wrong: str
    tests: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Fate:
    """What became of a mutant. `killer` is the test that failed, without its parameters."""

    seconds: float
    killer: str | None = None
    problem: str = ""


@contextmanager
def copied_tree() -> Iterator[Path]:
    """A copy of the tree to put faults into, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="vigie-mutants-") as folder:
        yield Path(shutil.copytree(ROOT, Path(folder) / "vigie", ignore=_LEFT_OUT))


def misplaced(mutant: Mutant, root: Path = ROOT) -> str:
    """Why the fault cannot be put in any more; empty when it can."""
    file = root / mutant.file
    if not file.exists():
        return f"there is no {mutant.file}"
    found = file.read_text(encoding="utf-8").count(mutant.right)
    return "" if found == 1 else f"{mutant.file} holds the text to replace {found} times: {mutant.right!r}"


def attempt(mutant: Mutant, copy: Path) -> Fate:
    """Put the fault into `copy`, run the tests that must notice, and take it out again."""
    if problem := misplaced(mutant, copy):
        return Fate(seconds=0.0, problem=problem)
    with _broken(mutant, copy):
        code, said, seconds = run(copy, mutant.tests)
    killer = next(iter(_DIED.findall(said)), None)
    if code == 0:
        return Fate(seconds=seconds, problem=f"survived {mutant.tests}")
    if code != _FAILURES or killer is None:
        return Fate(seconds=seconds, problem=f"the tests did not run to a failure:\n{said[-2000:]}")
    slow = f"died only after {seconds:.0f} s, of {killer}" if seconds > LIMIT else ""
    return Fate(seconds=seconds, killer=killer, problem=slow)


def unfounded(killers: Sequence[str], copy: Path) -> str:
    """What tests said that fail without any fault too; empty when none does."""
    code, said, _ = run(copy, *sorted(set(killers)), stop=False) if killers else (0, "", 0.0)
    return said[-2000:] if code else ""


def run(copy: Path, *tests: str, stop: bool = True) -> tuple[int | None, str, float]:
    """pytest over `tests` in `copy`: exit code (`None`: it hung), what it said, seconds of processor time."""
    hypothesis = ("--hypothesis-profile=mutants", "--hypothesis-seed=0")
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", *hypothesis, "-m", QUICK, *tests]
    before = _spent()
    try:
        done = subprocess.run(
            [*command, *(["-x"] if stop else [])], cwd=copy, capture_output=True, text=True, timeout=HANGS
        )
    except subprocess.TimeoutExpired:
        return None, f"still running after {HANGS:.0f} s", _spent() - before
    return done.returncode, done.stdout + done.stderr, _spent() - before


@contextmanager
def _broken(mutant: Mutant, copy: Path) -> Iterator[None]:
    file = copy / mutant.file
    sound = file.read_text(encoding="utf-8")
    _write(file, sound.replace(mutant.right, mutant.wrong))
    try:
        yield
    finally:
        _write(file, sound)


def _write(file: Path, text: str) -> None:
    """Write it, and forget what was compiled of it: Python compares times in whole seconds."""
    file.write_text(text, encoding="utf-8")
    Path(cache_from_source(str(file))).unlink(missing_ok=True)


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
