"""The addresses that mails give: pages, and signed ones to confirm or end subscriptions. Pure."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from monitor.alerts.write.stories import Links
from monitor.model import Language, Transition


class Purpose(StrEnum):
    """What a signed address lets its bearer do: nothing else, and to one subscription only."""

    CONFIRM = "confirmation"
    UNSUBSCRIBE = "desabonnement"


@dataclass(frozen=True)
class LinkSigner:
    """Makes and checks signed addresses under `base`. A token is 128 bits and says nothing of the address."""

    base: str
    secret: str

    def url(self, purpose: Purpose, subscription: str, language: Language = Language.FRENCH) -> str:
        """The address that does `purpose` for `subscription`, and says so in `language`."""
        asked = "" if language is Language.FRENCH else f"?lang={language}"
        return f"{self.base.rstrip('/')}/alertes/{purpose}/{self.token(purpose, subscription)}{asked}"

    def token(self, purpose: Purpose, subscription: str) -> str:
        """`<subscription>.<signature>`."""
        return f"{subscription}.{self._sign(purpose, subscription)}"

    def subscription(self, purpose: Purpose, token: str) -> str | None:
        """Whose token it is, or `None` for one we did not sign. Takes the same time either way."""
        subscription, _, signature = token.rpartition(".")
        good = hmac.compare_digest(signature.encode(), self._sign(purpose, subscription).encode())
        return subscription if good else None

    def _sign(self, purpose: Purpose, subscription: str) -> str:
        signed = hmac.new(self.secret.encode(), f"{purpose}:{subscription}".encode(), "sha256")
        return signed.hexdigest()[:32]


def of_transition(base: str, made: Transition, tz: ZoneInfo) -> Links:
    """Where to read on about a transition, and the local days it took; nothing where no pages are."""
    if not base:
        return Links()
    first, last = (at.astimezone(tz).date() for at in (made.since, made.at))
    period = urlencode({"du": first, "au": last})
    known = of_target(base, made.target, made.row)
    return replace(known, period=f"{known.page}?{period}")


def of_target(base: str, target: str, row: int | None) -> Links:
    """Where to read on about a target, and see what was received as the observation `row`."""
    if not base:
        return Links()
    root = base.rstrip("/")
    page = f"{root}/guichets/{quote(target, safe='')}"
    return Links(page=page, capture=f"{root}/releves/{row}/capture" if row else None)
