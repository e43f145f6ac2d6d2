"""All who get mail: the settings' lists and confirmed self-service, without those who opted out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter

from monitor.alerts.decide.audience import Subscription
from monitor.store import Transaction
from monitor.store.alerts import subscriptions
from monitor.store.alerts.subscriptions import Subscriber

WANTED = {"scope", "topics", "language", "zone"}
"""What a self-service subscriber may choose: neither embargo nor patience."""
_SUBSCRIPTION = TypeAdapter(Subscription)


def everyone(conn: Transaction, listed: Sequence[Subscription], embargo: timedelta) -> list[Subscription]:
    """Every subscription in force: `listed`, then the confirmed self-service ones with this `embargo`."""
    left_alone = subscriptions.opted_out(conn)
    own = [read(one, embargo) for one in subscriptions.confirmed(conn)]
    return [one for one in (*listed, *own) if one.id not in left_alone]


def read(row: Subscriber, embargo: timedelta) -> Subscription:
    """The subscription in a self-service row. Raises `ValidationError` for a row that is not valid."""
    wanted = _SUBSCRIPTION.validate_python({"id": row.id, "address": row.address, **row.wants})
    return replace(wanted, embargo=embargo, since=row.confirmed_at)


def wants(subscription: Subscription) -> Mapping[str, Any]:
    """The choices in a subscription (`WANTED`), as JSON values to keep in its row."""
    whole = _SUBSCRIPTION.dump_python(subscription, mode="json")
    return {name: whole[name] for name in sorted(WANTED)}
