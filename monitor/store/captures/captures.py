"""Storing a capture as bodies and one manifest.

The manifest is JSON: all fields of all steps, with the SHA-256 of each body in place of the body. It is
itself stored as a body, so its SHA-256 identifies the whole capture.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from sqlalchemy import Connection

from monitor.store.captures import blobs
from monitor.store.captures.blobs import Body
from monitor.store.captures.media import Media
from probes.failures import Failure
from probes.model import Capture, Ink, LinkedSheet, Step, Transport, utc

PLAIN = [field.name for field in fields(Step) if field.name not in ("body", "rendered", "sheets")]


def keep(conn: Connection, target: str, capture: Capture, screenshot: str | None) -> str:
    """Store the bodies and the manifest of a capture. Returns the manifest's address.

    `screenshot` is the address of the picture, which the caller has stored, or `None`.
    """
    bodies = {series: Body.of(series, content) for series, content in _contents(capture)}
    said = {
        "transport": capture.transport,
        "screenshot": screenshot,
        "pictured": capture.pictured,
        "steps": [_described(index, step, bodies) for index, step in enumerate(capture.steps)],
    }
    manifest = Body.of("manifest", json.dumps(said, default=_plain, separators=(",", ":")).encode())
    blobs.keep(conn, target, [*bodies.values(), manifest])
    return manifest.sha256


def load(conn: Connection, manifest_sha256: str, media: Media) -> Capture:
    """The capture of a manifest; the digest of every piece is checked. Raises `Damaged`.

    `screenshot` is `None` when there was none, or when the picture was thinned out or lost.
    """
    (manifest,) = _manifests(conn, [manifest_sha256]).values()
    screenshot = manifest["screenshot"]
    picture = media.load(screenshot) if screenshot else None
    return replace(_capture(manifest, blobs.fetch(conn, _bodies(manifest))), screenshot=picture)


def load_many(conn: Connection, manifests: Collection[str]) -> dict[str, Capture]:
    """The captures by manifest address, without screenshots, since readers do not use them.

    The digest of every body is checked. Raises `Damaged`.
    """
    found = _manifests(conn, manifests)
    bodies = blobs.fetch(conn, {body for manifest in found.values() for body in _bodies(manifest)})
    return {sha256: _capture(manifest, bodies) for sha256, manifest in found.items()}


def server_date(capture: Capture) -> datetime | None:
    """The `Date` header of the last step in UTC; `None` when it is missing or cannot be parsed."""
    value = capture.last.header("date") if capture.last else None
    if value is None:
        return None
    try:
        read = parsedate_to_datetime(value)
        return utc(read.replace(tzinfo=read.tzinfo or UTC))
    except (ValueError, OverflowError):
        return None


def _manifests(conn: Connection, addresses: Collection[str]) -> dict[str, dict[str, Any]]:
    return {sha256: json.loads(body) for sha256, body in blobs.fetch(conn, addresses).items()}


def _bodies(manifest: dict[str, Any]) -> set[str]:
    named = {step[name] for step in manifest["steps"] for name in ("body_sha256", "rendered_sha256")}
    linked = {sheet["sha256"] for step in manifest["steps"] for sheet in step.get("sheets") or ()}
    return (named | linked) - {None}


def _capture(manifest: dict[str, Any], bodies: Mapping[str, bytes]) -> Capture:
    steps = tuple(_step(step, bodies) for step in manifest["steps"])
    pictured = manifest.get("pictured")
    return Capture(transport=Transport(manifest["transport"]), steps=steps, pictured=pictured)


def _contents(capture: Capture) -> Iterator[tuple[str, bytes]]:
    for index, step in enumerate(capture.steps):
        if step.body:
            yield f"{index}", step.body
        if step.rendered is not None:
            yield f"{index} rendered", step.rendered.encode("utf-8", "surrogatepass")
        for number, sheet in enumerate(step.sheets or ()):
            if sheet.text is not None:
                yield f"{index} sheet {number}", sheet.text.encode("utf-8", "surrogatepass")


def _described(index: int, step: Step, bodies: Mapping[str, Body]) -> dict[str, Any]:
    body, rendered = bodies.get(f"{index}"), bodies.get(f"{index} rendered")
    return {
        **{name: getattr(step, name) for name in PLAIN},
        "body_sha256": body and body.sha256,
        "rendered_sha256": rendered and rendered.sha256,
        "sheets": None if step.sheets is None else list(_sheets(index, step.sheets, bodies)),
    }


def _sheets(
    index: int, sheets: Iterable[LinkedSheet], bodies: Mapping[str, Body]
) -> Iterator[dict[str, str | None]]:
    for number, sheet in enumerate(sheets):
        body = bodies.get(f"{index} sheet {number}")
        yield {"url": sheet.url, "sha256": body and body.sha256}


def _plain(value: object) -> object:
    if isinstance(value, Ink):
        return asdict(value)
    if not isinstance(value, datetime):
        raise TypeError(f"a manifest holds no {type(value).__name__}")
    return value.isoformat()


def _step(said: dict[str, Any], bodies: Mapping[str, bytes]) -> Step:
    body, rendered = said.pop("body_sha256"), said.pop("rendered_sha256")
    said |= {name: datetime.fromisoformat(said[name]) for name in ("started_at", "finished_at")}
    said |= {name: tuple(said.get(name, ())) for name in ("redirects", "dialogs", "refused")}
    said["headers"] = tuple((name, value) for name, value in said["headers"])
    said["failure"] = Failure(said["failure"]) if said["failure"] else None
    if said.get("sheets") is not None:
        said["sheets"] = tuple(_sheet(sheet, bodies) for sheet in said["sheets"])
    if said.get("ink") is not None:
        said["ink"] = tuple(Ink(**one) for one in said["ink"])
    return Step(
        **said,
        body=bodies[body] if body else b"",
        rendered=bodies[rendered].decode("utf-8", "surrogatepass") if rendered else None,
    )


def _sheet(said: dict[str, str | None], bodies: Mapping[str, bytes]) -> LinkedSheet:
    address = said["sha256"]
    text = bodies[address].decode("utf-8", "surrogatepass") if address else None
    return LinkedSheet(url=said["url"] or "", text=text)
