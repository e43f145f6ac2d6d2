import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore
import pytest

from probes.failures import Failed, Failure
from probes.sessions.guard import Allowance
from probes.sessions.http.network import GuardedBackend

HOST = "www.vienne.gouv.fr"


class Net(httpcore.AsyncMockBackend):
    """Writes down where connections go; those in `down` fail."""

    def __init__(self, *down: str, error: type[Exception] = httpcore.ConnectError) -> None:
        super().__init__([])
        self._error = error
        self.connected: list[str] = []
        self._down = down

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.connected.append(host)
        if host in self._down:
            raise self._error(host)
        return await super().connect_tcp(host, port)


class Resolver:
    """Answers each question with the next of its answers, as a rebinding name server does."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str) -> Sequence[str]:
        self.asked += 1
        return self._answers.pop(0)


def connect(net: Net, resolver: Resolver, host: str = HOST) -> None:
    backend = GuardedBackend(Allowance(frozenset({HOST}), local=True), resolver, net)
    asyncio.run(backend.connect_tcp(host, 443))


def test_it_connects_to_the_very_address_that_was_vetted() -> None:
    net, rebinding = Net(), Resolver(["8.8.8.8"], ["127.0.0.1"])
    connect(net, rebinding)
    assert net.connected == ["8.8.8.8"]
    assert rebinding.asked == 1


def test_a_name_rebound_to_a_private_address_is_refused_on_the_next_connection() -> None:
    net, rebinding = Net(), Resolver(["8.8.8.8"], ["10.0.0.1"])
    connect(net, rebinding)
    with pytest.raises(Failed, match=r"10\.0\.0\.1"):
        connect(net, rebinding)
    assert net.connected == ["8.8.8.8"]


@pytest.mark.parametrize("error", [httpcore.ConnectError, httpcore.ConnectTimeout])
def test_the_next_address_is_tried_when_one_is_down(error: type[Exception]) -> None:
    net = Net("8.8.8.8", error=error)
    connect(net, Resolver(["8.8.8.8", "9.9.9.9"]))
    assert net.connected == ["8.8.8.8", "9.9.9.9"]


def test_the_last_address_says_why() -> None:
    with pytest.raises(httpcore.ConnectError, match=r"9\.9\.9\.9"):
        connect(Net("8.8.8.8", "9.9.9.9"), Resolver(["8.8.8.8", "9.9.9.9"]))


def test_a_host_without_an_address_is_a_dns_error() -> None:
    with pytest.raises(Failed, match="no address") as refused:
        connect(Net(), Resolver([]))
    assert refused.value.failure is Failure.DNS_ERROR


def test_local_hosts_are_this_machine_without_any_dns() -> None:
    net, resolver = Net(), Resolver()
    connect(net, resolver, "vienne.localhost")
    assert net.connected == ["127.0.0.1"]
    assert resolver.asked == 0
