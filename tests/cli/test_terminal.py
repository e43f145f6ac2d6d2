"""What is printed is what people and pages wrote, marks and all."""

from __future__ import annotations

import pytest
from rich.progress import Progress, TextColumn
from rich.table import Table

from monitor.present.terminal import terminal

MARKS = "[/b] [policy] [bold]x[/] :warning: [link=file:///]"


def test_marks_of_style_stay_words(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("h [/b]", title=MARKS, box=None)
    table.add_row(MARKS)
    console = terminal()
    console.width = 200
    console.print(MARKS)
    console.print(table)
    console.print(MARKS, style="bold")
    said = capsys.readouterr().out
    assert (said.count(MARKS), "h [/b]" in said) == (4, True)


def test_a_progress_bar_may_name_anything(capsys: pytest.CaptureFixture[str]) -> None:
    console = terminal()
    console.width = 200
    with Progress(TextColumn("{task.description}", markup=False), console=console) as progress:
        progress.add_task(MARKS)
    assert MARKS in capsys.readouterr().out
