"""`python -m tests.mutants [WORD…]`: try every mutant, or those whose fault or file holds a word."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.mutants.table import MUTANTS
from tests.mutants.trial import Fate, Mutant, attempt, copied_tree, unfounded


def main(words: list[str]) -> int:
    """Try them one by one; how many problems there were, as an exit code."""
    chosen = [one for one in MUTANTS if not words or any(word in f"{one.does} {one.file}" for word in words)]
    with copied_tree() as copy:
        fates = [_told(mutant, copy) for mutant in chosen]
        unsound = unfounded([fate.killer for fate in fates if fate.killer], copy)
    if unsound:
        print(f"these tests fail without any fault too:\n{unsound}")
    problems = sum(bool(fate.problem) for fate in fates)
    slowest = max((fate.seconds for fate in fates), default=0)
    print(f"{len(fates)} mutants, {problems} problems, slowest {slowest:.1f} s")
    return int(bool(problems or unsound or not fates))


def _told(mutant: Mutant, copy: Path) -> Fate:
    fate = attempt(mutant, copy)
    print(f"{'LIVES' if fate.problem else 'died '} {fate.seconds:5.1f} s  {mutant.does}", flush=True)
    print(f"               {fate.problem or fate.killer}", flush=True)
    return fate


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
