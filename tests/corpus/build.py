"""The whole labelled corpus of a folder of saved pages, each visit once."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor.problems import BadInput, Problem
from probes.failures import of_status
from probes.model import Capture, NoSlotsKind, Outcome, Step
from tests.corpus import edits
from tests.corpus.dated import dated
from tests.corpus.made import SAVED, Labelled, Origin, made
from tests.corpus.pages import Case, folders, load, product

WRITTEN, IN_FRONT = "strings", "in front"
NO_PAGES = "holds no saved page; run this in a checkout of the repository, or give its tests/pages as --pages"


def corpus(pages: Path, platforms: Collection[str]) -> Iterator[Labelled]:
    """Every labelled visit of these platforms: each saved one, then those made of it. None twice.

    Raises `BadInput` for a folder without cases, a case without a reviewed reading or one that cannot be
    read.
    """
    seen: set[bytes] = set()
    for origin in origins(pages, platforms):
        for one in _all_of(origin, pages):
            digest = _digest(one)
            if digest not in seen:
                seen.add(digest)
                yield one


def origins(pages: Path, platforms: Collection[str]) -> Iterator[Origin]:
    """The saved cases of these platforms with their labels."""
    found = [folder for folder in folders(pages) if folder.parent.name in platforms]
    if not found:
        raise BadInput(Problem(str(pages), NO_PAGES))
    products = {platform.name: product(platform) for platform in {folder.parent for folder in found}}
    for folder in found:
        case = load(folder)
        yield Origin(case, _label(case), products[case.platform])


def _all_of(origin: Origin, pages: Path) -> Iterator[Labelled]:
    yield origin.label
    yield from made(origin)
    yield from _strings(origin)
    yield from dated(origin)
    if origin.case.folder.name in origin.product.get("in_front_of", ()):
        yield from _in_front(origin, pages)


def _label(case: Case) -> Labelled:
    try:
        said = json.loads(case.expected.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        words = "has no reviewed reading; run tests/platforms/test_pages.py, then read the file it writes"
        raise BadInput(Problem(str(case.expected), words)) from problem
    return Labelled(
        name=case.name,
        family=SAVED,
        target=case.target,
        capture=case.capture,
        truth=Outcome(said["outcome"]),
        earliest=_instant(said.get("earliest")),
        second=_instant(said.get("second")),
        kind=NoSlotsKind(said["kind"]) if "kind" in said else None,
    )


def _instant(slot: dict[str, str] | None) -> datetime | None:
    return datetime.fromisoformat(slot["starts_at"]) if slot else None


def _strings(origin: Origin) -> Iterator[Labelled]:
    """Other sentences of the product put in the place of the case's own: `strings` in `platform.toml`."""
    for spec in origin.product.get("strings", ()):
        if spec["of"] != origin.case.folder.name:
            continue
        truth = Outcome(spec["truth"])
        for text in spec["becomes"]:
            capture = _saying(origin.case.capture, spec["was"], text)
            if truth is origin.label.truth:
                yield replace(origin.same(WRITTEN, text, capture), kind=_kind(spec, origin))
            else:
                yield replace(origin.unknown(WRITTEN, text, capture), truth=truth)


def _saying(capture: Capture, was: str, text: str) -> Capture:
    """The visit with `text` for `was`, on its pages and in its alerts."""
    pages = edits.on_pages(capture, lambda page: page.replace(was, text)).steps
    alerts = [tuple(line.replace(was, text) for line in step.dialogs) for step in pages]
    steps = tuple(replace(step, dialogs=said) for step, said in zip(pages, alerts, strict=True))
    return replace(capture, steps=steps)


def _kind(spec: dict[str, Any], origin: Origin) -> NoSlotsKind | None:
    return NoSlotsKind(spec["kind"]) if "kind" in spec else origin.label.kind


def _in_front(origin: Origin, pages: Path) -> Iterator[Labelled]:
    """Another server's page for the first one, or for the one that answers; with its status, and as 200."""
    for spec in _errors(pages):
        for status in {spec["status"], 200}:
            for where, steps in _visits(origin, spec, status):
                capture = replace(origin.case.capture, steps=steps)
                unknown = origin.unknown(IN_FRONT, f"{spec['name']}, {status}, {where}", capture)
                yield replace(unknown, truth=Outcome(spec["truth"]))


def _visits(origin: Origin, spec: dict[str, Any], status: int) -> Iterator[tuple[str, tuple[Step, ...]]]:
    steps = origin.case.capture.steps
    yield "first", (_served(steps[0], spec, status),)
    # What was shown before stays shown, whatever came after; an absence has to be said to the end.
    if origin.label.truth is Outcome.NO_SLOTS:
        yield "last", (*steps[:-1], _served(steps[-1], spec, status))


def _errors(pages: Path) -> list[dict[str, Any]]:
    file = pages / "in_front.toml"
    try:
        found: list[dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8"))["page"]
    except (OSError, ValueError, KeyError) as problem:
        raise BadInput(Problem(str(file), f"cannot be read ({problem})")) from problem
    return found


def _served(step: Step, spec: dict[str, Any], status: int) -> Step:
    title, body = spec.get("title", ""), spec["body"]
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>"
    return replace(
        step,
        status=status,
        headers=(("content-type", "text/html; charset=utf-8"),),
        body=page.encode(),
        rendered=page if step.rendered is not None else None,
        dialogs=(),
        failure=of_status(status),
    )


def _digest(one: Labelled) -> bytes:
    """Equal for visits that no reader could tell apart."""
    whole = hashlib.sha256(repr((one.target, one.truth)).encode())
    for step in one.capture.steps:
        whole.update(repr(replace(step, body=b"")).encode())
        whole.update(step.body)
    return whole.digest()
