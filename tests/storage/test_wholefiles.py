"""Files stand under their name whole, durable and private, or not at all; what stood there before is kept."""

import errno
import stat

import pytest

from storage import DiskFailed, UnusableData, read_whole, remove_durably, write_whole


def write(path, *pieces):
    return list(write_whole(path, pieces))


def names(directory):
    return sorted(each.name for each in directory.iterdir())


def test_a_file_is_written_whole_and_private(tmp_path):
    path = tmp_path / "new" / "file"
    assert write(path, b"one", b"two") == [3, 6]
    assert path.read_bytes() == b"onetwo"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert names(path.parent) == ["file"]


def test_until_it_is_whole_nothing_stands_there(tmp_path):
    path = tmp_path / "file"
    steps = write_whole(path, [b"one", b"two"])
    next(steps)
    assert not path.exists()
    steps.close()
    assert names(tmp_path) == []


def test_what_stood_there_is_kept_beside_it(tmp_path):
    path = tmp_path / "file"
    for piece in (b"1", b"2", b"3"):
        write(path, piece)
    assert (path.read_bytes(), (tmp_path / "file.1").read_bytes(), (tmp_path / "file.2").read_bytes()) == (
        b"3",
        b"1",
        b"2",
    )


def test_a_writer_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "file"
    write(path, b"before")

    def pieces():
        yield b"half"
        raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        list(write_whole(path, pieces()))
    assert (path.read_bytes(), names(tmp_path)) == (b"before", ["file"])


@pytest.mark.parametrize("call", ["fsync", "link"])
def test_a_disk_that_fails_leaves_what_was_there(tmp_path, monkeypatch, call):
    path = tmp_path / "file"
    write(path, b"before")

    def fail(*_arguments, **_named):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(f"storage.wholefiles.os.{call}", fail)
    with pytest.raises(DiskFailed, match="no space"):
        write(path, b"after")
    assert (path.read_bytes(), names(tmp_path)) == (b"before", ["file"])


def test_a_link_in_the_way_is_not_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    (tmp_path / "file.partial").symlink_to(victim)
    with pytest.raises(UnusableData):
        write(tmp_path / "file", b"theirs")
    assert victim.read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["a\0b", "x" * 300])
def test_a_name_that_no_file_has_is_refused(tmp_path, name):
    with pytest.raises(UnusableData):
        write(tmp_path / name, b"")
    with pytest.raises(UnusableData):
        read_whole(tmp_path / name, 10)


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    write(tmp_path / "file", b"12345")
    assert read_whole(tmp_path / "file", 5) == b"12345"
    with pytest.raises(UnusableData, match="larger than 4 bytes"):
        read_whole(tmp_path / "file", 4)


def test_removing_what_is_not_there_is_fine(tmp_path):
    write(tmp_path / "file", b"1")
    remove_durably(tmp_path / "file")
    remove_durably(tmp_path / "file")
    assert names(tmp_path) == []
