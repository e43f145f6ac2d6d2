"""Connections for httpx that go only to allowed hosts.

They connect to the IP address that was checked: a second DNS query could give another one.
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpcore
import httpx

from probes.failures import Failed, Failure
from probes.sessions.guard import Allowance, Resolver
from probes.sessions.http.heads import ForgivingStream


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections for httpcore, after checking every IP address of the host."""

    def __init__(
        self, allowance: Allowance, resolve: Resolver, inner: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        self._allowance = allowance
        self._resolve = resolve
        self._inner = inner or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's own signature)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first checked address that answers. Raises `Failed` when one is not allowed."""
        addresses = await self._allowance.addresses(host, self._resolve)
        if not addresses:
            raise Failed(Failure.DNS_ERROR, f"{host} has no address")
        connect = self._inner.connect_tcp
        for address in addresses[:-1]:
            try:
                return ForgivingStream(await connect(address, port, timeout, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return ForgivingStream(await connect(addresses[-1], port, timeout, local_address, socket_options))


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._response.aiter_stream():
            yield chunk

    async def aclose(self) -> None:
        await self._response.aclose()


class GuardedTransport(httpx.AsyncBaseTransport):
    """httpx's transport over a `GuardedBackend`.

    Uses no proxy, reads no environment variable and never tries again.
    """

    def __init__(self, backend: GuardedBackend, tls: ssl.SSLContext) -> None:
        self._pool = httpcore.AsyncConnectionPool(ssl_context=tls, network_backend=backend)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`. Raises httpcore's exceptions, not httpx's; `probes.failures` maps both."""
        response = await self._pool.handle_async_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


def peer(response: httpx.Response) -> tuple[str | None, str | None]:
    """The server's IP address, and the SHA-256 of its TLS certificate in hex; each `None` if unknown."""
    stream = response.extensions.get("network_stream")
    if stream is None:
        return None, None
    address = stream.get_extra_info("server_addr")
    tls = stream.get_extra_info("ssl_object")
    certificate = tls.getpeercert(binary_form=True) if tls is not None else None
    return (
        str(address[0]) if address else None,
        hashlib.sha256(certificate).hexdigest() if certificate else None,
    )
