"""Each platform's stop line, pinned by `stop_lines/<platform>.toml`: what it may ask for, and what not.

Pages and calls are asked for through a real session, over an application that answers everything, so that
the installation's hosts count too, and redirects.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from monitor.clock import SystemClock
from monitor.watch.wiring import allowance
from probes.failures import Failed
from probes.model import Platform, VisitOver
from probes.platforms.example import Example
from probes.registry import PLATFORMS
from probes.sessions.guard import Allowance, StopLineCrossed, StopLineGuard
from probes.sessions.http.session import HttpSessions

TABLES = Path(__file__).with_name("stop_lines")
EVERY = {platform.name: platform for platform in (*PLATFORMS, Example())}
VERBS = ("get", "form", "post", "unfold")
FEWEST = {"may": 3, "may_not": 10}
TLS = ssl.create_default_context()
"""Making one takes longer than a test; none is used, since the application answers in process."""


class Anywhere:
    """A site that answers every request, the first one by sending on to `onward`, and counts them."""

    def __init__(self, onward: str = "") -> None:
        self.onward, self.asked = onward, 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        led = bool(self.onward) and self.asked == 1
        headers = [(b"location", self.onward.encode())] if led else [(b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": 302 if led else 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"<p>oui</p>"})


class Free:
    """A turn that never waits."""

    async def page(self) -> None:
        """At once."""


def table(platform: str) -> dict[str, Any]:
    return tomllib.loads((TABLES / f"{platform}.toml").read_text(encoding="utf-8"))


def rows(kind: str, *verbs: str) -> list[Any]:
    """The rows of every table, each with its platform, named after what they ask for."""
    return [
        pytest.param(EVERY[name], row, id=f"{name}: {verb} {row[verb]} ({row['why']})")
        for name in EVERY
        if (TABLES / f"{name}.toml").exists()
        for row in table(name)[kind]
        for verb in verbs
        if verb in row
    ]


def hosts(platform: Platform) -> Allowance:
    """The hosts of an installation that watches the platform's site."""
    return allowance([table(platform.name)["site"]])


def full(platform: Platform, address: str) -> str:
    return urljoin(table(platform.name)["site"], address) if address.startswith("/") else address


def asked(platform: Platform, row: dict[str, Any], *, onward: str = "") -> int:
    """How many requests a session lets out for this page or call."""
    site = Anywhere(onward)

    async def ask() -> None:
        sessions = HttpSessions(
            allowance=hosts(platform), user_agent="Vigie/tests", clock=SystemClock(), app=site, tls=TLS
        )
        async with sessions.visit(stop_line=platform.stop_line, turn=Free()) as session:
            if "get" in row:
                await session.open(full(platform, row["get"]))
            else:
                await session.open(full(platform, next(r["get"] for r in table(platform.name)["may"])))
                await session.call(full(platform, row["post"]), json.loads(row.get("body", "{}")))

    with suppress(StopLineCrossed, VisitOver):
        asyncio.run(ask())
    return site.asked - ("post" in row)


def refusal(platform: Platform, row: dict[str, Any]) -> str:
    """Why a session submits no such form, or unfolds no such control; empty when it does."""
    line = StopLineGuard(platform.stop_line)
    try:
        if "unfold" in row:
            line.check_control(row["unfold"])
            return ""
        line.check_submission(row["form"], row.get("fields", {}), row.get("button"))
        hosts(platform).check(full(platform, row.get("action", row["on"])))
    except (StopLineCrossed, Failed) as refused:
        return str(refused)
    listed = line.allows_form(row["form"], full(platform, row["on"]))
    reached = line.allows(full(platform, row.get("action", row["on"])))
    return "" if listed and reached else "off limits"


def tricks(address: str) -> dict[str, str]:
    """Ways to write an address that a server may read as another."""
    parts = urlsplit(address)
    before, _, last = parts.path.rpartition("/")
    query = f"?{parts.query}" if parts.query else ""
    made = {
        "plain http": address.replace("https:", "http:", 1),
        "another host": address.replace(parts.netloc, "www.example.org", 1),
        "a longer host": address.replace(parts.netloc, f"{parts.netloc}.example.org", 1),
        "a user that looks like the host": address.replace(parts.netloc, f"{parts.netloc}@example.org", 1),
        "another port": address.replace(parts.netloc, f"{parts.netloc}:8443", 1),
        "two slashes": address.replace(parts.path, f"/{parts.path}", 1),
        "up and down": address.replace(parts.path, f"{parts.path}/../{last}", 1),
        "up and down in disguise": address.replace(parts.path, f"{parts.path}/%2e%2e/{last}", 1),
        "a slash in disguise": f"https://{parts.netloc}{before}%2F{last}{query}",
        "a backslash": f"https://{parts.netloc}{before}\\{last}{query}",
        "something below": f"https://{parts.netloc}{parts.path.rstrip('/')}/reserver/1{query}",
        "a line break": f"{address}\n",
    }
    if last[:1].isalnum():
        made["a letter in disguise"] = f"https://{parts.netloc}{before}/%{ord(last[0]):02x}{last[1:]}{query}"
    return made


@pytest.mark.parametrize("name", EVERY)
def test_every_platform_in_the_registry_has_both_lists(name: str) -> None:
    lists = table(name)
    assert lists["site"].startswith("https://")
    for kind, fewest in FEWEST.items():
        assert len(lists[kind]) >= fewest
        assert [row for row in lists[kind] if len(row.keys() & set(VERBS)) != 1 or not row["why"]] == []
    assert {"get", "post"} <= {verb for row in lists["may_not"] for verb in row}


def test_every_table_has_a_platform() -> None:
    assert {path.stem for path in TABLES.glob("*.toml")} == set(EVERY)


@pytest.mark.parametrize(("platform", "row"), rows("may", "get", "post"))
def test_it_may_ask_for(platform: Platform, row: dict[str, Any]) -> None:
    assert asked(platform, row) == 1


@pytest.mark.parametrize(("platform", "row"), rows("may_not", "get", "post"))
def test_it_may_not_ask_for(platform: Platform, row: dict[str, Any]) -> None:
    assert asked(platform, row) == 0


@pytest.mark.parametrize(("platform", "row"), rows("may", "form", "unfold"))
def test_it_may_submit_or_unfold(platform: Platform, row: dict[str, Any]) -> None:
    assert refusal(platform, row) == ""


@pytest.mark.parametrize(("platform", "row"), rows("may_not", "form", "unfold"))
def test_it_may_not_submit_or_unfold(platform: Platform, row: dict[str, Any]) -> None:
    assert refusal(platform, row)


@pytest.mark.parametrize(("platform", "row"), rows("may_not", "get"))
def test_it_is_not_sent_on_to(platform: Platform, row: dict[str, Any]) -> None:
    start = next(one for one in table(platform.name)["may"] if "get" in one)
    assert asked(platform, start, onward=full(platform, row["get"])) == 1


@pytest.mark.parametrize(("platform", "row"), rows("may", "get"))
def test_no_other_way_to_write_its_address_is_let_out(platform: Platform, row: dict[str, Any]) -> None:
    made = tricks(full(platform, row["get"]))
    assert [how for how, address in made.items() if asked(platform, {"get": address})] == []


@pytest.mark.parametrize("name", EVERY)
def test_all_that_it_declares_is_shown_in_its_table(name: str) -> None:
    line, shown = EVERY[name].stop_line, table(name)["may"]
    asked_for = [urlsplit(full(EVERY[name], row["get"])) for row in shown if "get" in row]
    pages = [f"{parts.path}?{parts.query}".rstrip("?") for parts in asked_for]
    assert [path for path in line.paths if not any(re.fullmatch(path, page) for page in pages)] == []
    assert {call.path for call in line.calls} == {row["post"] for row in shown if "post" in row}
    assert {form.selector for form in line.forms} == {row["form"] for row in shown if "form" in row}
    assert set(line.controls) == {row["unfold"] for row in shown if "unfold" in row}
