"""Frames that nobody sees: over plain HTTP their scripts are not looked at, and may change the page."""

from __future__ import annotations

import pytest

from tests.platforms.beside import NONE, ZERO, rule, shown_page

CHANGES = "&lt;script&gt;parent.document.body.textContent = 'Erreur'&lt;/script&gt;"


@pytest.mark.parametrize(
    "frame",
    [
        f"<iframe width=1 height=1 srcdoc='{CHANGES}'></iframe>",
        f"<iframe hidden srcdoc='{CHANGES}'></iframe>",
        f"<div style='display:none'><iframe srcdoc='{CHANGES}'></iframe></div>",
        "<iframe width=0 height=0 srcdoc='&lt;img src=x onerror=parent.f()&gt;'></iframe>",
        "<iframe width=1 height=1 src='javascript:parent.f()'></iframe>",
        f"<iframe width=1 height=1 sandbox='allow-scripts allow-same-origin' srcdoc='{CHANGES}'></iframe>",
    ],
)
def test_over_http_a_frame_that_is_not_seen_may_change_the_page(frame: str) -> None:
    assert rule(ZERO, shown_page(f"<p>{NONE}</p>", outside=frame)) == "unread_parts"


@pytest.mark.parametrize(
    "frame",
    [
        f"<iframe width=1 height=1 sandbox srcdoc='{CHANGES}'></iframe>",
        f"<iframe width=1 height=1 sandbox='allow-scripts' srcdoc='{CHANGES}'></iframe>",
        "<iframe width=1 height=1 srcdoc='&lt;p&gt;rien&lt;/p&gt;'></iframe>",
        "<iframe width=0 height=0 src='https://www.googletagmanager.com/ns.html?id=1'></iframe>",
        "<iframe width=0 height=0 src='about:blank'></iframe>",
        "<iframe width=1 height=1 src='/mesure.html'></iframe>",
        "<object width=1 height=1 data='/logo.svg'></object>",
    ],
)
def test_a_frame_that_cannot_reach_the_page_changes_nothing(frame: str) -> None:
    assert rule(ZERO, shown_page(f"<p>{NONE}</p>", outside=frame)) == ZERO.rule
