"""What a test asks of a store and tells it: one function of the store in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from monitor.store import ObservationRow, Store, Transaction
from monitor.store.record import entries

Args = ParamSpec("Args")
Answer = TypeVar("Answer")
Asked = Callable[Concatenate[Transaction, Args], Answer]


def ask(store: Store, question: Asked[Args, Answer], *args: Args.args, **named: Args.kwargs) -> Answer:
    """What `question` says of the record as it is: `ask(store, standings.every)`."""
    with store.read() as conn:
        return question(conn, *args, **named)


def tell(store: Store, order: Asked[Args, Answer], *args: Args.args, **named: Args.kwargs) -> Answer:
    """Have `order` written: `tell(store, draws.commit, [draw()])`."""
    with store.write() as conn:
        return order(conn, *args, **named)


def read_row(store: Store, number: int) -> ObservationRow:
    """Observation `number`, read back."""
    return ask(store, entries.observation, number)
