"""One Chromium and the Playwright driver that controls it: finds, starts and ends them.

A Chromium or a driver that does not end when asked is killed: none may be left running.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Error, Playwright, async_playwright

from probes.failures import Mendable
from probes.sessions.browser.bodies import Bodies
from probes.sessions.guard import Allowance

CLOSING = 10.0
STARTING = 60.0

ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-proxy-server",
    "--mute-audio",
    # Their requests would not pass by us.
    "--disable-blink-features=SharedWorker",
    "--dns-prefetch-disable",
    # A page must not open a window: the stop line is not checked there.
    "--block-new-web-contents",
    "--deny-permission-prompts",
)


class BrowserUnavailable(Mendable):
    """No browser could be started: we could not try. The message says how to mend it."""


def resolver_rules(allowance: Allowance) -> str:
    """The value of Chromium's `--host-resolver-rules`: only allowed hosts resolve.

    An IP address in a URL does not resolve either, except 127.0.0.1 when local addresses are allowed.
    """
    allowed = sorted(allowance.hosts)
    if allowance.local:
        allowed += ["localhost", "*.localhost", "127.0.0.1"]
    return ", ".join(["MAP * ~NOTFOUND", *(f"EXCLUDE {host}" for host in allowed)])


class Chrome:
    """A running Chromium. `visits` counts all its visits so far, `busy` those under way.

    `group` is the id of Chromium's process group, `driver` the process id of its Playwright driver, `bodies`
    the documents that it is receiving.
    """

    def __init__(self, playwright: Playwright, browser: Browser, pid: int) -> None:
        self._playwright = playwright
        self._browser = browser
        self.group = os.getpgid(pid)
        self.bodies = Bodies(pid)
        self.driver = _parent(self.group)
        self.visits = 0
        self.busy = 0
        self.broken = False

    @classmethod
    async def launch(
        cls,
        executable: Path | None,
        allowance: Allowance,
        extra: Sequence[str],
        *,
        headed: bool = False,
        sandbox: bool = True,
    ) -> Chrome:
        """Start a driver and a Chromium, in a window if `headed`. Raises `BrowserUnavailable`.

        `extra` are further command-line arguments. For root the sandbox is always off: Chromium refuses to
        start with one.
        """
        try:
            async with asyncio.timeout(STARTING), AsyncExitStack() as undo:
                playwright = await _driver()
                undo.push_async_callback(playwright.stop)
                browser = await playwright.chromium.launch(
                    executable_path=executable,
                    headless=not headed,
                    args=[*ARGUMENTS, f"--host-resolver-rules={resolver_rules(allowance)}", *extra],
                    ignore_default_args=["--disable-popup-blocking"],
                    chromium_sandbox=sandbox and os.geteuid() != 0,
                    handle_sigint=False,
                    handle_sigterm=False,
                    handle_sighup=False,
                )
                chrome = cls(playwright, browser, await _pid(browser))
                undo.pop_all()
                return chrome
        except (Error, TimeoutError) as exc:
            raise BrowserUnavailable(_how_to_mend(executable, exc)) from exc

    @property
    def version(self) -> str:
        """As in `Chromium 120.0.6099.71`."""
        return f"Chromium {self._browser.version}"

    @property
    def usable(self) -> bool:
        """Whether it can take a new visit: it is connected and nothing went wrong in it."""
        return not self.broken and self._browser.is_connected()

    async def new_context(self, user_agent: str, zone: str) -> BrowserContext:
        """An empty context: no cookie, no cache, no permission. Raises Playwright's `Error`.

        `zone` is the time zone of the page, as in `Indian/Reunion`: scripts print hours in it.
        """
        return await self._browser.new_context(
            user_agent=user_agent,
            locale="fr-FR",
            timezone_id=zone,
            viewport={"width": 1280, "height": 900},
            service_workers="block",
            accept_downloads=False,
            permissions=[],
        )

    async def close(self) -> None:
        """End the browser and its driver; kill them if they do not end within `CLOSING` seconds."""
        try:
            async with asyncio.timeout(CLOSING):
                await self._browser.close()
                await self._playwright.stop()
        except (Error, TimeoutError):
            self.kill()

    def kill(self) -> None:
        """Kill the browser and its driver at once (SIGKILL)."""
        self.broken = True
        for kill, process in ((os.killpg, self.group), (os.kill, self.driver)):
            with suppress(ProcessLookupError):
                kill(process, signal.SIGKILL)


async def _driver() -> Playwright:
    """Start Playwright's driver, another program. If it fails, it says why on standard error.

    When it is ended before us, as by a signal to the whole process group, every call under way fails and says
    so. Playwright also keeps that in a future for which nobody waits, and asyncio would log it as forgotten.
    """
    # Typed loosely for its private part below.
    manager: Any = async_playwright()
    try:
        playwright: Playwright = await manager.start()
        # A private part of Playwright: another version may not have it.
        with suppress(AttributeError):
            manager._client._transport.on_error_future.add_done_callback(_noticed)
        return playwright
    except Exception as exc:
        raise BrowserUnavailable(
            f"Playwright's driver does not start ({' '.join(str(exc).split())[:200]}): "
            "install the package libatomic1, or see what it printed above"
        ) from exc


def _noticed(ended: asyncio.Future[None]) -> None:
    """Look at how a future ended, so that its error is not called forgotten."""
    if not ended.cancelled():
        ended.exception()


async def _pid(browser: Browser) -> int:
    session = await browser.new_browser_cdp_session()
    processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
    await session.detach()
    return next(int(process["id"]) for process in processes if process["type"] == "browser")


def _parent(pid: int) -> int:
    """The process id of the parent of `pid`: Playwright does not tell us its driver's process id."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("PPid:")[1].split()[0])


def _how_to_mend(executable: Path | None, exc: Exception) -> str:
    what = f"Chromium at {executable}" if executable else "Playwright's own Chromium"
    if "sandboxing failed" in str(exc):
        return (
            f"{what} finds no sandbox for this user: install the package chromium-sandbox, allow user "
            "namespaces, or, in a container or for pages you trust, set [browser] sandbox = false"
        )
    first_line = str(exc).strip().splitlines()[:1]
    return (
        f"{what} does not start ({' '.join(first_line)[:200]}): "
        "install the package chromium-headless-shell, or set the path of a Chromium in the settings"
    )
