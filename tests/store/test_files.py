"""Files written whole or not at all, by every place that writes one."""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from monitor.files import NoFile, made_whole, write_once, write_whole
from probes.failures import Mendable

Write = Callable[[Path, bytes], None]
either = pytest.mark.parametrize("write", [write_whole, write_once])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of a folder that is not there yet."""
    return tmp_path / "deep" / "file"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the disk, in order: a `file` or a `folder` forced to it, a name given."""
    asked: list[str] = []
    fsync, replace, link = os.fsync, Path.replace, os.link

    def noted_fsync(handle: int) -> None:
        asked.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        fsync(handle)

    def noted_replace(draft: Path, path: Path) -> Path:
        asked.append("name")
        return replace(draft, path)

    def noted_link(draft: Path, path: Path) -> None:
        asked.append("name")
        link(draft, path)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    monkeypatch.setattr(os, "link", noted_link)
    return asked


@either
def test_it_holds_what_was_given_and_makes_the_folder(path: Path, write: Write) -> None:
    write(path, b"one")
    assert path.read_bytes() == b"one"
    assert list(path.parent.iterdir()) == [path]


@either
def test_the_content_is_on_disk_before_its_name_and_the_name_on_return(
    path: Path, write: Write, done: list[str]
) -> None:
    write(path, b"one")
    assert done == ["file", "name", "folder"]


@either
def test_a_full_disk_leaves_no_piece(path: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(OSError, match="No space left"):
        write(path, b"one")
    assert list(path.parent.iterdir()) == []


def test_a_file_is_replaced(path: Path) -> None:
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"


def test_a_full_disk_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(path, b"one")
    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"two")
    assert (path.read_bytes(), list(path.parent.iterdir())) == (b"one", [path])


def test_it_is_as_private_as_asked(path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_whole(path, b"one")
        open_to_all = mode(path)
        write_whole(path, b"one", private=True)
        assert (open_to_all, mode(path)) == (0o644, 0o600)
    finally:
        os.umask(before)


def make_whole(path: Path, content: bytes) -> None:
    with made_whole(path) as made:
        made.write_bytes(content)


replacing = pytest.mark.parametrize("write", [write_whole, make_whole])


@replacing
def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path, write: Write) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"one")
    for asked in (0o600, 0o640, 0o664, 0o755):
        path.chmod(asked)
        write(path, b"two")
        assert (mode(path), path.read_bytes()) == (asked, b"two")


@replacing
@pytest.mark.parametrize("held", [b"one", None], ids=["a file", "nothing yet"])
def test_a_link_is_followed_and_stays(tmp_path: Path, write: Write, held: bytes | None) -> None:
    target, link, again = (tmp_path / name for name in ("there/file", "link", "again"))
    target.parent.mkdir()
    if held is not None:
        target.write_bytes(held)
    link.symlink_to("there/file")
    again.symlink_to(link)
    write(again, b"two")
    assert (target.read_bytes(), target.is_symlink()) == (b"two", False)
    assert (link.readlink(), again.readlink()) == (Path("there/file"), link)
    assert list(target.parent.iterdir()) == [target]


@replacing
@pytest.mark.parametrize("through_a_link", [False, True])
@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_what_is_no_file_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Write, kind: str, through_a_link: bool
) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket may not be long
    path = Path(kind)
    with socket.socket(socket.AF_UNIX) as listening:
        os.mkfifo(path) if kind == "pipe" else listening.bind(kind)
        Path("link").symlink_to(path)
        before = path.stat()
        with pytest.raises(
            NoFile, match=r"it is a device, a pipe or a socket, and no file; name a file\."
        ) as told:
            write(Path("link") if through_a_link else path, b"two")
        assert isinstance(told.value, Mendable)
        assert (path.stat(), sorted(tmp_path.iterdir())) == (
            before,
            sorted([tmp_path / "link", tmp_path / kind]),
        )


@replacing
def test_links_in_a_circle_are_an_error(tmp_path: Path, write: Write) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        write(tmp_path / "a", b"two")
    assert (tmp_path / "a").is_symlink()


def test_once_leaves_what_is_no_file_and_follows_no_link(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("nothing")
    for name in ("pipe", "link"):
        with pytest.raises(FileExistsError):
            write_once(tmp_path / name, b"secret")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert not (tmp_path / "nothing").exists()


def test_writers_of_one_file_do_not_mix(path: Path) -> None:
    contents = [bytes([n]) * 100_000 for n in range(16)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda content: write_whole(path, content), contents))
    assert path.read_bytes() in contents
    assert list(path.parent.iterdir()) == [path]


def test_once_is_private_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        write_once(path, b"secret")
        assert mode(path) == 0o600
    finally:
        os.umask(before)


def test_once_never_replaces(path: Path) -> None:
    write_once(path, b"one")
    with pytest.raises(FileExistsError):
        write_once(path, b"two")
    assert (path.read_bytes(), list(path.parent.iterdir())) == (b"one", [path])


def test_once_also_forces_the_name_another_process_gave(path: Path, done: list[str]) -> None:
    write_once(path, b"one")
    done.clear()
    with pytest.raises(FileExistsError):
        write_once(path, b"two")
    assert done[-1] == "folder"


def test_once_in_a_race_has_one_winner(path: Path) -> None:
    def attempt(n: int) -> bool:
        try:
            write_once(path, b"%d" % n)
        except FileExistsError:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(attempt, range(64)))
    assert sum(won) == 1
    assert path.read_bytes() == b"%d" % won.index(True)
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_is_there_when_all_of_it_is(tmp_path: Path) -> None:
    path = tmp_path / "bundle"
    with made_whole(path) as made:
        made.mkdir()
        (made / "piece").write_bytes(b"one")
        assert not path.exists()
    assert (path / "piece").read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupted_one_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with made_whole(tmp_path / "list.csv") as made:
            made.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_synced_is_no_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on shared folders and FUSE: the file has its name all the same."""
    fsync = os.fsync

    def only_files(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", only_files)
    write_once(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP])
def test_without_hard_links_a_file_is_written_once_all_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", no_links)
    write_once(path, b"one")
    with pytest.raises(FileExistsError):
        write_once(path, b"two")
    assert (path.read_bytes(), mode(path)) == (b"one", 0o600)
