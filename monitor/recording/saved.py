"""A page that a person saved by hand from her own browser: « page complète », or one file (MHTML).

Such a page is the document as the browser had it then, hidden parts included: neither the bytes that the
server sent, nor what could be seen. It is read as over plain HTTP, with the style sheets saved beside it.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage, Message
from email.utils import parsedate_to_datetime
from html import escape
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from monitor.problems import BadInput, Problem
from probes.model import Capture, LinkedSheet, Step, Transport
from probes.pages.page import normalise, parse
from probes.pages.received.encoding import decode
from probes.sessions.http.sheets import linked

MOST_BYTES = 20_000_000
FOLDERS = ("_files", "_fichiers")
"""What browsers add to the name of a page for the folder of its pictures and style sheets."""

_SAVED_FROM = re.compile(rb"<!-- saved from url=\(\d+\)(\S+) -->\s*")
_HTML = re.compile(rb"<(?:!doctype html|html|head|body)\b", re.IGNORECASE)
_SIGNED_IN = re.compile(r"(?:se |me )?déconne(?:xion|cter)|déconnectez-vous")

_WHO_ONE_IS = re.compile(
    r"(?:^|[\[_.-])(?:nom|prenoms?|(?:first|last|birth)_?name|given-name|family-name)\]?$", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedPage:
    """What a file holds: the document, its content type, where and when it was saved, its style sheets."""

    html: bytes
    content_type: str | None
    saved_from: str
    saved_at: datetime
    sheets: Mapping[str, str]


def saved_capture(file: Path, url: str) -> Capture:
    """The page in `file` as a visit of `url`. Raises `BadInput` for what cannot or must not be used."""
    page = _opened(file, url)
    if page.saved_from and _bare(page.saved_from) != _bare(url):
        raise _refused(file, f"a été enregistré depuis {page.saved_from} ; donnez cette adresse-là")
    headers = (("content-type", page.content_type),) if page.content_type else ()
    bare = Step(
        n=0,
        action="open",
        method="GET",
        url=url,
        final_url=url,
        started_at=page.saved_at,
        finished_at=page.saved_at,
        status=200,
        headers=headers,
        body=page.html,
    )
    clean = replace(bare, body=_as_the_site_wrote(page.html, file))
    step = replace(clean, sheets=_sheets(bare, clean, file, page.sheets))
    _check_public(step, file)
    return Capture(transport=Transport.HTTP, steps=(step,))


def _opened(file: Path, url: str) -> SavedPage:
    try:
        content = file.read_bytes() if file.stat().st_size <= MOST_BYTES else b""
        saved_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError as error:
        raise _refused(file, f"ne peut pas être lu ({error.strerror}) ; vérifiez son nom") from error
    if _is_archive(content):
        return _from_archive(content, file, url, saved_at)
    if not _HTML.search(content[:4096].replace(b"\0", b"")):
        raise _refused(file, _NO_PAGE)
    found = _SAVED_FROM.search(content[:4096])
    said = found[1].decode("utf-8", "replace") if found else ""
    return SavedPage(html=content, content_type=None, saved_from=said, saved_at=saved_at, sheets={})


_NO_PAGE = (
    "n'est pas une page enregistrée ; dans le navigateur : « Enregistrer sous… », type « Page web, complète »"
)


def _is_archive(content: bytes) -> bool:
    head = content[:4096].lower()
    return b"mime-version:" in head and b"multipart/related" in head


def _from_archive(content: bytes, file: Path, url: str, saved_at: datetime) -> SavedPage:
    """The page in an MHTML archive: its own document, and the style sheets by their addresses."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    parts = [part for part in message.walk() if isinstance(part, EmailMessage) and not part.is_multipart()]
    document = _page_of(message, [part for part in parts if part.get_content_type() == "text/html"], url)
    if document is None:
        raise _refused(file, _NO_PAGE)
    return SavedPage(
        html=_bytes(document),
        content_type=str(document["content-type"]),
        saved_from=str(message["snapshot-content-location"] or document["content-location"] or ""),
        saved_at=_date(message) or saved_at,
        sheets={
            str(part["content-location"]): _bytes(part).decode("utf-8-sig", "replace")
            for part in parts
            if part.get_content_type() == "text/css"
        },
    )


def _page_of(message: Message, documents: Sequence[EmailMessage], url: str) -> EmailMessage | None:
    """The page itself among the documents: the others are its frames, and one of them may come first."""
    if start := message.get_param("start"):
        for each in documents:
            if str(each["content-id"] or "") == start:
                return each
    for place in (str(message["snapshot-content-location"] or ""), url):
        for each in documents:
            if place and _bare(str(each["content-location"] or "")) == _bare(place):
                return each
    return documents[0] if documents else None


def _bytes(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _date(message: EmailMessage) -> datetime | None:
    try:
        return parsedate_to_datetime(str(message["date"])).astimezone(UTC)
    except ValueError:
        return None


def _bare(url: str) -> str:
    """The address without parameters: she may have been told to leave out some of them."""
    return url.partition("#")[0].partition("?")[0].rstrip("/")


def _sheets(bare: Step, clean: Step, file: Path, archived: Mapping[str, str]) -> tuple[LinkedSheet, ...]:
    """The style sheets that the page asks for, with their texts where they were saved with it."""
    there, here = linked(decode(clean), clean.url), list(linked(decode(bare), file.resolve().as_uri()))
    for folder in filter(None, (_folder(file, place) for place in here)):
        if not folder.is_dir():
            raise _refused(file, _NO_FOLDER.format(folder=folder.name))
    return tuple(
        LinkedSheet(url=url, text=archived[url] if url in archived else _beside(file, place))
        for url, place in zip(there, here, strict=True)
    )


def _beside(file: Path, place: str) -> str | None:
    """The text of a style sheet in the folder that the browser made for the page; `None` when not there."""
    if _folder(file, place) is None:
        return None
    try:
        return Path(unquote(urlsplit(place).path)).read_bytes().decode("utf-8-sig", "replace")
    except OSError:
        return None


_NO_FOLDER = (
    "n'a plus à côté de lui le dossier « {folder} » et ses feuilles de style, sans lesquelles on ne sait pas "
    "ce que la page montre ; remettez-le là, ou enregistrez la page de nouveau"
)


def _folder(file: Path, place: str) -> Path | None:
    """The folder that the browser made for the page, when `place` lies in it; it may be gone."""
    parts = urlsplit(place)
    within = Path(unquote(parts.path)).resolve().parent
    folders = [file.resolve().with_name(file.stem + ending) for ending in FOLDERS]
    return within if parts.scheme == "file" and within in folders else None


def _as_the_site_wrote(html: bytes, file: Path) -> bytes:
    """The page without what the browser wrote into it: its address, and the person's own name for the file.

    The links to the folder beside it repeat that name.
    """
    html = _SAVED_FROM.sub(b"", html)
    for name in {file.stem, quote(file.stem), escape(file.stem), quote(file.stem, safe="")}:
        for ending in FOLDERS:
            html = html.replace(f"{name}{ending}".encode(), f"page{ending}".encode())
    return html


def _check_public(step: Step, file: Path) -> None:
    """Raise `BadInput` for a page of somebody's account, and for one that asks who she is."""
    page = parse(step)
    said = next((line for line in (*page.lines, *page.buttons) if _SIGNED_IN.fullmatch(normalise(line))), "")
    if said:
        words = (
            f"vient d'un espace personnel (« {said} ») et n'est pas gardé ; "
            "déconnectez-vous, rouvrez la page publique et enregistrez-la"
        )
        raise _refused(file, words)
    fields = [node.attributes for node in page.nodes("input:not([type='hidden' i])")]
    if any(_WHO_ONE_IS.search(field.get(key) or "") for field in fields for key in ("name", "id")):
        raise _refused(file, "demande qui vous êtes et n'est pas gardé ; revenez à la page des créneaux")


def _refused(file: Path, words: str) -> BadInput:
    return BadInput(Problem(str(file), words))
