"""The captures as one WACZ file, which ReplayWeb.page shows offline. Pure: visits in, bytes out.

The file is for looking at pages. The evidence is the bodies under `captures/` and the sealed records. It
holds only the HTTP headers that were kept, so it has no requests and no cookies.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

WARC_NAME = "captures.warc.gz"
INDEX_NAME = "index.cdx.gz"
MOST_BYTES = 24_000_000
"""Bytes of pages in one file, uncompressed. All pages are in the bundle already; twice doubles its size."""
_LEVEL = 6
_BLOCK = 3000
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchivedPage:
    """One page received: `id` names record and step, `at` is an ISO instant in UTC, `body` as it came.

    Without `status` it is no answer of a server, but what was on the screen. `shown` is the title under which
    it is listed, for what a visit ended on.
    """

    id: str
    url: str
    at: str
    headers: Mapping[str, str]
    body: bytes
    status: int | None = None
    shown: str = ""

    @property
    def visit(self) -> str:
        """The record it belongs to."""
        return self.id.partition(":")[0]

    @property
    def stamp(self) -> str:
        """The instant as indexes write it, to the second."""
        return re.sub(r"\D", "", self.at)[:14]

    @property
    def mime(self) -> str:
        """The media type, without parameters."""
        return self.headers.get("content-type", "text/html").partition(";")[0].strip()


def chosen(visits: Mapping[int, Sequence[ArchivedPage]], *, first: Iterable[int]) -> list[ArchivedPage]:
    """The pages of the visits `first`, then of all others while there is room; in the order of visits."""
    wanted, room = set(), MOST_BYTES
    for visit in dict.fromkeys((*first, *sorted(visits))):
        room -= sum(len(page.body) for page in visits.get(visit, ()))
        if room < 0:
            break
        wanted.add(visit)
    return [page for visit in sorted(wanted & visits.keys()) for page in visits[visit]]


def wacz(pages: Sequence[ArchivedPage], *, title: str, notice: str, software: str, created: str) -> bytes:
    """The bytes of the file. `notice` is Markdown, shown beside the list; `created` is an ISO instant in UTC.

    The same pages give the same bytes.
    """
    warc = io.BytesIO()
    pages = _told_apart(pages)
    index = sorted(_written(warc, pages, software, created))
    parts = {
        f"archive/{WARC_NAME}": warc.getvalue(),
        **_index(index),
        "pages/pages.jsonl": b"".join(_listed(pages, title)),
    }
    described = _json(_package(parts, title=title, notice=notice, software=software, created=created))
    digest = _json({"path": "datapackage.json", "hash": _sha256(described)})
    return _stored({**parts, "datapackage.json": described, "datapackage-digest.json": digest})


def _told_apart(pages: Sequence[ArchivedPage]) -> list[ArchivedPage]:
    """The pages, with only one for each address and second: the listed one, else the last.

    Viewers cannot tell two pages with the same address and second apart.
    """
    kept = {(page.url, page.stamp): page.id for page in sorted(pages, key=lambda page: bool(page.shown))}
    return [page for page in pages if kept[page.url, page.stamp] == page.id]


def _written(warc: io.BytesIO, pages: Iterable[ArchivedPage], software: str, created: str) -> Iterator[str]:
    """Write the records; the index line of each page."""
    _write(warc, _info(software, created))
    for page in pages:
        offset = warc.tell()
        _write(warc, _response(page) if page.status else _resource(page))
        yield _index_line(page, offset, warc.tell() - offset)


def _write(warc: io.BytesIO, record: ArcWarcRecord) -> None:
    plain = io.BytesIO()
    WARCWriter(plain, gzip=False, warc_version="1.1").write_record(record)
    # Each record is a gzip member of its own, so that readers can seek. warcio would use level 9, which takes
    # four times as long and saves 1 %.
    warc.write(_packed(plain.getvalue()))


def _packed(content: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
    return packer.compress(content) + packer.flush()


def _index(lines: Sequence[str]) -> dict[str, bytes]:
    """The index lines in compressed blocks, and a list of where each block begins.

    ReplayWeb.page reads a block once. An uncompressed index is read whole for every page of the list, which
    takes twenty seconds before the first page of a month appears.
    """
    packed = b""
    begins = [f"!meta 0 {json.dumps({'format': 'cdxj-gzip-1.0', 'filename': INDEX_NAME})}\n"]
    for start in range(0, len(lines), _BLOCK):
        block = _packed("".join(f"{line}\n" for line in lines[start : start + _BLOCK]).encode())
        place = {"offset": len(packed), "length": len(block), "digest": _sha256(block)}
        begins.append(f"{lines[start].partition(' {')[0]} {json.dumps(place)}\n")
        packed += block
    return {f"indexes/{INDEX_NAME}": packed, "indexes/index.idx": "".join(begins).encode()}


def _info(software: str, created: str) -> ArcWarcRecord:
    writer = WARCWriter(io.BytesIO(), gzip=False, warc_version="1.1")
    fields = {"software": software, "format": "WARC/1.1", "http-headers": "only those that were kept"}
    record = writer.create_warcinfo_record(WARC_NAME, fields)
    record.rec_headers.replace_header("WARC-Record-ID", "<urn:vigie:warcinfo>")
    record.rec_headers.replace_header("WARC-Date", created)
    return record


def _response(page: ArchivedPage) -> ArcWarcRecord:
    phrases = {status.value: status.phrase for status in HTTPStatus}
    line = f"{page.status} {phrases.get(page.status or 0, '')}".strip()
    named = {name: value for name, value in page.headers.items() if name != "content-length"}
    headers = [*sorted(named.items()), ("content-length", str(len(page.body)))]
    return _record(page, "response", http_headers=StatusAndHeaders(line, headers, protocol="HTTP/1.1"))


def _resource(page: ArchivedPage) -> ArcWarcRecord:
    return _record(page, "resource", warc_content_type=page.headers.get("content-type", page.mime))


def _record(page: ArchivedPage, kind: str, **known: object) -> ArcWarcRecord:
    return WARCWriter(io.BytesIO(), gzip=False, warc_version="1.1").create_warc_record(
        page.url,
        kind,
        payload=io.BytesIO(page.body),
        length=len(page.body),
        warc_headers_dict={
            "WARC-Record-ID": f"<urn:vigie:{page.id}>",
            "WARC-Date": page.at,
            "WARC-Payload-Digest": f"sha256:{hashlib.sha256(page.body).hexdigest()}",
        },
        **known,
    )


def _index_line(page: ArchivedPage, offset: int, length: int) -> str:
    fields = {
        "url": page.url,
        "mime": page.mime,
        "status": str(page.status or HTTPStatus.OK.value),
        "digest": f"sha256:{hashlib.sha256(page.body).hexdigest()}",
        "length": str(length),
        "offset": str(offset),
        "filename": WARC_NAME,
    }
    return f"{_sort_key(page.url)} {page.stamp} {json.dumps(fields)}"


def _sort_key(url: str) -> str:
    """The address with its host reversed and its query in order, as archives sort and look it up."""
    parts = urlsplit(url.lower())
    host = ",".join(reversed(re.sub(r"^www\d*\.", "", parts.hostname or "").split(".")))
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    query = "&".join(sorted(parts.query.split("&")))
    return f"{host}{port}){parts.path or '/'}" + (f"?{query}" if query else "")


def _listed(pages: Iterable[ArchivedPage], title: str) -> Iterator[bytes]:
    yield _json({"format": "json-pages-1.0", "id": "pages", "title": title})
    for page in pages:
        if page.shown:
            yield _json({"id": page.id, "url": page.url, "ts": page.at, "title": page.shown})


def _package(
    parts: Mapping[str, bytes], *, title: str, notice: str, software: str, created: str
) -> dict[str, object]:
    resources = [
        {"name": path.rpartition("/")[2], "path": path, "hash": _sha256(content), "bytes": len(content)}
        for path, content in parts.items()
    ]
    return {
        "profile": "data-package",
        "wacz_version": "1.1.1",
        "title": title,
        # Where ReplayWeb.page looks for what it writes beside the list.
        "metadata": {"title": title, "description": notice},
        "software": software,
        "created": created,
        "resources": resources,
    }


def _json(value: Mapping[str, object]) -> bytes:
    return (json.dumps(value, ensure_ascii=False) + "\n").encode()


def _sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _stored(parts: Mapping[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as box:
        for name, content in parts.items():
            box.writestr(zipfile.ZipInfo(name, date_time=_ZIP_DATE), content)
    return archive.getvalue()
