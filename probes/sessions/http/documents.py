"""What a browser received, as plain HTTP would have received it: the documents, before any script."""

from __future__ import annotations

from dataclasses import replace

from probes.model import Capture, Step, Transport
from probes.pages.received.encoding import decode
from probes.pages.received.kind import shows_page
from probes.sessions.http.sheets import SheetReader


async def as_over_http(capture: Capture, sheets: SheetReader) -> Capture:
    """`capture` without what only a browser knows, and with the style sheets that plain HTTP reads.

    A step that shows more of the same page by a click is left out: no script runs over plain HTTP.
    """
    steps = [await _plain(step, sheets) for step in capture.steps if step.action != "unfold"]
    numbered = tuple(replace(step, n=n) for n, step in enumerate(steps))
    return Capture(transport=Transport.HTTP, steps=numbered)


async def _plain(step: Step, sheets: SheetReader) -> Step:
    bare = replace(step, rendered=None, dialogs=(), settled=None, ink=None, refused=())
    declared = step.header("content-type")
    usable = step.failure is None and step.status is not None and step.status < 400
    if not usable or not shows_page("text/html" if declared is None else declared, step.body):
        return bare
    return replace(bare, sheets=await sheets.of(decode(bare), bare.final_url))
