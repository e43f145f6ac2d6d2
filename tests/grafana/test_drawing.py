"""Every dashboard drawn with Grafana's own libraries, on a light and a dark page, to be looked at.

`make drawings` gathers those libraries in `var/drawings` and leaves the pictures there. It is no Grafana:
bars, states and the map, which Grafana does not publish, are drawn by `drawing/panels.tsx`; marks are not.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from playwright.sync_api import Page, sync_playwright

from monitor.store import Store, open_store
from monitor.store.record import events
from tests.cast.dashboards import BOARDS, PUBLIC, ROOT, VALUES, panels
from tests.cast.grafana_queries import Values, expanded
from tests.cast.observations import target
from tests.cast.seeding import seed
from tests.cast.supply import PATTERNS, month, watch
from tests.grafana.frames import Frame, from_prometheus, from_sql
from tests.grafana.prometheus import RECORDED, running
from tests.grafana.scraped import History
from tests.grafana.weeks import EVENT, SINCE, UNTIL, dated
from tests.plugins.postgresql import fresh_database

if "DRAWINGS" not in os.environ:
    pytest.skip("`make drawings` draws the dashboards", allow_module_level=True)
FOLDER = Path(os.environ["DRAWINGS"])
pytestmark = [pytest.mark.postgresql, pytest.mark.timeout(600)]

LISTED = tomllib.loads((ROOT / "docs" / "targets-france.toml").read_text(encoding="utf-8"))["target"]
FRANCE = [{name: one[name] for name in ("url", "prefecture", "departement", "demarche")} for one in LISTED]
AUTUMN = month(date(2026, 8, 31), 84)
DAY, EVERY = timedelta(days=1), timedelta(hours=3)
ANYTHING = "canvas, rect, circle, p, [role=row], [data-nothing]"
DRAWN = f"""[...document.querySelectorAll('[data-panel]')]
  .filter(p => p.querySelector('{ANYTHING}') || /\\d|oui/.test(p.innerText)).length"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page of a browser that fails on any error of its own, at a server of the folder."""
    handler = partial(_Silent, directory=FOLDER)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        base = f"http://127.0.0.1:{server.server_port}/"
        yield browser.new_page(base_url=base, viewport={"width": 1608, "height": 4200}, locale="fr-FR")
        browser.close()
        server.shutdown()


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


Given = dict[str, Any]
"""The frames of one panel, and its range in milliseconds since 1970."""


def given(found: list[Frame], since: datetime, until: datetime) -> Given:
    return {"frames": found, "from": since.timestamp() * 1000, "to": until.timestamp() * 1000}


def frames(
    conn: psycopg.Connection, uid: str, values: Values, since: datetime, until: datetime
) -> dict[int, Given]:
    """What the SQL panels of a dashboard are given."""
    asked = {p["id"]: [t for t in p.get("targets", ()) if "rawSql" in t] for p in panels(uid)}
    return {
        number: given(
            [f for t in targets for f in from_sql(conn, t, expanded(t["rawSql"], values, since, until))],
            since,
            until,
        )
        for number, targets in asked.items()
        if targets
    }


def draw(page: Page, name: str, uid: str, shown: dict[int, Given]) -> None:
    """Two pictures; every panel shows something, and none says that there is nothing."""
    (FOLDER / f"{name}.json").write_text(json.dumps({"board": BOARDS[uid], "shown": shown}))
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    for theme in ("light", "dark"):
        page.goto(f"index.html?drawn={name}&theme={theme}")
        page.wait_for_function(f"{DRAWN} === {len(panels(uid))}", timeout=60_000)
        board = page.locator("#board")
        board.screenshot(path=FOLDER / f"{name}-{theme}.png")
        assert "aucune donnée" not in board.inner_text()
    assert errors == []


@pytest.mark.parametrize("uid", PUBLIC)
def test_a_dashboard_of_the_seeded_guichets(page: Page, seeded: tuple[str, Store], uid: str) -> None:
    with psycopg.connect(seeded[0], options="-c TimeZone=UTC") as conn:
        draw(page, uid, uid, frames(conn, uid, VALUES, SINCE, UNTIL))


def test_the_operators_dashboard(page: Page, seeded: tuple[str, Store], tmp_path: Path) -> None:
    uid = "vigie-operateur"
    with psycopg.connect(seeded[0], options="-c TimeZone=UTC") as conn:
        shown = frames(conn, uid, VALUES, SINCE, UNTIL)
    with running(tmp_path, History(datetime.now(UTC)).exported(), wait_for=RECORDED) as client:
        recorded = datetime.now(UTC)
        for p in panels(uid):
            targets = [t for t in p["targets"] if "expr" in t]
            found = [f for t in targets for f in from_prometheus(client, t, recorded - DAY, recorded)]
            shown.setdefault(p["id"], given(found, recorded - DAY, recorded))
    draw(page, uid, uid, shown)


@pytest.fixture(scope="module")
def france(
    postgresql_server: str, migrated_postgresql: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """All listed addresses, watched every three hours of twelve weeks."""
    with fresh_database(postgresql_server, template=migrated_postgresql) as url:
        store = open_store(url, media=tmp_path_factory.mktemp("media"))
        store.record_targets([target(f"t{n}", **one) for n, one in enumerate(FRANCE)])
        for n, pattern in zip(range(len(FRANCE)), [*PATTERNS.values()] * len(FRANCE), strict=False):
            rng = np.random.default_rng(n)
            seen = watch(pattern(*AUTUMN, rng), *AUTUMN, rng)[::3]
            seed(store, f"t{n}", [dated(attempt, rng) for attempt in seen], EVERY)
        with store.write() as conn:
            events.replace(conn, [EVENT | {"day": date(2026, 10, 12)}])
        yield url
        store.close()


@pytest.mark.parametrize("uid", ["vigie-national", "vigie-prefecture"])
def test_a_dashboard_of_all_of_france(page: Page, france: str, uid: str) -> None:
    crowded = max(FRANCE, key=lambda one: sum(one["prefecture"] == other["prefecture"] for other in FRANCE))
    values = {**VALUES, "departement": crowded["departement"], "prefecture": [crowded["prefecture"]]}
    with psycopg.connect(france, options="-c TimeZone=UTC") as conn:
        draw(page, f"france-{uid}", uid, frames(conn, uid, values, *AUTUMN))
