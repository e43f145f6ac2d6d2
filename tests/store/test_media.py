"""Pictures on disk: whole or not there at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.store import Damaged, MediaError, Store
from monitor.store.captures.media import Media
from tests.cast.observations import capture, observation
from tests.cast.transactions import read_row

PICTURE = b"\xff\xd8" + bytes(range(256))


@pytest.fixture
def media(tmp_path: Path) -> Media:
    """An empty folder of pictures, not yet made."""
    return Media(tmp_path / "deep" / "media")


def files(media: Media) -> list[Path]:
    return [path for path in media.folder.rglob("*") if path.is_file()]


def no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_picture_comes_back(media: Media) -> None:
    assert media.load(media.keep(PICTURE)) == PICTURE


def test_a_picture_is_named_by_its_sha256(media: Media) -> None:
    assert media.path("ab" + "cd" * 31) == media.folder / "ab" / ("cd" * 31)


def test_only_its_owner_may_look_at_a_picture(media: Media) -> None:
    assert media.path(media.keep(PICTURE)).stat().st_mode & 0o777 == 0o600


def test_the_same_picture_is_kept_once(media: Media) -> None:
    first = media.path(media.keep(PICTURE)).stat().st_ino
    assert media.path(media.keep(PICTURE)).stat().st_ino == first
    assert len(files(media)) == 1


def test_a_picture_that_is_not_there_is_none(media: Media) -> None:
    assert media.load("ab" * 32) is None


@pytest.mark.parametrize("stage", ["fsync", "write"])
def test_a_full_disk_leaves_nothing_half_written(
    media: Media, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    if stage == "fsync":
        monkeypatch.setattr(os, "fsync", no_room)
    else:
        monkeypatch.setattr(os, "fdopen", lambda handle, mode: FullDisk(handle))
    with pytest.raises(MediaError, match=r"could not be kept .*No space left on device.*make room"):
        media.keep(PICTURE)
    assert files(media) == []


class FullDisk:
    """A file on which only half of what is written fits."""

    def __init__(self, handle: int) -> None:
        self.handle = handle

    def __enter__(self) -> FullDisk:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.handle)

    def write(self, content: bytes) -> None:
        os.write(self.handle, content[: len(content) // 2])
        no_room()


def test_an_interrupted_write_leaves_nothing(media: Media, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        media.keep(PICTURE)
    assert files(media) == []


def test_a_picture_is_synced_before_it_gets_its_name(media: Media, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    noted(monkeypatch, os, "fsync", done)
    noted(monkeypatch, Path, "replace", done)
    media.keep(PICTURE)
    assert done == ["fsync", "replace", "fsync"]


def noted(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, done: list[str]) -> None:
    real: Callable[..., object] = getattr(owner, name)

    def note(*args: object) -> object:
        done.append(name)
        return real(*args)

    monkeypatch.setattr(owner, name, note)


def test_an_observation_whose_picture_does_not_fit_is_not_recorded(
    known: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(MediaError):
        known.append_observation(observation(capture=capture(screenshot=PICTURE)))
    assert list(known.entries()) == []
    number = known.append_observation(observation(capture=capture()))
    assert read_row(known, number).screenshot_sha256 is None


def test_a_picture_is_kept_before_its_row(known: Store) -> None:
    kept: list[bool] = []

    def look(*_: object) -> None:
        kept.append(len(files(known.media)) == 1)

    known.append_observation(observation(capture=capture(screenshot=PICTURE)), within=[look])
    assert kept == [True]


def test_a_picture_that_was_changed_is_damage(media: Media) -> None:
    sha256 = media.keep(b"picture")
    media.path(sha256).write_bytes(b"another")
    with pytest.raises(Damaged, match=sha256[2:]):
        media.load(sha256)
