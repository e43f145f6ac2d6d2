"""What of PDF/A-3u (ISO 19005-3, level U) can be checked on a file's objects, clause by clause.

No validator of the norm comes from where our dependencies do, so this reads what QPDF parses: it finds what a
program that writes PDF gets wrong, and proves no conformance of what is inside fonts and pictures.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

ACTIONS = {"/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide", "/SetOCGState", "/Rendition",
           "/Trans", "/GoTo3DView", "/JavaScript", "/URI", "/GoToR", "/SubmitForm"}  # fmt: skip
"""6.5.1 forbids most of them; a piece given to a court has no business with the last three either."""


def violations(content: bytes) -> list[str]:
    """What the file does not keep, each with its clause; nothing for a good one."""
    with Pdf.open(io.BytesIO(content)) as pdf:
        found = [f"6.1.2 syntax: {problem}" for problem in pdf.check_pdf_syntax()]
        found += _file(pdf, content)
        found += _metadata(pdf)
        found += _colours(pdf)
        for value in pdf.objects:
            found += _object(value)
        for font in _fonts(pdf):
            found += _font(font)
        return found


def _file(pdf: Pdf, content: bytes) -> Iterator[str]:
    if not re.match(rb"%PDF-1\.[0-7]\n%[\x80-\xff]{4}", content):
        yield "6.1.2 no binary mark after the first line"
    if len(pdf.trailer.get("/ID", ())) != 2:
        yield "6.1.3 no file identifier"
    if pdf.is_encrypted:
        yield "6.1.3 encrypted"
    if not content.rstrip(b"\r\n").endswith(b"%%EOF"):
        yield "6.1.3 something after the end"
    for name in ("/AcroForm", "/OCProperties", "/Perms", "/AA", "/OpenAction", "/Requirements"):
        if name in pdf.Root:
            yield f"6.4 the catalogue has {name}"


def _metadata(pdf: Pdf) -> Iterator[str]:
    stream = pdf.Root.get("/Metadata")
    if stream is None or stream.get("/Type") != Name.Metadata:
        yield "6.6.2 no metadata"
        return
    with pdf.open_metadata(set_pikepdf_as_editor=False) as said:
        if (said.get("pdfaid:part"), said.get("pdfaid:conformance")) != ("3", "U"):
            yield "6.6.4 not said to be PDF/A-3u"
        for ours, theirs in (("/Title", "dc:title"), ("/Producer", "pdf:Producer")):
            if str(pdf.docinfo.get(ours, "")) != said.get(theirs, ""):
                yield f"6.6.3 {ours} is not {theirs}"
        for ours, theirs in (("/CreationDate", "xmp:CreateDate"), ("/ModDate", "xmp:ModifyDate")):
            if _digits(str(pdf.docinfo.get(ours, ""))) != _digits(said.get(theirs, "")):
                yield f"6.6.3 {ours} is not {theirs}"


def _digits(date: str) -> str:
    return re.sub(r"\D", "", date)[:14]


def _colours(pdf: Pdf) -> Iterator[str]:
    intents = [one for one in pdf.Root.get("/OutputIntents", Array()) if one.get("/S") == Name.GTS_PDFA1]
    if len(intents) != 1:
        yield "6.2.3 not exactly one output intent"
        return
    profile = intents[0].DestOutputProfile
    if profile.read_bytes()[36:40] != b"acsp" or int(profile.N) != 3:
        yield "6.2.3 the output profile is not an RGB profile"


def _object(value: Object) -> Iterator[str]:
    if not isinstance(value, Dictionary | Stream):
        return
    if value.get("/S") in list(map(Name, ACTIONS)) or "/JS" in value:
        yield f"6.5.1 the action {value.get('/S')}"
    if value.get("/Type") in (Name.Filespec, Name.EmbeddedFile):
        yield "6.8 an attachment: ours have none"
    if isinstance(value, Stream):
        yield from _stream(value)
    if value.get("/Type") == Name.ExtGState and ("/TR" in value or "/HTP" in value):
        yield "6.2.5 a transfer function"


def _stream(value: Object) -> Iterator[str]:
    if "/F" in value:
        yield "6.1.7.1 a stream in another file"
    filters = value.get("/Filter", Array())
    if Name.LZWDecode in ([filters] if isinstance(filters, Name) else list(filters)):
        yield "6.1.7.2 LZW"
    if value.get("/Subtype") == Name.PS:
        yield "6.2.9 PostScript"
    if value.get("/Subtype") == Name.Image:
        if bool(value.get("/Interpolate", False)) or "/Alternates" in value or "/OPI" in value:
            yield "6.2.8 a picture with interpolation, alternates or OPI"
        if value.get("/ColorSpace") == Name.DeviceCMYK:
            yield "6.2.4.3 CMYK without its profile"


def _fonts(pdf: Pdf) -> list[Object]:
    return [one for one in pdf.objects if isinstance(one, Dictionary) and one.get("/Type") == Name.Font]


def _font(font: Object) -> Iterator[str]:
    if font.Subtype == Name.Type3 or str(font.Subtype).startswith("/CIDFont"):
        return
    described = font.DescendantFonts[0] if font.Subtype == Name.Type0 else font
    held = described.get("/FontDescriptor", Dictionary())
    if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(held.keys()):
        yield f"6.2.11.4 {font.get('/BaseFont')} is not embedded"
    if "/ToUnicode" not in font:
        yield f"6.2.11.7 {font.get('/BaseFont')} has no Unicode"
    if described.get("/Subtype") == Name.CIDFontType2 and "/CIDToGIDMap" not in described:
        yield f"6.2.11.3 {font.get('/BaseFont')} does not map its glyphs"
