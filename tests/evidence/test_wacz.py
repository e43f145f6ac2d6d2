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

from monitor.evidence.bundle import wacz as made
from monitor.evidence.bundle.wacz import ArchivedPage, chosen, wacz

PAGES = [
    ArchivedPage(
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


def file_of(pages: list[ArchivedPage]) -> bytes:
    return wacz(pages, title="Essai", notice="À **lire**", software="vigie", created="2026-11-03T00:00:00Z")


def packed(pages: list[ArchivedPage]) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(file_of(pages)))


def indexed(box: zipfile.ZipFile) -> list[str]:
    """The lines of the index, read block by block as `index.idx` says."""
    head, *begins = box.read("indexes/index.idx").decode().splitlines()
    assert json.loads(head.removeprefix("!meta 0 ")) == {
        "format": "cdxj-gzip-1.0",
        "filename": "index.cdx.gz",
    }
    content, lines, end = box.read("indexes/index.cdx.gz"), [], 0
    for begin in begins:
        first, told = begin.split(" {", 1)
        place = json.loads("{" + told)
        block = content[place["offset"] : place["offset"] + place["length"]]
        assert (place["offset"], place["digest"]) == (end, f"sha256:{hashlib.sha256(block).hexdigest()}")
        end += place["length"]
        found = gzip.decompress(block).decode().splitlines()
        assert found[0].startswith(f"{first} {{")
        lines += found
    assert end == len(content)
    return lines


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


@pytest.mark.parametrize("block", [2, 5, 3000])
def test_the_index_points_to_each_record(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(made, "_BLOCK", block)
    box = packed(PAGES)
    warc = box.read("archive/captures.warc.gz")
    lines = indexed(box)
    assert lines == sorted(lines)
    for line, page in zip(lines, PAGES, strict=True):
        key, stamp, fields = line.split(" ", 2)
        entry = json.loads(fields)
        start, length = int(entry["offset"]), int(entry["length"])
        assert page.body in gzip.decompress(warc[start : start + length])
        assert (key, stamp) == ("fr,gouv,vienne)/booking/create/1?x=1", page.stamp)
        assert entry["digest"] == f"sha256:{hashlib.sha256(page.body).hexdigest()}"


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://www.vienne.gouv.fr/booking/create/1?x=1", "fr,gouv,vienne)/booking/create/1?x=1"),
        ("http://A.localhost:9830/p?b=2&a=1&B=0", "localhost,a:9830)/p?a=1&b=0&b=2"),
        ("https://www2.a.fr:443/X.JSP?cle=*", "fr,a)/x.jsp?cle=*"),
        ("http://a.fr", "fr,a)/"),
    ],
)
def test_an_address_is_found_under_the_key_that_readers_make_of_it(address: str, key: str) -> None:
    (line,) = indexed(packed([replace(PAGES[0], url=address)]))
    assert line.split(" ")[0] == key


def test_of_pages_of_one_address_in_one_second_the_listed_one_stays_else_the_last() -> None:
    at, later = "2026-11-02T08:00:00.100Z", "2026-11-02T08:00:00.900Z"
    asked, answer, other = (
        replace(PAGES[0], id=f"{n}:1", at=at, body=name, shown=shown)
        for n, name, at, shown in (
            (1, b"form", at, ""),
            (2, b"answer", at, "ligne"),
            (3, b"later", later, ""),
        )
    )
    for pages, body in (([asked, answer, other], b"answer"), ([asked, other], b"later")):
        box = packed(pages)
        warc = ArchiveIterator(io.BytesIO(box.read("archive/captures.warc.gz")))
        assert [r.content_stream().read() for r in warc if r.rec_type == "response"] == [body]
        assert len(indexed(box)) == 1


def test_what_no_server_sent_is_no_response() -> None:
    seen = replace(PAGES[0], status=None, headers={"content-type": "text/plain; charset=utf-8"})
    box = packed([seen])
    records = ArchiveIterator(io.BytesIO(box.read("archive/captures.warc.gz")))
    (found,) = [
        (record.rec_headers["Content-Type"], record.http_headers, record.content_stream().read())
        for record in records
        if record.rec_type == "resource"
    ]
    assert found == ("text/plain; charset=utf-8", None, seen.body)
    entry = json.loads(indexed(box)[0].split(" ", 2)[2])
    assert (entry["mime"], entry["status"]) == ("text/plain", "200")


def test_the_notice_stands_where_the_viewer_looks_for_it() -> None:
    package = json.loads(packed(PAGES).read("datapackage.json"))
    assert package["metadata"] == {"title": "Essai", "description": "À **lire**"}


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
    assert file_of(PAGES) == file_of(PAGES)


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
    monkeypatch.setattr("monitor.evidence.bundle.wacz.MOST_BYTES", 2 * len(PAGES[0].body))
    assert chosen(visits, first=[4, 9]) == [PAGES[0], PAGES[4]]
