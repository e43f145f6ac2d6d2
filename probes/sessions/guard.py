"""Where a visit may go: which hosts, which IP addresses, and the stop line. Sends no request itself.

A walk that asks for something not allowed is a programming error of ours: `StopLineCrossed`. A server that
leads us somewhere not allowed (by a redirect, or a host name that resolves to a private address) is a result
of the visit: `Failed`, raised before anything is sent there.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from probes.failures import Failed, Failure
from probes.stop_line import Form, StopLine

Resolver = Callable[[str], Awaitable[Sequence[str]]]
"""Takes a host name, returns its IP addresses as text, the preferred one first. Raises `OSError` if none."""

LOOPBACK = "127.0.0.1"

# URL parsers disagree on these (`https://évil\\@ok/`, a tab inside the scheme, a user name that looks like a
# host): we might check one host and connect to another.
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_AUTHORITY = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?")
# Encoded dot segments, slashes, and letters that need no encoding. Some servers decode them before they
# choose the page, some after: the page served might not be the one we checked.
_EVASIVE_PATH = re.compile(r"(^|/)(\.|%2e){1,2}([/;]|$)|%2f|%5c", re.IGNORECASE)
_ENCODED_LETTER = re.compile(r"%(3[0-9]|[46][1-9a-f]|[57][0-9a]|25[0-9a-f]{2})", re.IGNORECASE)

# Python's `is_global` accepts these ranges, but they are relays and documentation ranges through which a
# private host could be reached.
_REFUSED_V4 = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24")))
_REFUSED_V6 = tuple(map(ip_network, ("2001::/23", "2002::/16", "3fff::/20")))
_UNICAST_V6 = ip_network("2000::/3")


# What a page is made of, by the last segment of its path. Servers route by the whole path, so that
# `/take/a.png` may still be a step: no such file may lie below a declared page.
_FILE = re.compile(
    r"[^;]+\.(?:css|m?js|map|png|jpe?g|gif|svg|webp|avif|ico|bmp|cur|woff2?|ttf|otf|eot|mp[34]|webm|ogg|wav|vtt)"
    r"(?:;jsessionid=[\w.!-]+)?",
    re.IGNORECASE,
)


class StopLineCrossed(Exception):
    """A walk asked for something that its platform's stop line does not list: our bug, not a result."""


async def system_resolver(host: str) -> Sequence[str]:
    """The IP addresses that this machine's resolver gives for `host`. Raises `OSError` if there are none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Allowance:
    """The hosts a session may reach: exact lower-case names, over https, at public addresses only.

    `local` adds `localhost`, `*.localhost` and 127.0.0.0/8, over http or https and on any port, always on
    this machine and without asking any DNS.
    """

    hosts: frozenset[str]
    local: bool = False

    def check(self, url: str) -> None:
        """Raise `Failed(HOST_NOT_ALLOWED)` unless scheme, host and port of `url` are allowed."""
        if reason := self._refusal(url):
            raise Failed(Failure.HOST_NOT_ALLOWED, f"{url[:200]!r}: {reason}")

    async def addresses(self, host: str, resolve: Resolver = system_resolver) -> tuple[str, ...]:
        """The IP addresses of `host`. Raises `Failed(ADDRESS_REFUSED)` if any of them is not public.

        Connect only to the addresses returned here: a second DNS query may give other ones, unchecked.
        """
        if self.is_local(host):
            return (host if host.startswith("127.") else LOOPBACK,)
        found = tuple(await resolve(host))
        for address in found:
            self.check_address(host, address)
        return found

    def check_address(self, host: str, address: str) -> None:
        """Raise `Failed(ADDRESS_REFUSED)` unless `address` is public (or loopback, for a local `host`)."""
        ip = ip_address(address)
        if not (ip.is_loopback if self.is_local(host) else is_public(ip)):
            raise Failed(Failure.ADDRESS_REFUSED, f"{host} is at {address}, which is not a public address")

    def is_local(self, host: str) -> bool:
        """Whether `host` is this machine and `local` allows it."""
        named = host == "localhost" or host.endswith(".localhost")
        return self.local and (named or _is_loopback_literal(host))

    def _refusal(self, url: str) -> str | None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return "it is not a URL"
        if _UNSAFE.search(url) or not _AUTHORITY.fullmatch(parts.netloc):
            return "its host is written in a way that programs read differently"
        host = parts.hostname or ""
        if self.is_local(host):
            return None if parts.scheme in ("http", "https") else "only http and https are visited"
        if parts.scheme != "https":
            return "only https is visited"
        if host not in self.hosts:
            return f"{host} is not among the hosts of the targets"
        return None if port in (None, 443) else f"port {port} is not the usual one"


def is_public(ip: IPv4Address | IPv6Address) -> bool:
    """Whether `ip` is an ordinary public address, and not an IPv6 address that contains an IPv4 address."""
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_loopback or ip.is_link_local:
        return False
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _REFUSED_V4)
    return ip in _UNICAST_V6 and not any(ip in network for network in _REFUSED_V6)


def _is_loopback_literal(host: str) -> bool:
    try:
        return IPv4Address(host).is_loopback
    except ValueError:
        return False


class StopLineGuard:
    """Checks requests against one platform's stop line."""

    def __init__(self, stop_line: StopLine) -> None:
        self._paths = [re.compile(path) for path in stop_line.paths]
        self._forms = {form.selector: form for form in stop_line.forms}
        self._calls = stop_line.calls
        self._controls = stop_line.controls
        self._scripts = [re.compile(path) for path in stop_line.scripts]

    def allows(self, url: str) -> bool:
        """Whether path and query of `url` are listed. False for a URL that servers may decode differently."""
        asked = _asked(urlsplit(url))
        return not _evasive(url) and any(path.fullmatch(asked) for path in self._paths)

    def allows_file(self, url: str) -> bool:
        """Whether `url` names a style, script, picture, font or sound that is not below a declared page."""
        above, _, name = urlsplit(url).path.rpartition("/")
        parts = above.split("/")
        pages = ("/".join(parts[:end]) for end in range(2, len(parts) + 1))
        below = any(path.fullmatch(page) for page in pages for path in self._paths)
        return not _evasive(url) and _FILE.fullmatch(name) is not None and not below

    def allows_script(self, url: str, method: str) -> bool:
        """Whether a page's own script may ask for `url`: a declared page by GET, or what `scripts` lists."""
        asked = _asked(urlsplit(url))
        listed = not _evasive(url) and any(path.fullmatch(asked) for path in self._scripts)
        return listed or (method == "GET" and self.allows(url))

    def allows_form(self, selector: str, page: str) -> bool:
        """Whether the form `selector` may be submitted on the page at `page`."""
        form = self._forms.get(selector)
        return form is not None and re.fullmatch(form.on, _asked(urlsplit(page))) is not None

    def check_page(self, url: str) -> None:
        """Raise `StopLineCrossed` unless the walk may open `url`."""
        if not self.allows(url):
            raise StopLineCrossed(f"the walk asked for {url}, which its stop line does not list")

    def check_submission(self, selector: str, values: Mapping[str, str], button: str | None) -> None:
        """Raise `StopLineCrossed` unless form, button, every field and every value are declared."""
        form = self._forms.get(selector)
        if form is None:
            raise StopLineCrossed(f"the walk submits {selector!r}, a form its stop line does not list")
        if button is not None and button not in form.buttons:
            raise StopLineCrossed(f"the walk presses {button!r}, not a declared button of {selector!r}")
        for name, value in values.items():
            _check_value(form, name, value)

    def check_call(self, url: str, body: Mapping[str, object]) -> None:
        """Raise `StopLineCrossed` unless the call, every field of its body and every value are declared."""
        asked = _asked(urlsplit(url))
        declared = next((call for call in self._calls if re.fullmatch(call.path, asked)), None)
        if declared is None or _evasive(url):
            raise StopLineCrossed(f"the walk calls {url}, which its stop line does not list")
        allowed = {field.name: field.values for field in declared.fields}
        for name, value in body.items():
            if name not in allowed or not re.fullmatch(allowed[name], as_json(value)):
                what = f"{name!r} = {as_json(value)[:80]}"
                raise StopLineCrossed(f"the walk calls {url} with {what}, which its stop line does not list")

    def check_control(self, selector: str) -> None:
        """Raise `StopLineCrossed` unless the control `selector` is listed."""
        if selector not in self._controls:
            raise StopLineCrossed(f"the walk unfolds {selector!r}, which its stop line does not list")


def as_json(value: object) -> str:
    """`value` as compact JSON with sorted keys, as calls send it and as stop lines match it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _evasive(url: str) -> bool:
    hidden = _UNSAFE.search(url) or _ENCODED_LETTER.search(url)
    return bool(hidden or _EVASIVE_PATH.search(urlsplit(url).path))


def _asked(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _check_value(form: Form, name: str, value: str) -> None:
    allowed = [field.values for field in form.fields if field.name == name]
    if not allowed:
        raise StopLineCrossed(f"the walk fills {name!r}, not a declared field of {form.selector!r}")
    if not any(re.fullmatch(values, value) for values in allowed):
        raise StopLineCrossed(f"the walk gives {name!r} a value its stop line does not allow: {value[:80]!r}")
