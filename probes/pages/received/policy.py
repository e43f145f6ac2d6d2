"""Whether the server forbids its page's own styles: a browser then shows what they would hide. No I/O."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from probes.model import Step

_ALLOWED = re.compile(r"'unsafe-inline'|'nonce-|'sha\d{3}-")
_STYLED = "style, [style]"


def refused_styles(step: Step, tree: LexborHTMLParser | None) -> str:
    """The directive of a content security policy that refuses styles written into the page; else empty."""
    if tree is None or tree.css_first(_STYLED) is None:
        return ""
    sent = [value for name, value in step.headers if name.lower() == "content-security-policy"]
    written = tree.css("meta[http-equiv='Content-Security-Policy' i]")
    policies = [*sent, *(node.attributes.get("content") or "" for node in written)]
    return next((found for policy in policies if (found := _refusing(policy))), "")


def _refusing(policy: str) -> str:
    """The directive for styles, or the one for all kinds where there is none, if it refuses them."""
    named = {each.split()[0].lower(): each.strip() for each in policy.split(";") if each.strip()}
    found = named.get("style-src-elem") or named.get("style-src") or named.get("default-src") or ""
    return "" if _ALLOWED.search(found.lower()) else found
