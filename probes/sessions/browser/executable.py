"""Where Chromium is on this machine."""

from __future__ import annotations

from pathlib import Path

CANDIDATES = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))


def find_executable(setting: Path | None = None, *, headed: bool = False) -> Path | None:
    """Chromium's path: the setting, else Debian's packages, else `None` for Playwright's own download.

    A window needs the whole browser: `headed` leaves out what has none.
    """
    if setting is not None:
        return setting
    candidates = [path for path in CANDIDATES if not (headed and path.name.endswith("-headless-shell"))]
    return next((path for path in candidates if path.exists()), None)
