"""Posts news to the operator's webhook, in the JSON format of Alertmanager."""

from __future__ import annotations

import httpx

from monitor.alerts.send.smtp import DeliveryError
from monitor.alerts.write.alertmanager import Alert

TIMEOUT = 20.0
"""Seconds."""


async def post(url: str, message: Alert) -> None:
    """Post the message. Raises `DeliveryError`, permanent for a 4xx answer other than 408 and 429."""
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
            answer = await client.post(url, json=message)
    except httpx.HTTPError as error:
        raise DeliveryError(
            f"the webhook cannot be reached: {str(error) or type(error).__name__}", permanent=False
        ) from error
    if not answer.is_success:
        permanent = answer.is_client_error and answer.status_code not in (408, 429)
        raise DeliveryError(f"the webhook answers {answer.status_code}", permanent=permanent)
