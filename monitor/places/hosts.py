"""The hosts that targets may be on: booking hosts of the State and of its suppliers, each with its reason.

Pure: only the text of an address is checked here. The sessions check at each request what a name resolves to.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from monitor.places.departements import NAMES
from monitor.places.pasted import led_through, pasted_problem

NATIONAL_HOSTS: dict[str, str] = {
    "pprdv.interieur.gouv.fr": "préfecture de police de Paris, classic module",
    "www.rdv-prefecture.interieur.gouv.fr": "RDV-Préfecture, the ministry's national application",
    "rdv-etrangers-94.interieur.gouv.fr": "Val-de-Marne, foreigners' service (eSirius)",
    "demarche.numerique.gouv.fr": "Démarche numérique, forms of the State",
    "www.demarches-simplifiees.fr": "former name of Démarche numérique, still redirecting",
    "rdv.anct.gouv.fr": "RDV Service Public",
    "rdv.numerique.gouv.fr": "RDV Service Public, newer name",
    "www.rdv-solidarites.fr": "RDV Service Public, former name",
    "esii-orion.com": "ESII Orion, supplier of Ille-et-Vilaine",
}


def _site(name: str) -> str:
    """A département's name as in the host of its préfecture: « Côtes-d'Armor » gives `cotes-darmor`."""
    letters = unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode().lower()
    return letters.replace("'", "").replace(" ", "-")


OFFICIAL_HOSTS: dict[str, str] = NATIONAL_HOSTS | {
    f"{prefix}{_site(name)}.gouv.fr": f"site of the préfecture ({code}), classic module"
    for code, name in NAMES.items()
    for prefix in ("www.", "www.rdv.", "rdv.")
}


def is_local(host: str) -> bool:
    """Whether `host` is written as this machine: `localhost`, `*.localhost` or a loopback address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# Parameters by which advertisers and measuring services follow a link; no booking page reads them.
_FOLLOWS = re.compile(
    r"(?:(?:utm|mtm|pk|matomo|piwik|hsa|at)_[\w.-]*|[a-z]{0,4}clk?id|[gw]braid|_g[al]|mc_[ce]id|igshid|xtor)(?:=.*)?",
    re.IGNORECASE,
)


def without_trackers(url: str) -> str:
    """`url` without the query parameters that only follow a link around, as in `?utm_source=…`."""
    page, mark, query = url.partition("?")
    parameters, hash_mark, fragment = query.partition("#")
    kept = "&".join(each for each in parameters.split("&") if not _FOLLOWS.fullmatch(each))
    return page + (mark if kept else "") + kept + hash_mark + fragment


def is_hostname(text: str) -> bool:
    """Whether `text` is a full host name in lower case: two labels or more, the last one not a number."""
    label = "(?!-)[a-z0-9-]{1,63}(?<!-)"
    return len(text) <= 253 and re.fullmatch(rf"(?:{label}\.)+(?![0-9]+$){label}", text) is not None


def host_of(url: str) -> str:
    """The host of a URL in lower case; empty for one that `url_problem` refuses because it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # as of "https://[bad"
        return ""


def url_problem(url: str, more_hosts: Collection[str] = ()) -> str | None:
    """Why `url` may not be watched and how to mend it, or `None` when it may. Allows `more_hosts` too."""
    if words := pasted_problem(url):
        return words
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return _NO_ADDRESS
    if not re.fullmatch(r"https?://[!-~]+", url) or "\\" in url or not parts.hostname:
        return _NO_ADDRESS
    return _dress_problem(parts) or _host_problem(parts, port, more_hosts)


_NO_ADDRESS = "is not a web address; copy it again from the browser, beginning with https://"


def _dress_problem(parts: SplitResult) -> str | None:
    if parts.username is not None or parts.password is not None:
        return "carries a user name or password; remove everything before the @"
    if parts.fragment:
        return "ends in a #fragment, which is never sent; remove it"
    return None


def _host_problem(parts: SplitResult, port: int | None, more_hosts: Collection[str]) -> str | None:
    host = parts.hostname or ""
    if is_local(host):
        return None
    if port is not None:
        return f"names port {port}; official pages have none, remove it"
    if not is_hostname(host):
        return f"names {host}, which is not a full host name; write the site's name, never an IP address"
    if host not in OFFICIAL_HOSTS and host not in more_hosts:
        if (inner := led_through(parts.geturl())) and host_of(inner) in {*OFFICIAL_HOSTS, *more_hosts}:
            return f'leads through {host} to the page itself; write "{inner}"'
        return (
            f"names {host}, which is not a known booking host; "
            "once you have checked whose it is, add it to [targets] hosts_allowed"
        )
    return None if parts.scheme == "https" else "begins with http://; write https://"
