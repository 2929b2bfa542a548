"""The editor's own log of what is not acknowledged yet."""

from __future__ import annotations

import fcntl
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from anvcs.rooms.pending import PendingLog, Unsent, living, orphans

ONE = Unsent("r1", "human:ada", 7, b"first")
TWO = Unsent("r1", "human:ada", 7, b"second", "reported")


def left_behind(path: Path, *entries: Unsent) -> Path:
    log = PendingLog(path)
    for entry in entries:
        log.append(entry)
    log.close(keep=True)
    return path


def test_a_log_left_behind_gives_back_what_was_in_it(tmp_path: Path) -> None:
    left_behind(tmp_path / "a.pending", ONE, TWO)
    (orphan,) = orphans(tmp_path)
    assert orphan.entries() == [ONE, TWO]
    orphan.done()
    assert orphans(tmp_path) == []


def test_a_log_in_use_is_nobodys_orphan(tmp_path: Path) -> None:
    log = PendingLog(tmp_path / "a.pending")
    log.append(ONE)
    assert orphans(tmp_path) == []
    log.close(keep=True)
    (orphan,) = orphans(tmp_path)
    assert orphans(tmp_path) == []
    orphan.release()
    (again,) = orphans(tmp_path)
    again.done()


def test_what_is_acknowledged_leaves_nothing(tmp_path: Path) -> None:
    log = PendingLog(tmp_path / "a.pending")
    log.append(ONE)
    log.clear()
    log.append(TWO)
    log.close(keep=True)
    (orphan,) = orphans(tmp_path)
    assert orphan.entries() == [TWO]
    orphan.done()
    log = PendingLog(tmp_path / "b.pending")
    log.append(ONE)
    log.close()
    assert list(tmp_path.iterdir()) == []


def test_a_torn_or_damaged_entry_ends_the_log(tmp_path: Path) -> None:
    path = left_behind(tmp_path / "a.pending", ONE, TWO)
    whole = path.read_bytes()
    for damaged, kept in ((whole[:-1], [ONE]), (whole[:-1] + b"\0", [ONE]), (b"\xff" + whole[1:], [])):
        path.write_bytes(damaged)
        (orphan,) = orphans(tmp_path)
        assert orphan.entries() == kept
        orphan.release()


def test_a_folder_that_is_not_there_has_no_orphans(tmp_path: Path) -> None:
    assert orphans(tmp_path / "nowhere") == []


def test_whose_log_is_open_lives(tmp_path: Path) -> None:
    left_behind(tmp_path / "room-1.pending", ONE)
    log, other = PendingLog(tmp_path / "room-2.pending"), PendingLog(tmp_path / "another-3.pending")
    assert living(tmp_path, "room") == {2}
    log.close(keep=True)
    other.close()
    assert living(tmp_path, "room") == set()


def test_a_log_that_somebody_just_looked_into_is_there_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.pending"
    looking = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(looking, fcntl.LOCK_EX)
    with ThreadPoolExecutor() as thread:
        coming = thread.submit(PendingLog, path)
        path.unlink()
        os.close(looking)
        log = coming.result(30)
    log.append(ONE)
    log.close(keep=True)
    (orphan,) = orphans(tmp_path)
    assert orphan.entries() == [ONE]
    orphan.done()
