"""A session that serves canned answers, for walks without a network and without a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from probes.failures import of_status
from probes.model import Capture, Platform, Reading, Step, Target, VisitOver
from probes.sessions.guard import StopLineGuard
from probes.stop_line import StopLine
from tests.cast.saved_pages import PAGES, received
from tests.cast.sessions import Unable

Answer = int | tuple[str, ...]
"""A failing status, or a final address, a body and the alerts that the page puts up."""


def saved(name: str) -> str:
    """The text of a page saved under `tests/pages`."""
    return (PAGES / name).read_text(encoding="utf-8")


class ScriptedSession(Unable):
    """Serves canned answers, keeps the real stop line, and remembers what it was asked.

    `answers` maps an address, the values of a submission or a control to a failing status, or to
    (final address, body, alerts the page puts up…).
    """

    def __init__(self, stop_line: StopLine, answers: Mapping[str, Answer]) -> None:
        self.line, self.answers = StopLineGuard(stop_line), answers
        self.asked: list[str] = []
        self.steps: list[Step] = []

    async def open(self, url: str) -> Step:
        self.line.check_page(url)
        self.asked.append(url)
        return self._answer(url, "GET", self.answers.get(url, 404))

    async def submit(
        self,
        selector: str,
        values: Mapping[str, str],
        *,
        button: str | None = None,
    ) -> Step:
        self.line.check_submission(selector, values, button)
        sent = ",".join(f"{name}={value}" for name, value in values.items())
        self.asked.append(sent)
        page = self.steps[-1].final_url
        listed = self.line.allows_form(selector, page)
        return self._answer(page, "POST", self.answers.get(sent, 404) if listed else 403)

    async def unfold(self, selector: str) -> Step:
        self.line.check_control(selector)
        self.asked.append(selector)
        return self._answer(self.steps[-1].final_url, "GET", self.answers.get(selector, 404))

    def _answer(self, url: str, method: str, answer: Answer) -> Step:
        if isinstance(answer, int):
            step = received("<p>x</p>", url=url, method=method, status=answer, failure=of_status(answer))
        else:
            final_url, body, *dialogs = answer
            step = received(body, url=url, final_url=final_url, method=method, dialogs=tuple(dialogs))
        self.steps.append(replace(step, n=len(self.steps)))
        if step.failure:
            raise VisitOver(step.failure)
        return step


def visit(platform: Platform, watched: Target, answers: Mapping[str, Answer]) -> tuple[list[str], Reading]:
    """Walk, then read: what was asked for, and what it was read as."""
    session = ScriptedSession(platform.stop_line, answers)

    async def run() -> None:
        with suppress(VisitOver):
            await platform.walk(watched, session)

    asyncio.run(run())
    reading = platform.read(watched, Capture(transport=min(platform.transports), steps=tuple(session.steps)))
    return session.asked, reading
