"""Compression of the journal's lines: zstd, with another line or the fixed `DICTIONARY` as its dictionary.

Never change `DICTIONARY`: stored lines need it to be read. A new dictionary needs a new version byte (the
first byte of the stored data, now 1), and this one must stay beside it.
"""

from __future__ import annotations

import zstandard

DICTIONARY = b"""\
{"at":"2026-11-02T08:15:00.000Z","precision":"minute"},"entry":1,"finished_at":"2026-11-02T08:15:00.000Z",
"horizon":"2026-12-31","kind":"no_calendar","kind":"all_taken","origin":"scheduled","outcome":"slots_offered",
"outcome":"no_slots","platform":"rdv_service_public","platform":"classic","prev":"0123456789abcdef","quote":"
Il n'existe plus de plage horaire libre pour votre demande de rendez-vous. Veuillez recommencer
","reader_version":"1","reason":"misfire","recorded_at":"2026-11-02T08:15:00.000Z","rule":"classic.no_slots",
"scheduled_at":"2026-11-02T08:15:00.000Z","seq":1,"shot_sha256":"0123456789abcdef","simulated":false,"started_at":
"2026-11-02T08:15:00.000Z","steps":[{"action":"submit","body_bytes":1,"body_sha256":"0123456789abcdef",
"final_url":"https://www.gouv.fr/booking/create/1/2","headers":{"content-type":"text/html; charset=utf-8",
"date":"Mon, 02 Nov 2026 08:15:00 GMT","server":"Apache"},"method":"POST","ms":1,"n":1,"rendered_sha256":
"0123456789abcdef","server_address":"127.0.0.1","started_at":"2026-11-02T08:15:00.000Z","status":200,
"tls_sha256":"0123456789abcdef","url":"https://www.gouv.fr/booking/create/1"},{"action":"open","body_bytes":1,
"body_sha256":"0123456789abcdef","headers":{"content-type":"text/html; charset=utf-8","date":"Mon, 02 Nov 2026
08:15:00 GMT","server":"Apache"},"method":"GET","ms":1,"n":2,"started_at":"2026-11-02T08:15:00.000Z","status":
200,"url":"https://www.gouv.fr/booking/create/1"}],"target":"prefecture-titre","target_seq":1,"transport":"browser",
"type":"gap","v":1}"transport":"http","type":"observation","v":1,"vantage":{"clock_offset_ms":1,"name":"main",
"software":"0.1.0","user_agent":"Vigie/0.1.0 (+https://)"}}
"""


def compress(line: bytes, frame: bytes = b"") -> bytes:
    """The bytes to store for `line`, with the line `frame` as dictionary, or `DICTIONARY` when it is empty.

    Raises `ValueError` when decompressing does not give `line` back.
    """
    data = b"\1" + zstandard.ZstdCompressor(level=3, dict_data=_dictionary(frame)).compress(line)
    if decompress(data, frame) != line:
        raise ValueError("a line of the log did not survive its own compression")
    return data


def decompress(data: bytes, frame: bytes = b"") -> bytes:
    """The line of the stored `data`. `frame` must be the one that `compress` was given."""
    return zstandard.ZstdDecompressor(dict_data=_dictionary(frame)).decompress(data[1:])


def _dictionary(frame: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(frame or DICTIONARY, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
