"""Addresses of other hosts whose files and frames say nothing about slots. No I/O.

Measures of audience, reports of errors, fonts, maps, films, and checks that somebody is human. A page that
lacks one of them says what it says to a person. A page that lacks anything else of another host may not.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_HOSTS = re.compile(
    r"(?:.+\.)?(?:"
    # Measures of audience, consent to them, reports of errors.
    r"google-analytics\.com|analytics\.google\.com|googletagmanager\.com|doubleclick\.net|matomo\.cloud"
    r"|xiti\.com|ati-host\.net|aticdn\.net|eulerian\.(?:com|net)|stats\.data\.gouv\.fr|stats\.beta\.gouv\.fr"
    r"|audience-sites\.[a-z.-]+\.gouv\.fr|plausible\.io|hotjar\.com|cloudflareinsights\.com|nr-data\.net"
    r"|newrelic\.com|sentry\.io|sentry-cdn\.com|sentry\.incubateur\.net|tarteaucitron\.io|axept\.io"
    # Fonts.
    r"|fonts\.googleapis\.com|fonts\.gstatic\.com|use\.typekit\.net|p\.typekit\.net|fonts\.bunny\.net"
    # Checks that somebody is human: their own marks tell when one stands before the answer.
    r"|recaptcha\.net|hcaptcha\.com|challenges\.cloudflare\.com"
    # Films and maps.
    r"|youtube\.com|youtube-nocookie\.com|dailymotion\.com|vimeo\.com|openstreetmap\.org|openstreetmap\.fr"
    r")"
)
_GOOGLE = re.compile(r"www\.(?:google|gstatic)\.(?:com|fr)")
_GOOGLES_OWN = re.compile(r"/(?:recaptcha|maps)/.*")
_MEASURE = re.compile(r".*/(?:matomo|piwik)\.(?:js|php)")


def is_aside(url: str) -> bool:
    """Whether `url`, absolute, is of a host or a program that never shows slots."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    googles = _GOOGLE.fullmatch(host) and _GOOGLES_OWN.fullmatch(parts.path)
    return bool(_HOSTS.fullmatch(host) or googles or _MEASURE.fullmatch(parts.path))
