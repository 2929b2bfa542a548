"""How the disk bridge reads files that others are writing."""

from __future__ import annotations

import os
from pathlib import Path

from anvcs.relay import fileio


def test_a_file_that_was_made_to_look_old_and_then_emptied_counts_as_being_written(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"text\n")
    seen = fileio.read(file)
    assert seen is not None
    assert fileio.age(file, seen.modified) is not None
    aged = fileio.read(file)
    assert aged is not None
    assert aged.modified < seen.modified
    with file.open("wb"):
        # As when an editor empties the file just when it is made to look old.
        os.utime(file, ns=(seen.modified, aged.modified))
        emptied = fileio.read(file)
    assert emptied is not None
    assert emptied.data == b""
    assert fileio.is_fresh(emptied)


def test_a_file_that_changed_since_it_was_read_is_not_made_to_look_old(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"text\n")
    assert fileio.age(file, 1) is None
    assert file.stat().st_mtime_ns > 10**18
