"""Names in the settings that no target has: each is a sentence, for it would do nothing and say nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.problems import parse_toml
from monitor.settings.load import make_settings
from monitor.targets.mentions import in_hosts, in_settings
from tests.cast.observations import target

URL = "https://www.vienne.gouv.fr/booking/create/1"
KNOWN = {one.id: one for one in (target("vienne-titre", url=URL), target("vienne-permis", url=URL))}
DAYS = "first = 2026-03-01\nlast = 2026-05-31\n"
LIST = '[[alerts.lists]]\nname = "ldh"\nto = ["a@example.org"]\n'


def told(text: str) -> list[str]:
    settings = make_settings(parse_toml(text, "vigie.toml"), "vigie.toml")
    hosts = in_hosts(settings.pace.hosts, KNOWN.values())
    return [str(problem) for problem in (*hosts, *in_settings(settings, KNOWN))]


@pytest.mark.parametrize(("written", "sentence"), [
    (f'[[evidence.holds]]\n{DAYS}target = "vienne-titr"',
     '[[evidence.holds]] 1, target: "vienne-titr" is no target of the catalogue or of the record; '
     'did you mean "vienne-titre"?'),
    (f'[[evidence.holds]]\n{DAYS}[[evidence.holds]]\n{DAYS}target = "mater"',
     '[[evidence.holds]] 2, target: "mater"'),
    ('[pace.hosts."www.viene.gouv.fr"]\npages_per_day = 9',
     '[pace.hosts]: "www.viene.gouv.fr" is the host of no target'),
    ("[pace.hosts.localhost]\npages_per_day = 9", '[pace.hosts]: "localhost" is the host of no target'),
    (f'{LIST}targets = ["mater"]', '[[alerts.lists]] ldh, targets: "mater" is no target'),
    (f'{LIST}prefectures = ["Viene"]', '[[alerts.lists]] ldh, prefectures: "Viene" is no préfecture'),
    (f'{LIST}demarches = ["Titre"]', '[[alerts.lists]] ldh, demarches: "Titre" is no démarche'),
])  # fmt: skip
def test_a_name_that_no_target_has_is_one_sentence(written: str, sentence: str) -> None:
    (problem,) = told(written)
    assert problem.startswith(sentence)


def test_names_that_targets_have_are_well() -> None:
    mine = KNOWN["vienne-titre"]
    assert (
        told(
            f'[[evidence.holds]]\n{DAYS}target = "{mine.id}"\n[[evidence.holds]]\n{DAYS}'
            f'[pace.hosts."www.vienne.gouv.fr"]\npages_per_day = 9\n'
            f'{LIST}targets = ["{mine.id}"]\n'
            f'prefectures = ["{mine.prefecture}"]\ndemarches = ["{mine.demarche}"]'
        )
        == []
    )


def test_localhost_is_every_host_of_this_machine() -> None:
    here = target("valmont", url="http://valmont.localhost:8000/booking/create/1")
    settings = make_settings(parse_toml("[pace.hosts.localhost]\npages_per_day = 9", "x"), "x")
    assert list(in_hosts(settings.pace.hosts, [here])) == []


def test_the_example_names_nothing(tmp_path: Path) -> None:
    assert told(Path("vigie.example.toml").read_text(encoding="utf-8").replace('contact = ""', "")) == []
