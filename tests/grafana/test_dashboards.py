"""The dashboards as files: current, valid for Grafana's own types, complete, and readable without colour."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator

from probes.model import Outcome
from tests.cast.dashboards import BOARDS, PUBLIC, ROOT, named, panel, panels

SCHEMA = ROOT / "tests" / "grafana" / "schema"
TYPES = {"stat", "table", "text", "timeseries", "barchart", "statetimeline", "statushistory", "geomap"}
FILES = {"statetimeline": "state-timeline", "statushistory": "status-history"}
KNOWN = {FILES.get(name, name) for name in TYPES}
PERCENT = "percentunit"


def validator(name: str) -> Draft7Validator:
    return Draft7Validator(json.loads((SCHEMA / f"{name}.json").read_text(encoding="utf-8")))


def errors(name: str, value: object) -> list[str]:
    found = validator(name).iter_errors(value)
    told = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in found]
    return [error for error in told if not re.match(HARMLESS.get(name, "(?!)"), error)]


HARMLESS = {
    # the SDK writes these two of every variable, and the SQL of an annotation stands in its target
    "dashboard": r"annotations/list/\d+/target: |templating/list/\d+: .*'auto'",
    # the panel has both settings; the published types leave them out
    "statetimeline.FieldConfig": r": .*'insertNulls', 'spanNulls' were unexpected",
    # of Grafana 12 and older, and with a default in 13
    "table.Options": r": .*'footer' was unexpected",
    "table.FieldConfig": r": 'cellOptions' is a required property",
}


@pytest.mark.slow
def test_the_committed_files_are_what_the_code_makes() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "grafana.build", "--check"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


def test_there_are_the_six_dashboards_of_the_field() -> None:
    assert set(BOARDS) == {
        "vigie-national", "vigie-prefecture", "vigie-guichet",
        "vigie-portes", "vigie-avant-apres", "vigie-operateur",
    }  # fmt: skip


@pytest.mark.parametrize("uid", BOARDS)
def test_every_dashboard_keeps_grafanas_own_schema(uid: str) -> None:
    assert errors("dashboard", BOARDS[uid]) == []


@pytest.mark.parametrize(("uid", "number"), named())
def test_every_panel_keeps_the_schema_of_its_type(uid: str, number: int) -> None:
    made = panel(uid, number)
    assert made["type"] in KNOWN
    name = {v: k for k, v in FILES.items()}.get(made["type"], made["type"])
    if (SCHEMA / f"{name}.Options.json").exists():
        assert errors(f"{name}.Options", made.get("options", {})) == []
    if (SCHEMA / f"{name}.FieldConfig.json").exists():
        custom = made.get("fieldConfig", {}).get("defaults", {}).get("custom", {})
        assert errors(f"{name}.FieldConfig", custom) == []


def test_the_schema_is_no_paper_tiger() -> None:
    broken = json.loads(json.dumps(BOARDS["vigie-guichet"]))
    broken["panels"][0]["gridPos"]["w"] = "wide"
    broken["bogus"] = True
    told = " ".join(errors("dashboard", broken))
    assert "bogus" in told
    assert errors("stat.Options", {"colorMode": "sepia"})


@pytest.mark.parametrize(("uid", "number"), named())
def test_every_panel_has_a_title_and_a_description_and_a_word_for_no_data(uid: str, number: int) -> None:
    made = panel(uid, number)
    assert len(made["title"]) > 5
    assert len(made["description"]) > 10
    if made["type"] != "text":
        assert made["fieldConfig"]["defaults"]["noValue"] in ("aucune donnée", "données insuffisantes")


@pytest.mark.parametrize("uid", BOARDS)
def test_panels_are_numbered_and_no_two_lie_on_each_other(uid: str) -> None:
    every = BOARDS[uid]["panels"]
    assert [p["id"] for p in every] == list(range(1, len(every) + 1))
    taken: set[tuple[int, int]] = set()
    for made in every:
        g = made["gridPos"]
        cells = {(x, y) for x in range(g["x"], g["x"] + g["w"]) for y in range(g["y"], g["y"] + g["h"])}
        assert not cells & taken, made["title"]
        assert g["x"] + g["w"] <= 24
        taken |= cells


def units(made: dict[str, Any]) -> Iterator[str]:
    config = made.get("fieldConfig", {})
    yield config.get("defaults", {}).get("unit", "")
    for override in config.get("overrides", ()):
        yield from (p["value"] for p in override["properties"] if p["id"] == "unit")


@pytest.mark.parametrize(("uid", "number"), named())
def test_a_panel_of_numbers_has_a_unit(uid: str, number: int) -> None:
    made = panel(uid, number)
    if made["type"] in ("timeseries", "barchart", "stat", "geomap"):
        assert any(units(made))


@pytest.mark.parametrize(("uid", "number"), named())
def test_n_and_coverage_stand_beside_every_percentage(uid: str, number: int) -> None:
    """In the panel's own query, or in a panel that its description names."""
    made = panel(uid, number)
    if PERCENT not in units(made):
        return
    text = " ".join(t.get("rawSql", t.get("expr", "")) for t in made["targets"])
    own = '"n"' in text and '"couverture"' in text
    beside = re.search(r"\bn\b", made["description"])
    assert own or beside or "conclusive:7d" in text


def test_the_first_panel_says_what_the_figures_stand_on() -> None:
    for uid in PUBLIC:
        assert panels(uid)[0]["title"] == "Ce que disent les sondes, et sur quoi elles reposent"
    assert "couverture" in panels("vigie-operateur")[1]["title"].lower()


STATES = {*Outcome, "not_executed"}


def mappings(made: dict[str, Any]) -> dict[str, dict[str, str]]:
    found = list(made.get("fieldConfig", {}).get("defaults", {}).get("mappings", ()))
    for override in made.get("fieldConfig", {}).get("overrides", ()):
        found += [m for p in override["properties"] if p["id"] == "mappings" for m in p["value"]]
    return {value: told for m in found if m["type"] == "value" for value, told in m["options"].items()}


@pytest.mark.parametrize(
    ("uid", "number"), [(u, n) for u, n in named() if mappings(panel(u, n)).get("no_slots")]
)
def test_states_differ_by_their_words_as_well_as_by_their_colour(uid: str, number: int) -> None:
    told = {state: words for state, words in mappings(panel(uid, number)).items() if state in STATES}
    assert told.keys() == STATES
    for what in ("text", "color"):
        assert len({words[what] for words in told.values()}) == len(told)


def test_colours_of_states_that_must_not_be_confused_differ_in_grey() -> None:
    told = mappings(next(p for p in panels("vigie-guichet") if p["type"] == "state-timeline"))
    shades = {state: grey(told[state]["color"]) for state in ("slots_offered", "blocked", "not_executed")}
    assert max(shades.values()) - min(shades.values()) > 0.5
    assert abs(shades["slots_offered"] - shades["blocked"]) > 0.2


def grey(colour: str) -> float:
    r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_a_hole_is_never_drawn_as_the_state_before_it() -> None:
    timelines = [p for uid in BOARDS for p in panels(uid) if p["type"] == "state-timeline"]
    assert timelines
    for made in timelines:
        custom = made["fieldConfig"]["defaults"]["custom"]
        assert (custom["insertNulls"], custom["spanNulls"]) == (3 * 3600 * 1000, False)


CHARTS = {"barchart", "state-timeline", "timeseries"}


@pytest.mark.parametrize(("uid", "number"), [(u, n) for u, n in named() if panel(u, n)["type"] in CHARTS])
def test_a_chart_says_which_of_its_parts_is_which(uid: str, number: int) -> None:
    options = panel(uid, number)["options"]
    assert options["legend"]["showLegend"]
    assert options["tooltip"]["mode"] == "multi"


def test_the_map_tells_its_numbers_and_whose_map_it_is() -> None:
    options = next(p for p in panels("vigie-national") if p["type"] == "geomap")["options"]
    assert options["tooltip"]["mode"] == "details"
    assert options["controls"]["showAttribution"]


def test_what_a_table_hides_is_hidden_by_every_grafana() -> None:
    hidden = [
        {p["id"] for p in override["properties"]}
        for uid, number in named()
        for override in panel(uid, number).get("fieldConfig", {}).get("overrides", ())
        if any(p["id"] == "custom.hidden" for p in override["properties"])
    ]
    assert hidden
    assert all("custom.hideFrom.viz" in properties for properties in hidden)


@pytest.mark.parametrize("uid", BOARDS)
def test_queries_whose_rows_are_merged_share_their_labels(uid: str) -> None:
    """The name of a rule would be a column like the others, and no two rows would be one."""
    for made in panels(uid):
        if any(t["id"] == "merge" for t in made.get("transformations", ())):
            assert all(re.match(r"\w+ by \(target\) \(", t["expr"]) for t in made["targets"])


def links(made: dict[str, Any]) -> list[str]:
    return [link["url"] for link in made.get("fieldConfig", {}).get("defaults", {}).get("links", ())]


def test_links_lead_from_the_panel_to_the_rows_and_from_a_row_to_its_capture() -> None:
    for uid in ("vigie-national", "vigie-prefecture"):
        assert any("/d/vigie-guichet?var-target=" in url for p in panels(uid) for url in links(p))
    assert any("/capture" in url for p in panels("vigie-guichet") for url in links(p))
    for uid, data in BOARDS.items():
        assert {link["url"] for link in data["links"]} == {f"/d/{other}" for other in BOARDS if other != uid}


def test_data_sources_are_chosen_and_never_fixed() -> None:
    for data in BOARDS.values():
        kinds = {v["name"]: v["query"] for v in data["templating"]["list"] if v["type"] == "datasource"}
        assert kinds == {"postgresql": "grafana-postgresql-datasource", "prometheus": "prometheus"}
        uids = set(re.findall(r'"uid": "(\$?[^"]*)"', json.dumps(data["panels"])))
        assert uids <= {"${postgresql}", "${prometheus}"}


@pytest.mark.parametrize("uid", PUBLIC)
def test_what_may_be_public_has_its_embargo_and_keeps_simulated_rows_apart(uid: str) -> None:
    chosen = {v["name"]: v.get("current", {}).get("value") for v in BOARDS[uid]["templating"]["list"]}
    assert chosen["embargo"] == "24 hours"
    assert chosen["nature"] == "false"
    assert not any("expr" in t for p in panels(uid) for t in p.get("targets", ())), (
        "Prometheus has no embargo"
    )
