"""Many facts at once through the fold."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.model import Transition
from monitor.rules.transitions import State, Step, TransitionRules, VisitFact, step


def fold(state: State, facts: Iterable[VisitFact], rules: TransitionRules | None = None) -> Step:
    """Every transition that `facts`, in the order they were recorded, make from `state` on."""
    made: list[Transition] = []
    for fact in facts:
        state, new = step(state, fact, rules)
        made.extend(new)
    return state, tuple(made)
