"""Evidence is found by what it depends on, and a broken file of it costs a run and nothing else."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from anvcs.guards import cache
from anvcs.guards.cache import EvidenceFiles, key
from anvcs.guards.model import Evidence, Guard

GUARD = Guard("tests", ("pytest", "-q"))
TREE = "a" * 40


def evidence(name: str) -> Evidence:
    return Evidence("tests", TREE, "passed", ("pytest",), 0, 1.5, "fine\n", key=name, flaky=True, notes=("One.",))


def test_a_key_depends_on_tree_command_surroundings_and_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    known = key(TREE, GUARD, "s")
    assert key(TREE, replace(GUARD, name="other", seconds=1.0, required=False), "s") == known
    others = {
        key("b" * 40, GUARD, "s"),
        key(TREE, replace(GUARD, command=("pytest", "-q", "-x")), "s"),
        key(TREE, replace(GUARD, command=("pytest -q",)), "s"),
        key(TREE, GUARD, "t"),
    }
    monkeypatch.setattr(cache, "ENGINE", "another")
    others.add(key(TREE, GUARD, "s"))
    assert len(others - {known}) == 5


def test_evidence_is_as_it_was_put(tmp_path: Path) -> None:
    files = EvidenceFiles(tmp_path / "evidence")
    assert files.get("k") is None
    files.put(evidence("k"))
    assert files.get("k") == evidence("k")
    files.put(replace(evidence("k"), outcome="failed"))
    assert EvidenceFiles(tmp_path / "evidence").get("k") == replace(evidence("k"), outcome="failed")
    assert stat.S_IMODE((tmp_path / "evidence").stat().st_mode) == 0o700


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b'{"guard": 1}', b"\xff\xff"])
def test_a_broken_file_is_no_evidence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "k.json").write_bytes(data)
    assert EvidenceFiles(tmp_path).get("k") is None


def test_evidence_under_another_key_is_none(tmp_path: Path) -> None:
    files = EvidenceFiles(tmp_path)
    files.put(evidence("k"))
    (tmp_path / "k.json").rename(tmp_path / "l.json")
    assert files.get("l") is None


def test_a_full_disk_only_means_that_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self), len(data))

    files = EvidenceFiles(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        files.put(evidence("k"))
    assert files.get("k") is None
    assert list(tmp_path.iterdir()) == []


def test_the_oldest_goes_when_there_is_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_MOST", 8)
    files = EvidenceFiles(tmp_path)
    for number in range(9):
        files.put(evidence(f"{number}"))
        os.utime(tmp_path / f"{number}.json", (number, number))
    files.put(evidence("new"))
    kept = {each.stem for each in tmp_path.iterdir()}
    assert "new" in kept
    assert kept == {"new", *(str(number) for number in range(10 - len(kept), 9))}
    assert len(kept) <= 8
