"""Why a capture was read again, in French: our own causes translated, a person's as she wrote them."""

from __future__ import annotations

import pytest

from monitor.present.words import cause


@pytest.mark.parametrize(
    ("given", "french"),
    [
        ("accepted line 12", "ligne admise n° 12"),
        ("accepted line 1 withdrawn", "ligne admise n° 1 retirée"),
        ("newer reader", "lecteur plus récent"),
        ("classic 2: new wording", "« classic 2: new wording »"),
    ],
)
def test_a_cause_is_told_in_the_language_of_the_page(given: str, french: str) -> None:
    assert (cause(given), cause(given, "en")) == (french, given)
