"""What Grafana is given: data sources, folders, and a role that reads figures and nothing else."""

from __future__ import annotations

import re
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from monitor.store import Store
from tests.cast.dashboards import BOARDS, FOLDER, ROOT, VALUES, annotation_queries, queries, variables
from tests.cast.grafana_queries import expanded
from tests.grafana.weeks import SINCE, UNTIL

PROVISIONING = ROOT / "grafana" / "provisioning"


def test_the_data_sources_have_the_uids_that_the_dashboards_choose() -> None:
    text = (PROVISIONING / "datasources" / "vigie.yml").read_text(encoding="utf-8")
    uids = set(re.findall(r"uid: (\S+)", text))
    chosen = [
        v for board in BOARDS.values() for v in board["templating"]["list"] if v["type"] == "datasource"
    ]
    assert {variable["current"]["value"] for variable in chosen} == uids


def test_every_folder_of_dashboards_is_provisioned() -> None:
    text = (PROVISIONING / "dashboards" / "vigie.yml").read_text(encoding="utf-8")
    provided = set(re.findall(r"path: \$\{VIGIE_DASHBOARDS\}/(\S+)", text))
    assert provided == {path.name for path in FOLDER.iterdir() if path.is_dir()}


def test_every_variable_of_the_environment_is_documented() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in PROVISIONING.rglob("*.yml"))
    told = (ROOT / "grafana" / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{((?:GF_)?VIGIE_\w+)\}", text)) == set(
        re.findall(r"^\| `((?:GF_)?VIGIE_\w+)`", told, re.MULTILINE)
    )


COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")


def test_compose_gives_grafana_every_variable_of_its_provisioning() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in PROVISIONING.rglob("*.yml"))
    given = {name.removesuffix("__FILE") for name in re.findall(r"^      (\w+): ", COMPOSE, re.MULTILINE)}
    assert set(re.findall(r"\$\{((?:GF_)?VIGIE_\w+)\}", text)) <= given


def test_the_password_that_compose_gives_grafana_is_the_readers() -> None:
    assert "GF_VIGIE_POSTGRES_PASSWORD__FILE: /run/secrets/reader_password" in COMPOSE
    grafana = COMPOSE.partition("  grafana:\n")[2]
    assert "/run/secrets/postgres_password" not in grafana


@pytest.mark.postgresql
def test_the_script_of_compose_makes_the_role_and_sets_its_password(
    seeded: tuple[str, Store], tmp_path: Path
) -> None:
    """As the shell of the container gets it, but for the addresses."""
    script = textwrap.dedent(COMPOSE.partition("      - |\n")[2].partition("    secrets:")[0])
    server = urlsplit(seeded[0])
    for name in ("postgres_password", "reader_password"):
        (tmp_path / name).write_text("s'e c")
    here = f"--host={server.hostname} --port={server.port} --username=postgres"
    places = {
        "--host=postgres --username=vigie": here,
        "--dbname=vigie": f"--dbname={server.path[1:]}",
        "/run/secrets": str(tmp_path),
        "/reader.sql": str(ROOT / "grafana" / "reader.sql"),
        "$$": "$",
    }
    for there, instead in places.items():
        assert there in script
        script = script.replace(there, instead)
    subprocess.run(["sh", "-euc", script], check=True, capture_output=True)
    with psycopg.connect(seeded[0]) as conn:
        kept = conn.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'vigie_grafana'").fetchone()
    assert kept is not None
    assert str(kept[0]).startswith("SCRAM-SHA-256$")


@pytest.fixture(scope="module")
def reader(seeded: tuple[str, Store]) -> Iterator[psycopg.Connection]:
    """A connection as Grafana's role, which `reader.sql` makes."""
    with psycopg.connect(seeded[0], autocommit=True) as owner:
        for _ in range(2):
            owner.execute((ROOT / "grafana" / "reader.sql").read_text(encoding="utf-8"))
    url = seeded[0].replace("postgres@", "vigie_grafana@")
    with psycopg.connect(url, autocommit=True) as conn:
        yield conn


@pytest.mark.postgresql
def test_grafanas_role_can_run_every_query(reader: psycopg.Connection) -> None:
    texts = [text for _, _, text in (*queries("rawSql"), *annotation_queries(), *variables())]
    for text in texts:
        reader.execute(expanded(text, VALUES, SINCE, UNTIL))


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "forbidden",
    [
        "SELECT address FROM subscriptions",
        "SELECT recipient FROM outbox",
        "SELECT data FROM blobs",
        "DELETE FROM events",
        "UPDATE day_tallies SET n = 0",
        "CREATE TABLE mine (x int)",
    ],
)
def test_grafanas_role_reads_figures_and_nothing_else(reader: psycopg.Connection, forbidden: str) -> None:
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
        reader.execute(forbidden)
