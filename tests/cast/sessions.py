"""Sessions for walks that are tested without any site."""

from __future__ import annotations

from collections.abc import Mapping

from probes.model import Step


class Unable:
    """A session none of whose verbs can be used; a test gives it those that its walk may use."""

    async def open(self, url: str) -> Step:
        raise NotImplementedError(f"open {url}")

    async def submit(
        self,
        selector: str,
        values: Mapping[str, str],
        *,
        button: str | None = None,
    ) -> Step:
        raise NotImplementedError(f"submit {selector}")

    async def call(self, url: str, body: Mapping[str, object]) -> Step:
        raise NotImplementedError(f"call {url}")

    async def unfold(self, selector: str) -> Step:
        raise NotImplementedError(f"unfold {selector}")
