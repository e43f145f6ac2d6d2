"""The closed list of ways a visit can fail, and the one map from library exceptions to it.

Pure: exceptions are recognised by the names of their classes, so that no I/O library is imported here. A test
walks every exception class of httpx and Playwright and fails when one has no entry.
"""

from __future__ import annotations

from enum import StrEnum


class Failure(StrEnum):
    """Why a step has no usable page. Written to the database, metrics, CSV and mails under these names."""

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
    """The failure an HTTP status stands for; `None` below 400."""
    if status < 400:
        return None
    family = Failure.HTTP_4XX if status < 500 else Failure.HTTP_5XX
    return next((failure for failure in Failure if failure == f"http_{status}"), family)
