"""`vigie targets check` and `vigie targets draw`, as typed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor import cli
from monitor.clock import SystemClock
from monitor.commands.targets import targets_app
from monitor.rules.schedule import draw, is_doubled

SEED = "s" * 32
TARGETS = """
[[target]]
id = "974-reunion-1"
platform = "classic"
url = "https://www.reunion.gouv.fr/booking/create/1"
prefecture = "Réunion"
departement = "974"
demarche = "Titre [bold]de séjour"
zone = "Indian/Reunion"
interval = "12h"

[[target]]
id = "86-vienne-2"
platform = "classic"
url = "https://www.vienne.gouv.fr/booking/create/2"
prefecture = "Vienne"
departement = "86"
demarche = "Naturalisation"
zone = "Europe/Paris"
interval = "24h"
enabled = false
"""


@pytest.fixture(autouse=True)
def _installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("vigie.toml").write_text(f'[schedule]\nseed = "{SEED}"\n')
    Path("targets.toml").write_text(TARGETS, encoding="utf-8")


def typed(*arguments: str) -> str:
    result = CliRunner().invoke(targets_app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    monkeypatch.setattr("sys.argv", ["vigie", "targets", *arguments])
    with pytest.raises(SystemExit) as leaving:
        cli.main()
    assert leaving.value.code == 1
    return capsys.readouterr().err


def test_check_lists_every_target_as_it_was_written() -> None:
    shown = typed("check")
    assert "Titre [bold]de séjour" in shown
    assert "86-vienne-2" in shown
    assert "2 targets, 1 enabled; nothing to mend." in shown


def test_check_reads_the_file_it_is_given() -> None:
    Path("other.toml").write_text(TARGETS.replace("86-vienne-2", "86-other"), encoding="utf-8")
    assert "86-other" in typed("check", "other.toml")


def test_check_tells_every_mistake_of_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = 'options = { titre = "Naturalisation", weeks = "beaucoup" }\n'
    Path("targets.toml").write_text(TARGETS.replace('"86"', '"20"') + wrong, encoding="utf-8")
    told = refused(monkeypatch, capsys, "check").splitlines()
    where = 'vigie: targets.toml, line 12, target "86-vienne-2", '
    assert [line.removeprefix(where).partition(": ")[0] for line in told] == [
        "departement",
        "options.titre",
        "options.weeks",
    ]


def test_check_fails_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("targets.toml").write_text(TARGETS.replace('"86"', "86"), encoding="utf-8")
    assert refused(monkeypatch, capsys, "check") == (
        'vigie: targets.toml, line 12, target "86-vienne-2", departement: '
        'is the number 86, but codes are text; write departement = "86".\n'
    )


def test_check_says_which_host_of_the_settings_no_target_has(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("vigie.toml").write_text('[pace.hosts."www.viene.gouv.fr"]\n', encoding="utf-8")
    assert refused(monkeypatch, capsys, "check") == (
        'vigie: [pace.hosts]: "www.viene.gouv.fr" is the host of no target of the catalogue; '
        'did you mean "www.vienne.gouv.fr"?\n'
    )


def test_draw_shows_the_instants_of_the_enabled_targets_in_both_times() -> None:
    lines = typed("draw", "--day", "2026-11-23").splitlines()
    drawn = draw(
        SEED.encode(),
        "974-reunion-1",
        day=date(2026, 11, 23),
        interval=timedelta(hours=12),
        drawn_at=SystemClock().now(),
    )
    assert [line.split()[1] for line in lines[1:]] == [f"{instant:%H:%M:%S}" for instant in drawn.instants]
    local = [f"{instant + timedelta(hours=4):%d/%m %H:%M:%S}" for instant in drawn.instants]
    assert [" ".join(line.split()[2:4]) for line in lines[1:]] == local


def test_draw_says_which_instant_of_a_target_read_over_http_is_for_the_browser() -> None:
    over_http = TARGETS.replace('interval = "12h"', 'interval = "1h"\ntransport = "http"')
    Path("targets.toml").write_text(over_http, encoding="utf-8")
    lines = [line.split() for line in typed("draw", "--day", "2026-11-23").splitlines()[1:]]
    by = [words[5] for words in lines]
    assert (by.count("browser"), by.count("plain")) == (1, 23)
    (chosen,) = [words[1] for words in lines if words[5] == "browser"]
    at = datetime.fromisoformat(f"2026-11-23T{chosen}+00:00")
    assert is_doubled(SEED.encode(), "974-reunion-1", timedelta(hours=1), at)


def test_check_says_which_targets_never_conclude_over_http() -> None:
    assert "never say" not in typed("check")
    there = "www.rdv-prefecture.interieur.gouv.fr/rdvpref/reservation/demarche"
    captcha = TARGETS.replace('"classic"', '"rdv_prefecture"\ntransport = "http"')
    for place in ("reunion", "vienne"):
        captcha = captcha.replace(f"www.{place}.gouv.fr/booking/create", there)
    Path("targets.toml").write_text(captcha, encoding="utf-8")
    assert "because their answer is not in the HTML: 974-reunion-1, 86-vienne-2." in typed("check")


def test_draw_shows_a_disabled_target_when_it_is_named() -> None:
    shown = typed("draw", "--day", "2026-11-23", "--target", "86-vienne-2")
    assert shown.count("86-vienne-2") == 1
    assert "974-reunion-1" not in shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--day", "tomorrow"), 'vigie: --day: "tomorrow" is not a day; write it like 2026-03-01.\n'),
        (
            ("--day", "2026-11-23", "--target", "86-vienne-3"),
            'vigie: target "86-vienne-3": is not in the catalogue; did you mean "86-vienne-2"?\n',
        ),
    ],
)
def test_draw_fails_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    assert refused(monkeypatch, capsys, "draw", *arguments) == sentence
