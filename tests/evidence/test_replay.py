"""What a bundle's WACZ lists of each visit; with `REPLAYWEB`, that ReplayWeb.page shows just that, offline.

`make replay` fetches ReplayWeb.page, which is no part of Vigie, and sets `REPLAYWEB` to its folder.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, sync_playwright
from warcio.archiveiterator import ArchiveIterator

from monitor.evidence.bundle import gather
from monitor.evidence.bundle import make as bundle_make
from monitor.model import Observation
from probes.model import Capture, Step, Target, Transport
from tests.cast.installation import DAY, FIRST, Installation, instants, no_slots, two_targets

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
REPLAYWEB = os.environ.get("REPLAYWEB")
SHOWN = FIRST + DAY
A_DAY = 8
PARIS = ZoneInfo("Europe/Paris")
UTF8 = {"content-type": "text/html; charset=utf-8"}
ELSEWHERE = """
<img src="http://elsewhere.example/a.png"><script src="https://elsewhere.example/a.js"></script>
<iframe src="https://elsewhere.example/"></iframe><link rel="preconnect" href="https://elsewhere.example">
<script>fetch("https://elsewhere.example/b"); navigator.sendBeacon("https://elsewhere.example/c")</script>
"""

# A page that tells no charset takes that of the page around it: one that is wrong for some must not matter.
INDEX = (
    '<!doctype html><meta charset="utf-8"><script src="ui.js"></script><replay-app-main></replay-app-main>'
)

Steps = list[Step]


def words(at: datetime, name: str) -> str:
    """What a page of a visit says, and no other page of any visit."""
    return f"Repère {at:%d%H%M}-{name} : à l’été — œuvre"


def html(text: str, more: str = "") -> str:
    return f"<html><head><title>Préfecture</title></head><body><p>{text}</p>{more}</body></html>"


def step(at: datetime, n: int, url: str, body: str = "", encoding: str = "utf-8", **known: Any) -> Step:
    """A page asked for ten seconds after the one before."""
    started = at + timedelta(seconds=10 * n)
    headers: Mapping[str, str] = known.pop("headers", UTF8)
    facts: dict[str, Any] = {
        "n": n,
        "action": "open",
        "method": "GET",
        "url": url,
        "final_url": url,
        "started_at": started,
        "finished_at": started + timedelta(milliseconds=400),
        "status": 200,
        "headers": tuple(headers.items()),
        "body": body.encode(encoding),
    }
    return Step(**(facts | known))


def form_then_answer(url: str, at: datetime) -> Steps:
    """The answer has the address of the form."""
    form = step(at, 0, url, html(words(at, "formulaire")))
    return [form, step(at, 1, url, html(words(at, "reçue")), method="POST", action="submit")]


def old_charset(url: str, at: datetime) -> Steps:
    """Told by the header alone."""
    headers = {"content-type": "text/html; charset=windows-1252"}
    return [step(at, 0, url, html(words(at, "reçue")), "cp1252", headers=headers)]


def alert(url: str, at: datetime) -> Steps:
    """A script answers: no document comes."""
    form = step(at, 0, url, html(words(at, "formulaire")))
    seen: dict[str, Any] = {"rendered": html(words(at, "affichée")), "dialogs": (words(at, "message"),)}
    return [form, step(at, 1, url, method="POST", action="submit", status=None, headers={}, **seen)]


def drawn_by_scripts(url: str, at: datetime) -> Steps:
    """What came holds scripts and frames from elsewhere; what was seen, their work."""
    seen = html(words(at, "affichée"), ELSEWHERE)
    return [step(at, 0, url, html(words(at, "reçue"), ELSEWHERE), rendered=seen)]


def out_of_order(url: str, at: datetime) -> Steps:
    return [step(at, 0, url, html(words(at, "reçue")), status=503)]


def unfollowed_redirect(url: str, at: datetime) -> Steps:
    return [step(at, 0, url, html(words(at, "reçue")), status=302)]


def json_behind_a_token(url: str, at: datetime) -> Steps:
    headers = {"content-type": "application/json", "content-encoding": "br"}
    address = f"{url}/api/0f1e2d3c4b5a/liste?cle=0f1e2d3c4b5a"
    return [
        step(at, 0, address, json.dumps({"dit": words(at, "reçue")}, ensure_ascii=False), headers=headers)
    ]


def address_masked_whole(url: str, at: datetime) -> Steps:
    return [step(at, 0, "http://[2001:db8::1]/", html(words(at, "reçue")))]


VISITS: list[tuple[Callable[[str, datetime], Steps], list[str]]] = [
    (form_then_answer, ["reçue"]),
    (old_charset, ["reçue"]),
    (alert, ["affichée", "message"]),
    (drawn_by_scripts, ["reçue", "affichée"]),
    (out_of_order, ["reçue"]),
    (unfollowed_redirect, ["reçue"]),
    (json_behind_a_token, ["reçue"]),
    (address_masked_whole, ["reçue"]),
]
"""The visits of a day, most of them to one address, and what the list is to show of each."""


def visit(target: Target, at: datetime) -> Observation:
    steps = VISITS[at.hour // 3][0](target.url, at)
    transport = Transport.BROWSER if steps[-1].rendered else Transport.HTTP
    return replace(no_slots(target, at), capture=Capture(transport=transport, steps=tuple(steps)))


@pytest.fixture(scope="module")
def wacz(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> bytes:
    """The WACZ of the bundle of one local day."""
    folder = tmp_path_factory.mktemp("kept")
    url = f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'vigie.db')}"
    made = Installation(folder, url=url, targets=two_targets()[:1], a_day=A_DAY)
    made.live(3, visit)
    gathered = gather.gather(made.store, made.seals, ["vienne-titre"], SHOWN, SHOWN)
    return bundle_make.make(made.office, gathered)["captures/captures.wacz"]


def listed(wacz: bytes) -> list[dict[str, str]]:
    box = zipfile.ZipFile(io.BytesIO(wacz))
    return [json.loads(line) for line in box.read("pages/pages.jsonl").splitlines()][1:]


def expected() -> list[tuple[datetime, str]]:
    """When each listed page came, by the second, and its name."""
    found = []
    for at, (make, names) in zip(instants(SHOWN, A_DAY), VISITS, strict=True):
        came = at + timedelta(seconds=10 * (len(make("http://a.fr", at)) - 1))
        found += [(came, words(at, name)) for name in names]
    return found


def test_every_visit_is_listed_with_what_it_ended_on(wacz: bytes) -> None:
    for page, (came, said) in zip(listed(wacz), expected(), strict=True):
        name = re.search(r"-(\w+)", said)
        shown = f"vienne-titre, {came.astimezone(PARIS):%d/%m/%Y %H:%M:%S} (UTC+2) : zéro créneau ("
        assert name
        assert page["ts"].startswith(f"{came:%Y-%m-%dT%H:%M:%S}.")
        assert shown in page["title"]
        assert page["title"].endswith(f" {name[1]})") or page["title"].endswith("(message affiché)")


def test_visits_outside_the_period_are_not_in_it(wacz: bytes) -> None:
    warc = zipfile.ZipFile(io.BytesIO(wacz)).read("archive/captures.warc.gz")
    dates = {record.rec_headers["WARC-Date"] for record in ArchiveIterator(io.BytesIO(warc))}
    assert {date[:10] for date in dates - {f"{SHOWN}T00:00:00Z"}} == {SHOWN.isoformat()}


def test_no_kept_header_speaks_of_a_packing_that_was_undone(wacz: bytes) -> None:
    warc = zipfile.ZipFile(io.BytesIO(wacz)).read("archive/captures.warc.gz")
    heads = [record.http_headers for record in ArchiveIterator(io.BytesIO(warc)) if record.http_headers]
    assert heads
    assert not [head for head in heads if head.get_header("content-encoding")]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """`python3 -m http.server` in the folder, as docs/evidence.md says; its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def elsewhere() -> Iterator[socket.socket]:
    """Where the browser finds every host but the server's own: whoever asks one, asks here."""
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.setblocking(False)
        yield trap


@pytest.fixture
def viewer(tmp_path: Path, wacz: bytes, elsewhere: socket.socket) -> Iterator[tuple[Page, str]]:
    """ReplayWeb.page before the file, in a browser at Paris; and the address of the list."""
    if REPLAYWEB is None or CHROMIUM is None:
        pytest.skip("not at hand: ReplayWeb.page and Chromium; `make replay` fetches them")
    for name in ("ui.js", "sw.js"):
        shutil.copy(Path(REPLAYWEB) / name, tmp_path)
    (tmp_path / "index.html").write_text(INDEX)
    (tmp_path / "captures.wacz").write_bytes(wacz)
    rules = f"MAP * 127.0.0.1:{elsewhere.getsockname()[1]}, EXCLUDE 127.0.0.1"
    with served(tmp_path) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[f"--host-resolver-rules={rules}"]
        )
        yield browser.new_page(locale="fr-FR", timezone_id="Europe/Paris"), f"{base}/?source=captures.wacz"
        browser.close()


def replayed(page: Page, address: str, entry: dict[str, str]) -> tuple[str, str, str]:
    """Choose an entry of the list: the text then shown, the address and the time above it."""
    page.goto("about:blank")
    page.goto(address)
    page.locator("wr-page-entry a", has_text=entry["title"]).click()
    text = page.frame_locator("wr-coll-replay iframe").get_by_text("Repère").inner_text()
    return text, page.locator("#url").input_value(), page.locator("#datetime").inner_text()


@pytest.mark.browser
def test_each_listed_page_replays_as_itself_and_asks_nobody(
    wacz: bytes, viewer: tuple[Page, str], elsewhere: socket.socket
) -> None:
    page, address = viewer
    for entry, (came, said) in zip(listed(wacz), expected(), strict=True):
        text, url, shown_at = replayed(page, address, entry)
        assert said in text, entry["title"]
        assert url == entry["url"]
        assert shown_at.startswith(f"{came.astimezone(PARIS):%d/%m/%Y %H:%M:%S}"), entry["title"]
    with pytest.raises(BlockingIOError):
        elsewhere.accept()
    # Had anybody been asked, it would have been noticed.
    page.evaluate("void fetch('http://elsewhere.example/')")
    elsewhere.settimeout(30)
    elsewhere.accept()[0].close()
