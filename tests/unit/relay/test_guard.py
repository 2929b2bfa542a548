"""What stands in a file for a moment while it is saved."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from anvcs.relay.guard import MOST, Guard


def test_each_whole_text_that_stood_there_is_told_in_order(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"old\n")
    guard = Guard(file, 30)
    for data in (b"one\n", b"two\n"):
        beside = tmp_path / "new"
        beside.write_bytes(data)
        beside.replace(file)
        deadline = time.monotonic() + 30
        while guard.newest != data:
            assert time.monotonic() < deadline
    file.unlink()
    file.write_bytes(b"")
    assert [seen.data for seen in guard.stop()] == [b"one\n", b"two\n"]


def test_of_many_texts_it_keeps_the_last(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"old\n")
    guard = Guard(file, 30)
    for number in range(MOST + 4):
        beside = tmp_path / "new"
        beside.write_bytes(f"{number}\n".encode())
        beside.replace(file)
        deadline = time.monotonic() + 30
        while guard.newest != f"{number}\n".encode():
            assert time.monotonic() < deadline
    assert [int(seen.data) for seen in guard.stop()] == [*range(4, MOST + 4)]


def test_what_is_written_before_its_thread_begins_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"old\n")
    start = threading.Thread.start

    def late(thread: threading.Thread) -> None:
        file.write_bytes(b"newer\n")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", late)
    guard = Guard(file, 30)
    deadline = time.monotonic() + 30
    while guard.newest is None:
        assert time.monotonic() < deadline
    assert [seen.data for seen in guard.stop()] == [b"newer\n"]


def test_it_ends_by_itself(tmp_path: Path) -> None:
    guard = Guard(tmp_path / "none.txt", 0.0)
    assert guard.stop() == []
