"""A folder to judge on another machine: pictures and texts without readings, and a CSV for verdicts."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from monitor.model import Verdict
from monitor.present.words import label
from monitor.problems import BadInput, Problem, read_text
from monitor.review.audit import Exhibit

COLUMNS = ["observation", "verdict"]
SIGNS = ",;\t"
"""What may stand between two cells: French spreadsheets write semicolons, and some save tabs."""


def write(folder: Path, exhibits: Sequence[Exhibit]) -> Path:
    """Write `index.html`, the pictures, and `verdicts.csv` to fill in. Returns the path of `index.html`.

    `folder` may exist already, but not with a sheet in it, which may be filled in: raises `BadInput`.
    """
    sheet = folder / "verdicts.csv"
    if sheet.exists():
        raise BadInput(Problem(str(sheet), "exists, and may hold verdicts; name another folder with --out"))
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {one.observation: _copied(one, folder) for one in exhibits}
    loader = PackageLoader("monitor.review")
    page = Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("sheet.html")
    words = [(verdict, label(verdict, "fr")) for verdict in Verdict]
    index = folder / "index.html"
    index.write_text(page.render(exhibits=exhibits, pictures=pictures, verdicts=words), encoding="utf-8")
    with sheet.open("w", encoding="utf-8", newline="") as file:
        rows: list[list[object]] = [[*COLUMNS], *([one.observation, ""] for one in exhibits)]
        csv.writer(file, lineterminator="\n").writerows(rows)
    return index


def read(path: Path) -> list[tuple[int, Verdict]]:
    """The verdicts of a filled-in CSV: (observation, verdict). Lines without a verdict are left out.

    Raises `BadInput` for wrong lines.
    """
    rows = _rows(path)
    given: list[tuple[int, Verdict]] = []
    problems: list[Problem] = []
    for line, (number, verdict) in enumerate(rows, 2):
        words = _wrong(number, verdict) if verdict else None
        if words:
            problems.append(Problem(f"{path}, line {line}", words))
        elif verdict:
            given.append((int(number), Verdict(verdict)))
    if problems:
        raise BadInput(*problems)
    return given


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    """Both cells of each line below the first, with whatever sign a spreadsheet has put between them."""
    text = read_text(path)
    first = text.partition("\n")[0]
    between = next((sign for sign in SIGNS if sign in first), SIGNS[0])
    try:
        lines = list(csv.reader(io.StringIO(text), delimiter=between))
    except csv.Error as error:
        raise BadInput(Problem(str(path), f"is no table ({error}); save it as CSV again")) from error
    head, *rows = [[cell.strip() for cell in line] for line in lines] or [[]]
    if [cell for cell in head if cell] != COLUMNS:
        kept = f'is not "{",".join(COLUMNS)}"; keep the first line as it was'
        raise BadInput(Problem(f"{path}, line 1", kept))
    return ((row[0], row[1]) for row in ([*row, "", ""] for row in rows))


def _wrong(number: str, verdict: str) -> str | None:
    if verdict not in list(Verdict):
        return f'"{verdict}" is no verdict; write one of {", ".join(Verdict)}'
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return f'"{number[:20]}" is no number of an observation; keep the first column as it was'
    return None


def _copied(one: Exhibit, folder: Path) -> str:
    """Copy the picture to `folder` under its observation's number, which does not show the reading."""
    kind = "png" if one.picture.read_bytes().startswith(b"\x89PNG") else "jpg"
    name = f"{one.observation}.{kind}"
    shutil.copyfile(one.picture, folder / name)
    return name
