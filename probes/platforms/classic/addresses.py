"""The addresses of the classic module: a procedure's steps, and the call that gives one week."""

from __future__ import annotations

import re

from probes.pages.page import Page, origin_of, path_of

BASE = r"(?:/index\.php)?/booking/create/([0-9]{1,9})"
STEP = re.compile(rf"({BASE})(?:/([0-9]?))?")
CALL = re.compile(r"/ezjscore/call/bookingserver::planning::assign::([0-9]{1,9})::([0-9]{1,9})::([0-9]{1,4})")
PLANNING = re.compile(r"bookingserver::planning::assign::[0-9]+::([0-9]{1,9})::")


def base_of(url: str) -> str:
    """The URL of the procedure without its step; empty if `url` is none of a procedure."""
    found = STEP.fullmatch(path_of(url))
    return f"{origin_of(url)}{found[1]}" if found else ""


def step_of(page: Page) -> int | None:
    found = STEP.fullmatch(page.path)
    return int(found[3] or 0) if found else None


def number_of(url: str) -> str:
    """The procedure's number in `url`, which is a page or a calendar call; empty if there is none."""
    found = re.search(r"/booking/create/([0-9]+)|::assign::([0-9]+)::", url)
    return (found[1] or found[2]) if found else ""
