"""The web addresses in mails: public pages, and signed links to confirm or end subscriptions. Pure."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from monitor.alerts.write.stories import Links
from monitor.model import Language, Transition


class Purpose(StrEnum):
    """What a signed link allows, for one subscription. The value is a part of the link's path."""

    CONFIRM = "confirmation"
    UNSUBSCRIBE = "desabonnement"


@dataclass(frozen=True)
class LinkSigner:
    """Makes and checks signed links under `base`, the public address of the pages.

    A signature has 128 bits. The token does not show the mail address.
    """

    base: str
    secret: str

    def url(self, purpose: Purpose, subscription: str, language: Language = Language.FRENCH) -> str:
        """The link that does `purpose` for the subscription of this id, to a page in `language`."""
        asked = "" if language is Language.FRENCH else f"?lang={language}"
        return f"{self.base.rstrip('/')}/alertes/{purpose}/{self.token(purpose, subscription)}{asked}"

    def token(self, purpose: Purpose, subscription: str) -> str:
        """`<subscription>.<signature>`."""
        return f"{subscription}.{self._sign(purpose, subscription)}"

    def subscription(self, purpose: Purpose, token: str) -> str | None:
        """The subscription's id in `token`, or `None` when we did not sign it for `purpose`.

        Compares in constant time, so that a signature cannot be guessed piece by piece.
        """
        subscription, _, signature = token.rpartition(".")
        good = hmac.compare_digest(signature.encode(), self._sign(purpose, subscription).encode())
        return subscription if good else None

    def _sign(self, purpose: Purpose, subscription: str) -> str:
        signed = hmac.new(self.secret.encode(), f"{purpose}:{subscription}".encode(), "sha256")
        return signed.hexdigest()[:32]


def of_transition(base: str, made: Transition, tz: ZoneInfo) -> Links:
    """The pages about a transition's target, and about the local days (in `tz`) from its start to its end.

    No links when `base` is empty.
    """
    if not base:
        return Links()
    first, last = (at.astimezone(tz).date() for at in (made.since, made.at))
    period = urlencode({"du": first, "au": last})
    known = of_target(base, made.target, made.row)
    return replace(known, period=f"{known.page}?{period}")


def of_target(base: str, target: str, row: int | None) -> Links:
    """The pages about a target, and about the capture of observation `row`. No links when `base` is empty."""
    if not base:
        return Links()
    root = base.rstrip("/")
    page = f"{root}/guichets/{quote(target, safe='')}"
    return Links(page=page, capture=f"{root}/releves/{row}/capture" if row else None)
