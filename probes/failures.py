"""The complete list of ways in which a visit can fail, and the map from library exceptions to them.

Exceptions are recognised by the names of their classes, so that no I/O library is imported here. A test goes
through all exception classes of httpx and Playwright and fails when one has no entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum


class Failure(StrEnum):
    """Why a step has no usable page. These names are written to the database, metrics, CSV and mails."""

    DNS_ERROR = "dns_error"
    HOST_NOT_ALLOWED = "host_not_allowed"
    ADDRESS_REFUSED = "address_refused"
    CONNECT_TIMEOUT = "connect_timeout"
    CONNECT_ERROR = "connect_error"
    TLS_ERROR = "tls_error"
    READ_TIMEOUT = "read_timeout"
    CONNECTION_LOST = "connection_lost"
    TRUNCATED = "truncated"
    EMPTY_BODY = "empty_body"
    BODY_TOO_LARGE = "body_too_large"
    INVALID_RESPONSE = "invalid_response"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    OFF_LIMITS = "off_limits"
    FORM_MISSING = "form_missing"
    DEADLINE_EXCEEDED = "deadline_exceeded"
    BROWSER_CRASHED = "browser_crashed"
    HTTP_400 = "http_400"
    HTTP_401 = "http_401"
    HTTP_403 = "http_403"
    HTTP_404 = "http_404"
    HTTP_406 = "http_406"
    HTTP_410 = "http_410"
    HTTP_418 = "http_418"
    HTTP_422 = "http_422"
    HTTP_429 = "http_429"
    HTTP_4XX = "http_4xx"
    HTTP_500 = "http_500"
    HTTP_502 = "http_502"
    HTTP_503 = "http_503"
    HTTP_504 = "http_504"
    HTTP_5XX = "http_5xx"
    OUR_FAULT = "our_fault"


def of_status(status: int) -> Failure | None:
    """The failure for an HTTP status; `None` below 400.

    « 206 » is a part of a page, for which nobody asked.
    """
    if status < 400:
        return Failure.TRUNCATED if status == 206 else None
    family = Failure.HTTP_4XX if status < 500 else Failure.HTTP_5XX
    return next((failure for failure in Failure if failure == f"http_{status}"), family)


class Mendable(Exception):
    """We could not try, and a person can mend it. `str()` is one sentence that says how.

    A base for others, here because it must be caught where no library of theirs is loaded.
    """


class Failed(Exception):
    """No usable page was received. Raised inside a session, which records it as a step and ends the visit."""

    def __init__(self, failure: Failure, detail: str = "") -> None:
        super().__init__(detail or failure.value)
        self.failure = failure


# Libraries wrap these in a general "connect error", so the chain of causes is searched for them first.
_ROOT_CAUSES = {
    "gaierror": Failure.DNS_ERROR,
    "SSLEOFError": Failure.CONNECTION_LOST,
    "SSLZeroReturnError": Failure.CONNECTION_LOST,
    "SSLError": Failure.TLS_ERROR,
}

_CLASSES = {
    # httpx and httpcore share these names
    "ConnectTimeout": Failure.CONNECT_TIMEOUT,
    "ReadTimeout": Failure.READ_TIMEOUT,
    "WriteTimeout": Failure.READ_TIMEOUT,
    "PoolTimeout": Failure.OUR_FAULT,
    "ConnectError": Failure.CONNECT_ERROR,
    "ProxyError": Failure.CONNECT_ERROR,
    "NetworkError": Failure.CONNECTION_LOST,
    "LocalProtocolError": Failure.OUR_FAULT,
    "RemoteProtocolError": Failure.INVALID_RESPONSE,
    "DecodingError": Failure.INVALID_RESPONSE,
    "InvalidURL": Failure.INVALID_RESPONSE,
    "CookieConflict": Failure.INVALID_RESPONSE,
    "TooManyRedirects": Failure.TOO_MANY_REDIRECTS,
    # Playwright
    "TargetClosedError": Failure.BROWSER_CRASHED,
    # Python
    "TimeoutError": Failure.DEADLINE_EXCEEDED,
    "ConnectionRefusedError": Failure.CONNECT_ERROR,
    "ConnectionError": Failure.CONNECTION_LOST,
    "IncompleteReadError": Failure.CONNECTION_LOST,
}

_PHRASES = (
    ("disconnected without sending", Failure.CONNECTION_LOST),
    ("complete message body", Failure.TRUNCATED),
    ("incomplete chunked read", Failure.TRUNCATED),
    ("Target crashed", Failure.BROWSER_CRASHED),
    ("Page crashed", Failure.BROWSER_CRASHED),
    ("Connection closed while reading from the driver", Failure.BROWSER_CRASHED),
)

# Prefixes of Chromium's names after `net::ERR_`. The first that matches counts: exact names before families.
_NET_ERRORS = (
    ("NAME_", Failure.DNS_ERROR),
    ("DNS_", Failure.DNS_ERROR),
    ("ICANN_", Failure.DNS_ERROR),
    ("CONNECTION_TIMED_OUT", Failure.CONNECT_TIMEOUT),
    ("TIMED_OUT", Failure.READ_TIMEOUT),
    ("CONNECTION_RESET", Failure.CONNECTION_LOST),
    ("CONNECTION_CLOSED", Failure.CONNECTION_LOST),
    ("CONNECTION_ABORTED", Failure.CONNECTION_LOST),
    ("EMPTY_RESPONSE", Failure.CONNECTION_LOST),
    ("SOCKET_NOT_CONNECTED", Failure.CONNECTION_LOST),
    ("NETWORK_CHANGED", Failure.CONNECTION_LOST),
    ("CONNECTION_", Failure.CONNECT_ERROR),
    ("ADDRESS_", Failure.CONNECT_ERROR),
    ("INTERNET_DISCONNECTED", Failure.CONNECT_ERROR),
    ("NETWORK_", Failure.CONNECT_ERROR),
    ("PROXY_", Failure.CONNECT_ERROR),
    ("TUNNEL_", Failure.CONNECT_ERROR),
    ("FAILED", Failure.CONNECT_ERROR),
    ("SSL_", Failure.TLS_ERROR),
    ("CERT", Failure.TLS_ERROR),
    ("BAD_SSL_", Failure.TLS_ERROR),
    ("ECH_", Failure.TLS_ERROR),
    ("CONTENT_LENGTH_MISMATCH", Failure.TRUNCATED),
    ("INCOMPLETE_", Failure.TRUNCATED),
    ("TOO_MANY_REDIRECTS", Failure.TOO_MANY_REDIRECTS),
    ("BLOCKED_BY_RESPONSE", Failure.INVALID_RESPONSE),
    ("BLOCKED_BY_LOCAL_NETWORK", Failure.ADDRESS_REFUSED),
    ("BLOCKED_BY_PRIVATE_NETWORK", Failure.ADDRESS_REFUSED),
    ("UNSAFE_PORT", Failure.ADDRESS_REFUSED),
    ("BLOCKED_BY_", Failure.OFF_LIMITS),
    ("DISALLOWED_", Failure.HOST_NOT_ALLOWED),
    ("UNKNOWN_URL_SCHEME", Failure.HOST_NOT_ALLOWED),
    ("UNSAFE_REDIRECT", Failure.HOST_NOT_ALLOWED),
    ("ABORTED", Failure.INVALID_RESPONSE),
    ("INVALID_", Failure.INVALID_RESPONSE),
    ("RESPONSE_HEADERS_", Failure.INVALID_RESPONSE),
    ("MALFORMED_", Failure.INVALID_RESPONSE),
    ("CONTENT_DECODING_", Failure.INVALID_RESPONSE),
    ("UNEXPECTED", Failure.INVALID_RESPONSE),
    ("HTTP", Failure.INVALID_RESPONSE),
    ("QUIC_", Failure.INVALID_RESPONSE),
)

_NET_ERROR = re.compile(r"net::ERR_([A-Z0-9_]+)")


def of_net_error(name: str) -> Failure:
    """The failure for Chromium's error `ERR_…`, with or without that prefix; `OUR_FAULT` when unknown."""
    bare = name.removeprefix("ERR_")
    return next((failure for prefix, failure in _NET_ERRORS if bare.startswith(prefix)), Failure.OUR_FAULT)


def of_exception(exc: BaseException) -> Failure:
    """The failure for an exception of httpx, httpcore, Playwright or the standard library.

    An unknown exception is `OUR_FAULT`: operators see it, and the site is not blamed.
    """
    if isinstance(exc, Failed):
        return exc.failure
    causes = [_by_class(link, _ROOT_CAUSES) for link in _chain(exc)]
    return next(
        (f for f in (*causes, _by_message(str(exc)), _by_class(exc, _CLASSES)) if f), Failure.OUR_FAULT
    )


def _chain(exc: BaseException | None) -> Iterator[BaseException]:
    while exc is not None:
        yield exc
        exc = exc.__cause__ or exc.__context__


def _by_class(exc: BaseException, table: Mapping[str, Failure]) -> Failure | None:
    return next((table[cls.__name__] for cls in type(exc).__mro__ if cls.__name__ in table), None)


def _by_message(message: str) -> Failure | None:
    if found := _NET_ERROR.search(message):
        return of_net_error(found[1])
    return next((failure for phrase, failure in _PHRASES if phrase in message), None)
