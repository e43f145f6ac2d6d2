"""Settings: file, environment and secret files over the defaults, and what is derived from them."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from monitor.problems import BadInput
from monitor.settings.base import Section
from monitor.settings.load import Settings, load_settings, make_settings, schedule_seed
from monitor.settings.pace import PaceSettings
from tools.settings_doc import document

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def given(**settings: Any) -> Settings:
    """Settings as a file gives them: tables of plain values."""
    return Settings(**settings)


@pytest.fixture
def refusal() -> Callable[[], str]:
    def sentence() -> str:
        with pytest.raises(BadInput) as refused:
            load_settings()
        return str(refused.value)

    return sentence


# --- where values come from -------------------------------------------------------------------------------


def test_without_a_file_the_defaults_hold() -> None:
    settings = load_settings()
    assert settings.database.address == "sqlite:///var/vigie.sqlite3"
    assert settings.schedule.interval == timedelta(hours=1)
    assert settings.schedule.workers == 8
    assert (settings.metrics.host, settings.metrics.port) == ("127.0.0.1", 9808)


def test_the_file_of_the_working_directory_is_read() -> None:
    Path("vigie.toml").write_text('[pace]\nspacing = "20s"\n')
    assert load_settings().pace.spacing == timedelta(seconds=20)


def test_the_file_named_in_the_environment_is_read_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("vigie.toml").write_text('[pace]\nspacing = "20s"\n')
    Path("other.toml").write_text('[pace]\nspacing = "40s"\n')
    monkeypatch.setenv("VIGIE_CONFIG", "other.toml")
    assert load_settings().pace.spacing == timedelta(seconds=40)


def test_the_file_named_by_the_caller_wins_over_both(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("third.toml").write_text('[pace]\nspacing = "50s"\n')
    monkeypatch.setenv("VIGIE_CONFIG", "missing.toml")
    assert load_settings(Path("third.toml")).pace.spacing == timedelta(seconds=50)


def test_a_named_file_must_be_there() -> None:
    with pytest.raises(BadInput, match=r"^nowhere\.toml: cannot be read"):
        load_settings(Path("nowhere.toml"))


def test_a_variable_wins_over_the_file_and_leaves_the_rest_of_its_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("vigie.toml").write_text('[pace]\nspacing = "20s"\npages_per_day = 100\n')
    monkeypatch.setenv("VIGIE_PACE__SPACING", "30s")
    pace = load_settings().pace
    assert (pace.spacing, pace.pages_per_day) == (timedelta(seconds=30), 100)


def test_a_variable_wins_over_one_key_of_a_section_made_in_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_PACE__SPACING", "30s")
    pace = given(pace=PaceSettings(pages_per_day=100)).pace
    assert (pace.spacing, pace.pages_per_day) == (timedelta(seconds=30), 100)


@pytest.mark.parametrize(
    ("name", "text", "section", "key", "value"),
    [
        ("VIGIE_BROWSER__SANDBOX", "false", "browser", "sandbox", False),
        ("VIGIE_METRICS__PORT", "9999", "metrics", "port", 9999),
        ("VIGIE_SCHEDULE__INTERVAL", "2h", "schedule", "interval", timedelta(hours=2)),
        (
            "VIGIE_TARGETS__PATH",
            "/etc/vigie/targets.toml",
            "targets",
            "path",
            Path("/etc/vigie/targets.toml"),
        ),
        ("VIGIE_TARGETS__HOSTS_ALLOWED", "a.fr, b.fr", "targets", "hosts_allowed", ("a.fr", "b.fr")),
        ("VIGIE_VANTAGE__NAME", "1", "vantage", "name", "1"),
    ],
)
def test_variables_hold_values_of_every_kind(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, section: str, key: str, value: object
) -> None:
    monkeypatch.setenv(name, text)
    assert getattr(getattr(load_settings(), section), key) == value


def test_a_secret_is_read_from_the_file_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("secret").write_text("postgresql+psycopg://vigie:hunter2@db/vigie\n")
    monkeypatch.setenv("VIGIE_DATABASE__URL_FILE", "secret")
    assert load_settings().database.address == "postgresql+psycopg://vigie:hunter2@db/vigie"


def test_a_setting_whose_own_name_ends_in_file_is_not_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    class Trusting(Section):
        ca_file: Path | None = None

    class Mailing(Settings):
        smtp: Trusting = Trusting()  # type: ignore[assignment]

    monkeypatch.setattr("monitor.settings.load.Settings", Mailing)
    monkeypatch.setenv("VIGIE_SMTP__CA_FILE", "nowhere.pem")
    assert Mailing().smtp.ca_file == Path("nowhere.pem")


# --- what is refused from the environment ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (
            "VIGIE_PACE__SPACIN",
            "20s",
            'VIGIE_PACE__SPACIN: is not a known name; did you mean "spacing"?',
        ),
        ("VIGIE_PAXE__SPACING", "20s", 'VIGIE_PAXE__SPACING: is not a known name; did you mean "pace"?'),
        (
            "VIGIE_SPACING",
            "20s",
            "VIGIE_SPACING: is not a setting; their names are VIGIE_<SECTION>__<KEY>.",
        ),
        (
            "VIGIE_PACE__SPACING",
            "soon",
            'VIGIE_PACE__SPACING: "soon" is not a duration; write it like "10s", "30m" or "24h".',
        ),
        (
            "VIGIE_METRICS__PORT",
            "web",
            'VIGIE_METRICS__PORT: "web" is not a whole number; write for example port = 9808.',
        ),
        (
            "VIGIE_BROWSER__SANDBOX",
            "perhaps",
            'VIGIE_BROWSER__SANDBOX: "perhaps" is not true or false; write for example sandbox = true.',
        ),
        (
            "VIGIE_DATABASE__URL_FILE",
            "nowhere",
            "VIGIE_DATABASE__URL_FILE: nowhere: cannot be read (No such file or directory); "
            "check its path and its rights.",
        ),
    ],
)
def test_a_wrong_variable_gives_its_one_sentence(
    monkeypatch: pytest.MonkeyPatch, refusal: Callable[[], str], name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)
    assert refusal() == expected


def test_a_value_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch, refusal: Callable[[], str]) -> None:
    Path("secret").write_text("sqlite:///b")
    monkeypatch.setenv("VIGIE_DATABASE__URL", "sqlite:///a")
    monkeypatch.setenv("VIGIE_DATABASE__URL_FILE", "secret")
    assert refusal() == "VIGIE_DATABASE__URL_FILE: is set both directly and by file; keep one of the two."


def test_the_file_is_named_when_the_file_is_wrong_and_the_variable_is_not(
    monkeypatch: pytest.MonkeyPatch, refusal: Callable[[], str]
) -> None:
    Path("vigie.toml").write_text("[pace]\npages_per_day = 0\n")
    monkeypatch.setenv("VIGIE_PACE__SPACING", "30s")
    assert refusal().startswith("vigie.toml: [pace] pages_per_day: ")


def test_a_secret_of_the_environment_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, refusal: Callable[[], str]
) -> None:
    monkeypatch.setenv("VIGIE_DATABASE__URL", "mysql://vigie:hunter2@db/vigie")
    assert "hunter2" not in refusal()


@pytest.mark.parametrize("table", ["database", "schedule"])
def test_a_value_in_the_place_of_a_table_is_not_repeated(refusal: Callable[[], str], table: str) -> None:
    Path("vigie.toml").write_text(f'{table} = "hunter2"\n')
    assert refusal() == f"vigie.toml: [{table}]: this value is not a table; begin a table of that name."


def test_names_are_in_lower_case(refusal: Callable[[], str]) -> None:
    Path("vigie.toml").write_text('[Pace]\nspacing = "20s"\n')
    assert refusal() == 'vigie.toml: [Pace]: is not a known name; did you mean "pace"?'


def test_settings_made_in_code_are_refused_with_a_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_METRICS__PORT", "web")
    with pytest.raises(BadInput, match=r"^VIGIE_METRICS__PORT: "):
        make_settings({"pace": PaceSettings()}, "the demo")


# --- what is derived ---------------------------------------------------------------------------------------


def test_settings_are_frozen() -> None:
    settings = load_settings()
    with pytest.raises(ValidationError):
        settings.pace.spacing = timedelta(0)
    with pytest.raises(ValidationError):
        settings.pace = settings.pace


def test_no_secret_shows_when_settings_are_printed() -> None:
    settings = given(
        database={"url": "postgresql://u:hunter2@h/d", "password": "hunter2"},
        schedule={"seed": "hunter2" * 5},
    )
    assert "hunter2" not in repr(settings) + str(settings) + settings.model_dump_json()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (
            "postgresql+psycopg://vigie@db:5432/vigie",
            "postgresql+psycopg://vigie:p%40ss%2Fword@db:5432/vigie",
        ),
        (
            "postgresql://vigie@db/vigie?sslmode=require",
            "postgresql://vigie:p%40ss%2Fword@db/vigie?sslmode=require",
        ),
    ],
)
def test_the_password_is_put_into_the_url(url: str, address: str) -> None:
    assert given(database={"url": url, "password": "p@ss/word"}).database.address == address


def test_the_user_agent_names_us_and_the_contact() -> None:
    settings = given(identity={"contact": "veille@association.example"})
    assert re.fullmatch(r"Vigie/[\w.]+ \(\+veille@association\.example\)", settings.user_agent())


def test_without_a_contact_no_real_site_is_visited() -> None:
    with pytest.raises(BadInput) as refused:
        Settings().user_agent()
    assert str(refused.value) == (
        "[identity] contact: is not set, and real sites are only visited by someone who can be reached; "
        'write an e-mail address or a URL, contact = "contact@association.example".'
    )


def test_without_a_contact_this_machine_may_be_visited() -> None:
    assert Settings().user_agent(local=True).endswith(" (+demo)")


@pytest.mark.parametrize(
    "contact", ["a@b.fr", "veille+rdv@asso.org", "https://asso.example/robot", "http://a.fr"]
)
def test_an_address_or_a_url_is_a_contact(contact: str) -> None:
    assert given(identity={"contact": contact}).identity.contact == contact


@pytest.mark.parametrize(
    "contact", ["a@b", "@b.fr", "a b@c.fr", "https://a.fr)x", "a@b.fr\n", "ftp://a.fr", "é@b.fr"]
)
def test_nothing_else_is_a_contact(contact: str) -> None:
    with pytest.raises(ValidationError):
        given(identity={"contact": contact})


def test_a_host_may_have_its_own_pace() -> None:
    pace = given(pace={"pages_per_day": 500, "hosts": {"www.ain.gouv.fr": {"spacing": "30s"}}}).pace
    assert pace.for_host("www.ain.gouv.fr") == (timedelta(seconds=30), 500)
    assert pace.for_host("www.aisne.gouv.fr") == (timedelta(seconds=10), 500)


def test_only_this_machine_may_be_visited_without_a_pause() -> None:
    pace = given(pace={"hosts": {"localhost": {"spacing": "0s"}}}).pace
    assert pace.for_host("vienne.localhost") == (timedelta(0), 600)
    assert pace.for_host("localhost.example.com") == (timedelta(seconds=10), 600)


# --- the seed ----------------------------------------------------------------------------------------------


def test_a_seed_is_made_once_and_kept() -> None:
    first = schedule_seed(load_settings())
    assert len(first) == 64
    assert schedule_seed(load_settings()) == first == Path("var/seed").read_bytes().strip()


def test_only_its_owner_reads_the_seed() -> None:
    before = os.umask(0)
    try:
        schedule_seed(load_settings())
    finally:
        os.umask(before)
    assert stat.S_IMODE(Path("var/seed").stat().st_mode) == 0o600


def test_two_processes_at_once_end_with_one_seed() -> None:
    with ThreadPoolExecutor(16) as pool:
        seeds = set(pool.map(lambda _: schedule_seed(Settings()), range(64)))
    assert len(seeds) == 1
    assert [path.name for path in Path("var").iterdir()] == ["seed"]


def test_two_installations_have_two_seeds() -> None:
    paths = ("one/seed", "two/seed")
    assert len({schedule_seed(given(schedule={"seed_path": path})) for path in paths}) == 2


def test_a_seed_of_the_settings_is_taken_and_nothing_written() -> None:
    assert schedule_seed(given(schedule={"seed": "s" * 32})) == b"s" * 32
    assert not Path("var").exists()


def test_a_seed_file_cut_short_is_refused_rather_than_replaced() -> None:
    Path("seed").write_text("ab")
    with pytest.raises(BadInput, match=r"^seed: holds no seed of 32 characters or more; restore it"):
        schedule_seed(given(schedule={"seed_path": "seed"}))
    assert Path("seed").read_text() == "ab"


# --- what is written about them ----------------------------------------------------------------------------


def test_the_page_of_settings_is_current() -> None:
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    assert page == document(), "run: python -m tools.settings_doc > docs/settings.md"


def test_every_setting_is_explained_and_named_in_the_page() -> None:
    page = document()
    for section, field in Settings.model_fields.items():
        assert f"## `[{section}]`" in page
        for key, setting in field.annotation.model_fields.items():  # type: ignore[union-attr]
            assert setting.description
            assert setting.description.endswith(".")
            assert f"| `{key}` | " in page


def test_the_example_is_accepted_and_its_comments_too() -> None:
    example = (ROOT / "vigie.example.toml").read_text(encoding="utf-8")
    Path("vigie.toml").write_text(example, encoding="utf-8")
    plain = load_settings()
    uncommented = re.sub(r"^# (\w+ = |\[pace\.hosts)", r"\1", example, flags=re.MULTILINE)
    Path("vigie.toml").write_text(uncommented, encoding="utf-8")
    full = load_settings()
    assert uncommented.count("\n# ") < example.count("\n# ") - 10
    assert plain == Settings()
    assert full.model_copy(update={"browser": plain.browser, "pace": plain.pace}) == plain


def test_a_host_may_have_its_own_budget_of_pages() -> None:
    pace = PaceSettings.model_validate({"hosts": {"www.ain.gouv.fr": {"pages_per_day": 50}}})
    assert pace.for_host("www.ain.gouv.fr") == (timedelta(seconds=10), 50)


def test_a_list_in_a_variable_may_have_blanks_and_a_comma_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_TARGETS__HOSTS_ALLOWED", "rdv.a.fr, rdv.b.fr,")
    assert load_settings().targets.hosts_allowed == ("rdv.a.fr", "rdv.b.fr")
