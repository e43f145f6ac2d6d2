"""The WACZ: read back by the library archives use, indexed to the byte, the same each time."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from dataclasses import replace

import pytest
from warcio.archiveiterator import ArchiveIterator

from monitor.evidence.wacz import Page, chosen, wacz

PAGES = [
    Page(
        id=f"{n}:1",
        url="https://www.vienne.gouv.fr/booking/create/1?x=1",
        at=f"2026-11-02T08:{n:02}:00.123Z",
        status=200,
        headers={"content-type": "text/html; charset=utf-8", "server": "nginx"},
        body=f"<p>Aucun créneau {n}</p>".encode(),
        shown=f"ligne {n}" if n % 2 else "",
    )
    for n in range(5)
]


def packed(pages: list[Page]) -> zipfile.ZipFile:
    return zipfile.ZipFile(
        io.BytesIO(wacz(pages, title="Essai", software="vigie", created="2026-11-03T00:00:00Z"))
    )


def test_every_body_reads_back_with_its_address_and_instant() -> None:
    records = ArchiveIterator(io.BytesIO(packed(PAGES).read("archive/captures.warc.gz")))
    found = [
        (
            record.rec_headers["WARC-Target-URI"],
            record.rec_headers["WARC-Date"],
            record.http_headers.get_statuscode(),
            record.content_stream().read(),
        )
        for record in records
        if record.rec_type == "response"
    ]
    assert found == [(page.url, page.at, "200", page.body) for page in PAGES]


def test_the_index_points_to_each_record() -> None:
    box = packed(PAGES)
    warc = box.read("archive/captures.warc.gz")
    lines = box.read("indexes/index.cdx").decode().splitlines()
    assert lines == sorted(lines)
    for line, page in zip(lines, PAGES, strict=True):
        key, stamp, fields = line.split(" ", 2)
        entry = json.loads(fields)
        start, length = int(entry["offset"]), int(entry["length"])
        assert page.body in gzip.decompress(warc[start : start + length])
        assert (key, stamp) == ("fr,gouv,vienne)/booking/create/1?x=1", page.stamp)
        assert entry["digest"] == f"sha256:{hashlib.sha256(page.body).hexdigest()}"


def test_only_pages_on_which_a_visit_ended_are_listed() -> None:
    head, *listed = [json.loads(line) for line in packed(PAGES).read("pages/pages.jsonl").splitlines()]
    assert head["format"] == "json-pages-1.0"
    assert [page["title"] for page in listed] == ["ligne 1", "ligne 3"]


def test_the_package_describes_every_part() -> None:
    box = packed(PAGES)
    package = json.loads(box.read("datapackage.json"))
    for part in package["resources"]:
        content = box.read(part["path"])
        assert (part["bytes"], part["hash"]) == (
            len(content),
            f"sha256:{hashlib.sha256(content).hexdigest()}",
        )
    digest = json.loads(box.read("datapackage-digest.json"))
    assert digest["hash"] == f"sha256:{hashlib.sha256(box.read('datapackage.json')).hexdigest()}"
    assert {entry.compress_type for entry in box.infolist()} == {zipfile.ZIP_STORED}


def test_the_same_pages_give_the_same_bytes() -> None:
    one, two = (
        wacz(PAGES, title="Essai", software="vigie", created="2026-11-03T00:00:00Z") for _ in range(2)
    )
    assert one == two


@pytest.mark.parametrize("status", [200, 302, 502, 599])
def test_any_status_is_kept(status: int) -> None:
    records = ArchiveIterator(
        io.BytesIO(packed([replace(PAGES[0], status=status)]).read("archive/captures.warc.gz"))
    )
    assert [r.http_headers.get_statuscode() for r in records if r.rec_type == "response"] == [str(status)]


def test_no_request_and_no_cookie_is_in_it() -> None:
    kinds = {r.rec_type for r in ArchiveIterator(io.BytesIO(packed(PAGES).read("archive/captures.warc.gz")))}
    assert kinds == {"warcinfo", "response"}


def test_the_first_visits_come_before_others_when_there_is_no_room_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    visits = {n: [page] for n, page in enumerate(PAGES)}
    assert chosen(visits, first=[4, 9]) == PAGES
    monkeypatch.setattr("monitor.evidence.wacz.MOST_BYTES", 2 * len(PAGES[0].body))
    assert chosen(visits, first=[4, 9]) == [PAGES[0], PAGES[4]]
