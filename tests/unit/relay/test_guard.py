"""What stands in a file for a moment while it is saved."""

from __future__ import annotations

import time
from pathlib import Path

from anvcs.relay.guard import Guard


def test_each_whole_text_that_stood_there_is_told_in_order(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"old\n")
    guard = Guard(file, 30)
    for count, data in enumerate((b"one\n", b"two\n"), 1):
        beside = tmp_path / "new"
        beside.write_bytes(data)
        beside.replace(file)
        deadline = time.monotonic() + 30
        while guard.count < count:
            assert time.monotonic() < deadline
    file.unlink()
    file.write_bytes(b"")
    assert [seen.data for seen in guard.stop()] == [b"one\n", b"two\n"]


def test_it_ends_by_itself(tmp_path: Path) -> None:
    guard = Guard(tmp_path / "none.txt", 0.0)
    assert guard.stop() == []
