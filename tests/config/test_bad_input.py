"""Every broken file of `bad/` gives the one sentence written on its first line."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.problems import BadInput, Problem, nearest, quoted, read_text
from monitor.settings.load import load_settings
from monitor.targets.catalogue import read_catalogue
from tests.config.stand_ins import RULES

BAD = Path(__file__).parent / "bad"


def sentence(name: str) -> str:
    return (BAD / name).read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")


def files(kind: str) -> list[str]:
    return sorted(path.name for path in BAD.glob(f"{kind}-*.toml"))


@pytest.mark.parametrize("name", files("settings"))
def test_a_broken_settings_file_gives_its_one_sentence(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)
    with pytest.raises(BadInput) as refusal:
        load_settings(Path(name))
    assert str(refusal.value) == sentence(name)


@pytest.mark.parametrize("name", files("targets"))
def test_a_broken_catalogue_gives_its_one_sentence(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)
    with pytest.raises(BadInput) as refusal:
        read_catalogue(Path(name), RULES)
    assert str(refusal.value) == sentence(name)


def test_there_is_no_file_that_nothing_reads() -> None:
    assert len(files("settings")) + len(files("targets")) == len(list(BAD.iterdir())) > 80


@pytest.mark.parametrize("name", files("settings") + files("targets"))
def test_a_sentence_is_one_line_that_names_its_file_and_says_how_to_mend_it(name: str) -> None:
    text = sentence(name)
    assert text.startswith(name)
    assert ";" in text
    assert text[-1] in ".?)"


def test_no_secret_is_repeated() -> None:
    for name in files("settings") + files("targets"):
        assert "hunter2" not in sentence(name)
        assert "1234567890" not in sentence(name)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(BadInput, match=r"^nowhere\.toml: cannot be read \(No such file or directory\)"):
        read_text(Path("nowhere.toml"))


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes("préfecture".encode("latin-1"))
    with pytest.raises(BadInput, match=r"is not UTF-8 text \(byte 2\); save it as UTF-8\.$"):
        read_text(path)


@pytest.mark.parametrize(
    ("n", "ending"), [(1, "x: wrong."), (2, " (And 1 more problem.)"), (3, " (And 2 more problems.)")]
)
def test_the_first_problem_is_told_and_the_others_are_counted(n: int, ending: str) -> None:
    assert str(BadInput(*[Problem("x", "wrong")] * n)).endswith(ending)


def test_a_far_name_gets_the_list_of_names() -> None:
    assert nearest("zzz", {"b", "a"}) == "known here: a, b"


def test_a_value_is_shown_on_one_line() -> None:
    assert quoted("é\n\x1b[31m") == '"é\\n\\u001b[31m"'
