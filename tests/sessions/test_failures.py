import asyncio
import inspect
import socket
import ssl

import httpcore
import httpx
import playwright.async_api
import pytest

from probes.failures import Failed, Failure, of_exception, of_net_error, of_status


def exceptions(module: object) -> list[type[BaseException]]:
    return [one for one in vars(module).values() if inspect.isclass(one) and issubclass(one, BaseException)]


def made(cls: type[BaseException]) -> BaseException:
    """An instance of any exception class, whatever its constructor asks for."""
    return cls.__new__(cls)


# Misuse of the library, which no remote can cause.
OURS = {
    "HTTPStatusError",
    "RequestNotRead",
    "ResponseNotRead",
    "StreamClosed",
    "StreamConsumed",
    "StreamError",
    "UnsupportedProtocol",
    "PoolTimeout",
    "LocalProtocolError",
    "ConnectionNotAvailable",
}
# Bases nobody raises.
ABSTRACT = {"HTTPError", "RequestError", "TransportError", "ProtocolError", "TimeoutException"}


@pytest.mark.parametrize(
    "cls", [*exceptions(httpx), *exceptions(httpcore)], ids=lambda cls: cls.__module__ + cls.__name__
)
def test_every_exception_of_httpx_has_its_failure(cls: type[BaseException]) -> None:
    ours = cls.__name__ in OURS | ABSTRACT
    assert (of_exception(made(cls)) is Failure.OUR_FAULT) == ours


@pytest.mark.parametrize(
    ("exc", "failure"),
    [
        (httpx.ConnectTimeout(""), Failure.CONNECT_TIMEOUT),
        (httpx.ReadTimeout(""), Failure.READ_TIMEOUT),
        (httpx.ReadError(""), Failure.CONNECTION_LOST),
        (httpx.CloseError(""), Failure.CONNECTION_LOST),
        (httpx.TooManyRedirects(""), Failure.TOO_MANY_REDIRECTS),
        (httpx.DecodingError(""), Failure.INVALID_RESPONSE),
        (httpcore.RemoteProtocolError("illegal status line"), Failure.INVALID_RESPONSE),
        (
            httpcore.RemoteProtocolError("Server disconnected without sending a response."),
            Failure.CONNECTION_LOST,
        ),
        (
            httpcore.RemoteProtocolError("peer closed … without sending complete message body"),
            Failure.TRUNCATED,
        ),
        (socket.gaierror(-2, "Name or service not known"), Failure.DNS_ERROR),
        (ssl.SSLCertVerificationError("expired"), Failure.TLS_ERROR),
        (ssl.SSLEOFError(), Failure.CONNECTION_LOST),
        (ConnectionRefusedError(), Failure.CONNECT_ERROR),
        (ConnectionResetError(), Failure.CONNECTION_LOST),
        (TimeoutError(), Failure.DEADLINE_EXCEEDED),
        (asyncio.IncompleteReadError(b"", 1), Failure.CONNECTION_LOST),
        (Failed(Failure.OFF_LIMITS), Failure.OFF_LIMITS),
        (KeyError("ours"), Failure.OUR_FAULT),
    ],
    ids=str,
)
def test_an_exception_says_how_the_page_failed(exc: BaseException, failure: Failure) -> None:
    assert of_exception(exc) is failure


@pytest.mark.parametrize(
    ("cause", "failure"),
    [
        (socket.gaierror(), Failure.DNS_ERROR),
        (ssl.SSLError(), Failure.TLS_ERROR),
        (OSError(), Failure.CONNECT_ERROR),
    ],
    ids=repr,
)
def test_what_lies_under_a_connect_error_is_said(cause: Exception, failure: Failure) -> None:
    middle = httpcore.ConnectError("middle")
    middle.__cause__ = cause
    outer = httpx.ConnectError("outer")
    outer.__context__ = middle
    assert of_exception(outer) is failure


def test_every_exception_of_playwright_has_its_failure() -> None:
    known = {cls: of_exception(made(cls)) for cls in exceptions(playwright.async_api)}
    assert set(known) == {playwright.async_api.Error, playwright.async_api.TimeoutError}
    assert known[playwright.async_api.TimeoutError] is Failure.DEADLINE_EXCEEDED
    assert known[playwright.async_api.Error] is Failure.OUR_FAULT


@pytest.mark.parametrize(
    ("message", "failure"),
    [
        ("Page.goto: net::ERR_NAME_NOT_RESOLVED at https://x/", Failure.DNS_ERROR),
        ("Target crashed", Failure.BROWSER_CRASHED),
        ("Connection closed while reading from the driver", Failure.BROWSER_CRASHED),
        ("something new", Failure.OUR_FAULT),
    ],
)
def test_playwrights_messages_are_read(message: str, failure: Failure) -> None:
    assert of_exception(playwright.async_api.Error(message)) is failure


NET_ERRORS = {
    Failure.DNS_ERROR: """
        NAME_NOT_RESOLVED NAME_RESOLUTION_FAILED DNS_TIMED_OUT DNS_SERVER_FAILED
        ICANN_NAME_COLLISION
    """,
    Failure.CONNECT_TIMEOUT: """
        CONNECTION_TIMED_OUT
    """,
    Failure.READ_TIMEOUT: """
        TIMED_OUT
    """,
    Failure.CONNECT_ERROR: """
        CONNECTION_REFUSED CONNECTION_FAILED ADDRESS_UNREACHABLE ADDRESS_INVALID
        NETWORK_ACCESS_DENIED INTERNET_DISCONNECTED PROXY_CONNECTION_FAILED
        TUNNEL_CONNECTION_FAILED FAILED
    """,
    Failure.CONNECTION_LOST: """
        CONNECTION_RESET CONNECTION_CLOSED CONNECTION_ABORTED EMPTY_RESPONSE
        NETWORK_CHANGED SOCKET_NOT_CONNECTED
    """,
    Failure.TLS_ERROR: """
        SSL_PROTOCOL_ERROR SSL_VERSION_OR_CIPHER_MISMATCH CERT_AUTHORITY_INVALID
        CERT_DATE_INVALID CERT_COMMON_NAME_INVALID CERTIFICATE_TRANSPARENCY_REQUIRED
        BAD_SSL_CLIENT_AUTH_CERT ECH_NOT_NEGOTIATED
    """,
    Failure.TRUNCATED: """
        CONTENT_LENGTH_MISMATCH INCOMPLETE_CHUNKED_ENCODING INCOMPLETE_HTTP2_HEADERS
    """,
    Failure.TOO_MANY_REDIRECTS: """
        TOO_MANY_REDIRECTS
    """,
    Failure.INVALID_RESPONSE: """
        INVALID_RESPONSE INVALID_HTTP_RESPONSE INVALID_CHUNKED_ENCODING
        RESPONSE_HEADERS_TOO_BIG RESPONSE_HEADERS_MULTIPLE_LOCATION
        CONTENT_DECODING_FAILED HTTP2_PROTOCOL_ERROR HTTP_RESPONSE_CODE_FAILURE
        QUIC_PROTOCOL_ERROR INVALID_REDIRECT ABORTED BLOCKED_BY_RESPONSE
        UNEXPECTED_PROXY_AUTH MALFORMED_IDENTITY
    """,
    Failure.HOST_NOT_ALLOWED: """
        DISALLOWED_URL_SCHEME UNKNOWN_URL_SCHEME UNSAFE_REDIRECT
    """,
    Failure.ADDRESS_REFUSED: """
        UNSAFE_PORT BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS
        BLOCKED_BY_PRIVATE_NETWORK_ACCESS_CHECKS
    """,
    Failure.OFF_LIMITS: """
        BLOCKED_BY_CLIENT BLOCKED_BY_ADMINISTRATOR
    """,
    Failure.OUR_FAULT: """
        OUT_OF_MEMORY INSUFFICIENT_RESOURCES UNEXPLAINED
    """,
}


@pytest.mark.parametrize(
    ("name", "failure"), [(name, failure) for failure, names in NET_ERRORS.items() for name in names.split()]
)
def test_chromiums_errors_are_read_alike_with_or_without_their_prefix(name: str, failure: Failure) -> None:
    assert of_net_error(name) is failure
    assert of_net_error(f"ERR_{name}") is failure


def test_a_failed_status_is_a_failure_and_only_that() -> None:
    assert {of_status(status) for status in range(100, 400) if status != 206} == {None}
    assert of_status(206) is Failure.TRUNCATED
    assert of_status(400) is Failure.HTTP_400
    assert of_status(429) is Failure.HTTP_429
    assert of_status(451) is of_status(499) is Failure.HTTP_4XX
    assert of_status(500) is Failure.HTTP_500
    assert of_status(599) is Failure.HTTP_5XX


def test_a_failure_without_detail_is_told_by_its_name() -> None:
    assert str(Failed(Failure.EMPTY_BODY)) == "empty_body"
    assert str(Failed(Failure.EMPTY_BODY, "nothing came")) == "nothing came"
