"""Hands news over to the operator's webhook, in the JSON that Alertmanager posts."""

from __future__ import annotations

import httpx

from monitor.alerts.send.smtp import DeliveryError
from monitor.alerts.write.alertmanager import Alert

TIMEOUT = 20.0
"""Seconds."""


async def post(url: str, message: Alert) -> None:
    """Hand the message over. Raises `DeliveryError`, for good when the receiver refuses it."""
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
            answer = await client.post(url, json=message)
    except httpx.HTTPError as error:
        raise DeliveryError(
            f"the webhook cannot be reached: {error or type(error).__name__}", permanent=False
        ) from error
    if not answer.is_success:
        permanent = answer.is_client_error and answer.status_code not in (408, 429)
        raise DeliveryError(f"the webhook answers {answer.status_code}", permanent=permanent)
