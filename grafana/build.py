"""Writes the dashboards: `python -m grafana.build`.

With `--check` it writes nothing, prints which files are not current, and exits with 1 if there are any.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from grafana.operator import operator
from grafana.public import before_after, guichet, national, pairs, prefecture

FOLDER = Path(__file__).parent / "dashboards"
FOLDERS = {
    "vigie": (national, prefecture, guichet, pairs, before_after),
    "operateur": (operator,),
}


def files() -> dict[Path, str]:
    """The text of every dashboard, by the full path of its file."""
    made = {folder: [build() for build in builds] for folder, builds in FOLDERS.items()}
    return {
        FOLDER / folder / f"{data['uid']}.json": _text(data) for folder, all_ in made.items() for data in all_
    }


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def main(arguments: list[str]) -> int:
    """Write all dashboards or, with `--check`, compare them with the files; the exit code."""
    made = files()
    if arguments == ["--check"]:
        kept = {path: path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.json")}
        stale = [path for path in made.keys() | kept.keys() if made.get(path) != kept.get(path)]
        print("\n".join(f"{path.name} is not current: python -m grafana.build" for path in sorted(stale)))
        return 1 if stale else 0
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
